"""How long a key waits for its answer while the sender delivers at full rate in the console's process.

The Deliveries view on a pty, a `j` or a `k` at a time, until the first bytes with the cursor on its new row:
while nothing is sent, and while a backlog is, in turns in one console, to nginx.

Other programs on the machine stretch the waits of a process that is busy far more than those of one that
sleeps. Judged is therefore what such a wait takes of the whole process's processor time, the sender's share
included: about what it would last with a core to itself. Its ratio by the clock is told beside it.
"""

import argparse
import time
from collections.abc import Sequence
from functools import partial
from statistics import median

from _common import (
    AttemptCounter,
    Verdicts,
    emit,
    hookconsole,
    nginx,
    share,
    spread,
    temporary_home,
    write_config,
)
from _terminal import Terminal, key_waits

TARGET = 3.0
ENDPOINTS = 8
DRAIN_SECONDS = 600.0


def told(what: str, seconds: Sequence[float]) -> str:
    """Median and p99, as text."""
    return f"{what} p50 {share(seconds, 0.5) * 1000:.0f} ms, p99 {share(seconds, 0.99) * 1000:.0f} ms"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=150, help="pressed in each turn")
    parser.add_argument("--backlog", type=int, default=200_000, help="deliveries of a busy turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each kind")
    args = parser.parse_args()
    verdicts = Verdicts()
    by_clock, by_cpu, total = [], [], 1000
    with nginx() as port, temporary_home() as home:
        urls = {f"e{number}": f"http://127.0.0.1:{port}/e{number}" for number in range(ENDPOINTS)}
        write_config(home, urls)
        attempts = AttemptCounter(home.journal)
        with Terminal(hookconsole(home)) as console:
            console.until(b"this console sends")
            emit(home, total // ENDPOINTS)
            attempts.wait(total, DRAIN_SECONDS)
            console.press("3")
            console.until(b"following")
            console.read(0.5, quiet=True)  # its rows come in the frames behind
            for _ in range(args.rounds):
                idle = [wait.seconds for wait in key_waits(console, args.keys)]
                emit(home, args.backlog // ENDPOINTS)
                total += args.backlog // ENDPOINTS * ENDPOINTS
                console.read(1.0)  # what was held back while nobody read the terminal
                before, began = attempts.read(), time.monotonic()
                busy = key_waits(console, args.keys, partial(waits, attempts, total))
                rate = (attempts.read() - before) / (time.monotonic() - began)
                while waits(attempts, total):
                    console.read(0.1)
                seconds, cpu = [wait.seconds for wait in busy], [wait.cpu for wait in busy]
                by_clock.append(share(seconds, 0.99) / share(idle, 0.99))
                by_cpu.append(share(cpu, 0.99) / share(idle, 0.99))
                print(
                    f"  {told('idle', idle)}; {len(busy)} keys at {rate:,.0f} deliveries a second:"
                    f" {told('by the clock', seconds)}, {told('of processor', cpu)}",
                    flush=True,
                )
    print(f"  p99 at full rate to idle: {spread(by_cpu)}; by the clock {spread(by_clock)}")
    verdicts.at_most("a key's answer, p99 at full rate to idle", median(by_cpu), TARGET)
    verdicts.exit()


def waits(attempts: AttemptCounter, total: int) -> bool:
    """Whether there is still something to be sent."""
    return attempts.read() < total


if __name__ == "__main__":
    main()
