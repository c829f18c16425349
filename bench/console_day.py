"""A day's traffic through an open console: what it keeps in memory after 1,000,000 deliveries.

Events are accepted a block at a time, each once the one before has been delivered, to nginx, by the sender in
the console's process; its Deliveries view is open and follows. Memory at the end against that after the first
50,000.
"""

import argparse
import time

from _common import AttemptCounter, Verdicts, emit, hookconsole, nginx, temporary_home, write_config
from _terminal import Terminal

TARGET = 1.2
ENDPOINTS = 20
BLOCK = 50_000
BLOCK_SECONDS = 600.0


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="deliveries")
    args = parser.parse_args()
    verdicts = Verdicts()
    sizes: list[int] = []
    with nginx() as port, temporary_home() as home:
        urls = {f"e{number}": f"http://127.0.0.1:{port}/e{number}" for number in range(ENDPOINTS)}
        write_config(home, urls)
        attempts = AttemptCounter(home.journal)
        with Terminal(hookconsole(home)) as console:
            console.until(b"this console sends")
            console.press("3")
            console.until(b"following")
            for block in range(1, args.count // BLOCK + 1):
                began, cpu = time.monotonic(), console.cpu_seconds()
                emit(home, BLOCK // ENDPOINTS)
                while attempts.read() < block * BLOCK:
                    console.read(0.2)
                    if time.monotonic() - began > BLOCK_SECONDS:
                        raise RuntimeError(f"{attempts.count} of {block * BLOCK} attempts")
                seconds, cpu = time.monotonic() - began, console.cpu_seconds() - cpu
                console.read(2.0)
                sizes.append(console.memory())
                print(
                    f"  {block * BLOCK:,}: {sizes[-1] / 1e6:.1f} MB; {BLOCK / seconds:,.0f} a second,"
                    f" {cpu / BLOCK * 1e6:.0f} us of processor each",
                    flush=True,
                )
    verdicts.at_most(
        f"memory after {args.count:,}, to after the first {BLOCK:,}", sizes[-1] / sizes[0], TARGET
    )
    verdicts.exit()


if __name__ == "__main__":
    main()
