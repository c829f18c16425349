"""Filtering 10,000,000 records by an endpoint with one event in 12,000, while the console goes on answering.

How far the search is when the first page stands, whether it says how far it is, and how long a key waits for
its answer meanwhile, against the same list afterwards; as `console_keys.py` measures that.
"""

import argparse
import re
import tempfile
import time
from pathlib import Path

from _common import Verdicts, hookconsole, share, temporary_home, write_config
from _journal import RARE, URLS, place
from _terminal import CONTROL, Terminal, key_waits

PAGE = 18
"""Rows that a terminal of 24 lines shows, but for one or two."""

PAGE_TARGET = 0.5
KEY_TARGET = 3.0
SEARCH_SECONDS = 600.0

_SEARCHING = re.compile(rb"Deliveries (\d+)\+[^%]*?searching (\d+) %")
_FOUND_ALL = re.compile(rb"Deliveries (\d+) ")


def a_page(plain: bytes) -> bool:
    """Whether a page of rows has been found."""
    return any(int(rows) >= PAGE for rows, _ in _SEARCHING.findall(plain))


def searching(console: Terminal) -> bool:
    """Whether there is more of the journal to be read."""
    return not _FOUND_ALL.search(CONTROL.sub(b"", console.seen))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000_000, help="records of the journal")
    parser.add_argument("--keys", type=int, default=100, help="pressed once the search has ended")
    parser.add_argument("--cache", type=Path, help="where journals are kept for an hour; default: nowhere")
    args = parser.parse_args()
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="hookconsole-journals-") as folder, temporary_home() as home:
        write_config(home, URLS)
        place(args.cache or Path(folder), args.records, home)
        with Terminal(hookconsole(home)) as console:
            console.until(b"this console sends")
            console.press("3")
            console.until(b"following")
            console.read(20.0)  # what waited when the last sender was killed is tried
            console.press("/")
            console.until(b"code:")
            console.seen.clear()
            began = console.press(f"endpoint:{RARE}\r")
            page = console.until(a_page, SEARCH_SECONDS) - began
            keys = key_waits(console, 1000, lambda: searching(console))
            while searching(console):
                console.read(0.2)
            whole = time.monotonic() - began
            titles = _SEARCHING.findall(CONTROL.sub(b"", console.seen))
            idle = [wait.seconds for wait in key_waits(console, args.keys)]
    share_read = next(int(read) for rows, read in titles if int(rows) >= PAGE) / 100
    ratio = share([wait.cpu for wait in keys], 0.99) / share(idle, 0.99)
    by_clock = share([wait.seconds for wait in keys], 0.99) / share(idle, 0.99)
    print(
        f"  a page after {page:.1f} s, with {share_read * 100:.0f} % read; all after {whole:.1f} s, of which"
        f" {len({read for _, read in titles})} percentages were shown; {len(keys)} keys meanwhile: p99"
        f" {share([wait.seconds for wait in keys], 0.99) * 1000:.0f} ms, afterwards"
        f" {share(idle, 0.99) * 1000:.0f} ms; ratio by the clock {by_clock:.2f}"
    )
    verdicts.at_most("share of the journal read when the first page stands", share_read, PAGE_TARGET)
    verdicts.at_least("percentages shown while it searches", len({read for _, read in titles}), 10)
    verdicts.at_most("a key's answer, p99 while it searches to afterwards", ratio, KEY_TARGET)
    verdicts.exit()


if __name__ == "__main__":
    main()
