"""Trimming killed before every write, sync and unlink: what is unfinished outlives its segment.

The journal is ten days old; a daemon that starts trims it at once.
"""

import shutil
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from audit import Audit
from kernel import killed_at, needs_strace, run_sender
from running import Hookconsole, Receiver, stop, wait_until

from hookconsole.clock import rfc3339
from hookconsole.journal import records as r
from hookconsole.journal.event_records import VERSION
from hookconsole.journal.segments import Position, segment_numbers, segment_path
from hookconsole.journal.store import Store
from support import T0, attempt, event, intake, start

pytestmark = needs_strace

CALLS = ("write", "fdatasync", "unlink", "fsync")
DAY = 86400.0
WAITS, HELD, NEW = "evt_waits", "evt_held", "evt_new"


def _write_old_journal(folder: Path) -> None:
    """Two segments that are to go, with a delivery that waits and one that is held in the first, and two
    that stay."""
    folder.mkdir(parents=True)
    now = time.time() - T0
    lines: dict[int, bytes] = {}

    def put(segment: int, *records: r.AnyRecord) -> Position:
        place = Position(segment, len(lines.setdefault(segment, b"")))
        lines[segment] += b"".join(map(r.to_line, records))
        return place

    for number, days in ((1, 10), (2, 9), (3, 8), (4, 0)):
        put(number, r.Segment(rfc3339(T0 + now - days * DAY), version=VERSION, segment=number))
    then = now - 10 * DAY
    for name, endpoint in ((WAITS, "acme"), (HELD, "gone"), ("evt_ended", "acme")):
        place = put(1, event(name, then))
        outcome: r.Outcome = "delivered" if name == "evt_ended" else "retrying"
        wait = None if name == "evt_ended" else 1.0
        put(
            1,
            intake(name, endpoint, place=place),
            start(name, endpoint, seconds=then),
            attempt(name, endpoint, outcome, seconds=then, wait=wait),
        )
    put(4, event(NEW, now))
    for number, raw in lines.items():
        Path(segment_path(str(folder), number)).write_bytes(raw)


def test_trimming_that_is_killed_anywhere_loses_nothing_that_is_unfinished(
    console: Hookconsole, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    journal = console.state / "journal"
    before = console.state.parent / "before"
    _write_old_journal(before)
    survived, left = 0, set()
    for call in CALLS:
        for number in count(1):
            shutil.rmtree(console.state, ignore_errors=True)
            shutil.copytree(before, journal)
            receiver.requests.clear()
            command = killed_at(call, number, console.command("--daemon"))
            killed = run_sender(command, console.state, lambda: _is_trimmed(console, receiver))
            left.add(tuple(n for n in segment_numbers(str(journal)) if n < 3))
            audit = Audit(console.state)
            audit.assert_sound()
            _assert_all_is_there(journal, receiver)
            if not killed:
                break
            survived += 1
            if call in ("unlink", "fsync"):
                _assert_the_next_sender_ends_it(console, receiver)
    # Kills came before anything went, between the two, and after both.
    assert left == {(1, 2), (2,), ()}
    record_property("figure", f"{survived} SIGKILLs survived")


def _is_trimmed(console: Hookconsole, receiver: Receiver) -> bool:
    first = segment_numbers(str(console.state / "journal"))[0]
    return first == 3 and set(receiver.events("/acme")) == {WAITS, NEW}


def _assert_all_is_there(journal: Path, receiver: Receiver) -> None:
    """What isn't delivered is unfinished, and its event can be read."""
    store = Store(journal)
    fold = store.fold()
    places = {d.event: (d.segment, d.offset) for d in fold.unfinished()}
    places |= {name: (untaken.segment, untaken.offset) for name, untaken in fold.untaken.items()}
    assert set(places) | set(receiver.events("/acme")) == {WAITS, HELD, NEW}
    assert all(store.event_at(name, *place) for name, place in places.items())
    store.close()


def _assert_the_next_sender_ends_it(console: Hookconsole, receiver: Receiver) -> None:
    daemon = console.daemon()
    wait_until(lambda: _is_trimmed(console, receiver), "the end of the trimming, and what waited")
    console.add("gone", receiver.url("/gone"), '["*"]')
    wait_until(lambda: receiver.events("/gone") == [HELD], "what was held, at its endpoint's return")
    assert stop(daemon) == 0
    text = console.config.read_text()
    console.config.write_text(text[: text.index("[endpoints.gone]")])
