"""A day's traffic through an open console: what it keeps in memory after 1,000,000 deliveries.

Events are accepted as fast as the sender in the console's process delivers them, to nginx, so that it always
has some; the Deliveries view is open and follows. Each event is for two of twenty endpoints. Memory in the
end is told against that after the first 50,000.
"""

import argparse
import time

from _common import AttemptCounter, Verdicts, emit, hookconsole, nginx, temporary_home, write_config
from _terminal import Terminal

from hookconsole.events.catalogue import BUILT_IN

TARGET = 1.2
TYPES = sorted(BUILT_IN)[:10]
ENDPOINTS = {f"e{number}": TYPES[number % len(TYPES)] for number in range(2 * len(TYPES))}
EVENTS_AT_ONCE = 500
WAITING = 5000
"""So few deliveries wait when more events are accepted."""

BLOCK = 50_000
BLOCK_SECONDS = 600.0


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="deliveries")
    args = parser.parse_args()
    verdicts = Verdicts()
    sizes: list[int] = []
    emitted = 0
    with nginx() as port, temporary_home() as home:
        write_config(home, {name: f"http://127.0.0.1:{port}/{name}" for name in ENDPOINTS}, types=ENDPOINTS)
        attempts = AttemptCounter(home.journal)
        with Terminal(hookconsole(home)) as console:
            console.until(b"this console sends")
            console.press("3")
            console.until(b"following")
            for block in range(1, args.count // BLOCK + 1):
                began, cpu = time.monotonic(), console.cpu_seconds()
                while attempts.read() < block * BLOCK:
                    if emitted < block * BLOCK and emitted - attempts.count < WAITING:
                        emit(home, EVENTS_AT_ONCE, TYPES[emitted // EVENTS_AT_ONCE % len(TYPES)])
                        emitted += 2 * EVENTS_AT_ONCE
                    console.read(0.02)
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
