"""A console's first paint with 10,000,000 records against an empty journal, and what it keeps in memory.

From the process's start to the first whole view, and to an endpoint in it; memory once the list of deliveries
has been scrolled back by some thousands. A console with each, in turns, in the page cache.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from _common import Verdicts, hookconsole, spread, temporary_home, write_config
from _journal import ENDPOINTS, URLS, place
from _terminal import Terminal

TARGET = 1.5
MEMORY_TARGET = 100.0
BOTTOMS = 10
"""How often the end of what was found is gone to: each time 500 more are looked for."""


class Start(NamedTuple):
    """Seconds to the first view, and to its first endpoint; bytes in the end, and of processor seconds."""

    painted: float
    known: float
    memory: int
    cpu: float


def start(cache: Path, records: int) -> Start:
    """A console's, with so many records; 0 for none."""
    with temporary_home() as home:
        write_config(home, URLS)
        if records:
            place(cache, records, home)
        with Terminal(hookconsole(home)) as console:
            painted = console.until(b"Endpoints") - console.started_at
            known = console.until(any_endpoint) - console.started_at
            cpu = console.cpu_seconds()
            console.press("3")
            for _ in range(BOTTOMS):
                console.read(0.5)
                console.press("G")
            console.read(2.0)
            return Start(painted, known, console.memory(), cpu)


def any_endpoint(seen: bytes) -> bool:
    """Whether the list shows one."""
    return any(name.encode() in seen for name in ENDPOINTS)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000_000, help="records of the journal")
    parser.add_argument("--pairs", type=int, default=5, help="starts with each")
    parser.add_argument("--cache", type=Path, help="where journals are kept for an hour; default: nowhere")
    args = parser.parse_args()
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="hookconsole-journals-") as folder:
        cache = args.cache or Path(folder)
        start(cache, 0)
        start(cache, args.records)
        pairs = []
        for _ in range(args.pairs):
            pairs.append((start(cache, 0), start(cache, args.records)))
            empty, full = pairs[-1]
            print(
                f"  empty: view {empty.painted:.2f} s, endpoints {empty.known:.2f} s, of processor"
                f" {empty.cpu:.2f} s, {empty.memory / 1e6:.0f} MB; {args.records:,} records: view"
                f" {full.painted:.2f} s, endpoints {full.known:.2f} s, of processor {full.cpu:.2f} s,"
                f" {full.memory / 1e6:.0f} MB",
                flush=True,
            )
    painted = [full.painted / empty.painted for empty, full in pairs]
    known = [full.known / empty.known for empty, full in pairs]
    print(f"  first view {spread(painted)}, its endpoints {spread(known)}")
    verdicts.at_most("first view, time with the journal to without", median(painted), TARGET)
    verdicts.at_most("endpoints in it, likewise", median(known), TARGET)
    over = median((full.memory - empty.memory) / 1e6 for empty, full in pairs)
    verdicts.at_most("memory over that without a journal", over, MEMORY_TARGET, " MB")
    verdicts.exit()


if __name__ == "__main__":
    main()
