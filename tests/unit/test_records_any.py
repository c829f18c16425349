"""Whatever stands in a journal, every reader reads on: damage costs its own line, and is never sent.

Sound lines are changed byte by byte, and records are changed and sealed again, as by a hand or a fault of
ours: their checksum holds, their values may be anything.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hookconsole.journal import checkpoint
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.history import Window, entries, of_event
from hookconsole.journal.ids import KnownIds
from hookconsole.journal.line import seal
from hookconsole.journal.segments import START, Position, segment_path
from hookconsole.journal.store import Store
from hookconsole.journal.tail import Tail
from simulation import FEW_STEPS, Simulation
from support import at, attempt, event, intake, item, registry, replay, start, through_checkpoint

ODD: list[Any] = [
    *(None, "", 0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 1.5, -0.5, 1e308, 1e-300, True),
    *("x", "\x1b[2J\n\0", "acme", [], {}, [1], {"a": 1}),
    *("2026-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999Z"),
    *("1969-12-31T23:59:59Z", "2026-04-15T14:32:61.000000Z", "2026-04-15T14:32:00.000000Z"),
    "2026-04-15T14:32:00",
]
NUMBERS = st.integers(0)
CHANGES = st.lists(st.tuples(NUMBERS, st.lists(NUMBERS, max_size=6), NUMBERS), max_size=5)
SPLICES = st.tuples(NUMBERS, st.integers(0, 3), st.binary(max_size=3))
BYTES = st.binary(max_size=300)


def changed(value: Any, path: list[int], odd: int) -> Any:
    """A value somewhere inside replaced by an odd one, or left out."""
    if not path or not isinstance(value, dict | list) or not value:
        return ODD[odd % len(ODD)]
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[path[0] % len(keys)]
    copy: Any = value.copy()
    if path[0] % 11 == 10:
        del copy[key]
    else:
        copy[key] = changed(value[key], path[1:], odd)
    return copy


def resealed(line: bytes, path: list[int], odd: int) -> bytes:
    record = json.loads(line)
    del record["crc"]
    record = changed(record, path or [odd], odd)
    return seal(json.dumps(record).encode()) if isinstance(record, dict) and record else line


@contextmanager
def journal(content: bytes) -> Iterator[Store]:
    """A store over one segment with this content."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/journal")
        with open(segment_path(f"{folder}/journal", 1), "wb") as file:
            file.write(content)
        store = Store(f"{folder}/journal")
        yield store
        store.close()


def read_by_all(store: Store, names: Iterable[str] = ()) -> Fold:
    """Every reader of the journal goes through all of it."""
    fold = store.fold()
    followed = Fold()
    Tail(store, START).drain_into(followed)
    list(entries(store, Window()))
    ids = KnownIds(store)
    ids.refresh()
    for name in names:
        of_event(store, name)
        ids.find(name)
    through_checkpoint(fold)
    return fold


@given(FEW_STEPS, CHANGES, st.integers(0), st.booleans())
def test_records_of_any_values_break_no_reader(
    steps: list[tuple[str, int]], changes: list[tuple[int, list[int], int]], cut: int, with_checkpoint: bool
) -> None:
    simulation = Simulation().run(steps)
    lines = [line for _, line in simulation.lines]
    if with_checkpoint:
        at_line = cut % (len(lines) + 1)
        lines[at_line:at_line] = checkpoint.dump(simulation.shown, at())
    for number, path, odd in changes if lines else ():
        lines[number % len(lines)] = resealed(lines[number % len(lines)], path, odd)
    with journal(b"".join(lines)) as store:
        read_by_all(store, ("evt1", "evt2", "tst1", "rpl1"))


@given(FEW_STEPS, st.lists(SPLICES, min_size=1, max_size=4))
def test_changed_bytes_break_no_reader_and_no_event_is_another_than_was_written(
    steps: list[tuple[str, int]], changes: list[tuple[int, int, bytes]]
) -> None:
    lines = [line for _, line in Simulation().run(steps).lines]
    whole = b"".join(lines)
    for number, gone, new in changes:
        place = number % (len(whole) + 1)
        whole = whole[:place] + new + whole[place + gone :]
    with journal(whole) as store:
        read_by_all(store, ("evt1", "evt2"))
        found = [r.to_line(record) for _, record, _ in store.forward(START)]
    assert set(found) <= set(lines)


@given(BYTES | BYTES.map(lambda raw: seal(b"{" + raw.replace(b"\n", b"") + b"}")))
@example(seal(b"{}"))
@example(seal(b"[]"))
@example(seal(b'{"kind":"event"}'))
@example(seal(b'{"kind":' + b"[" * 5000 + b"}"))
@example(b"\n" * 50)
@example(b"\0" * 300)
def test_bytes_of_any_kind_are_no_more_than_damage(content: bytes) -> None:
    with journal(content + b"\n" + r.to_line(event("evt_1"))) as store:
        assert list(read_by_all(store, ["evt_1"]).untaken) == ["evt_1"]


KNOWN = r.Known(off_since="never")
LAST = r.LastAttempt("later", "failed", None, None, None)
FAR = 1 << 60
PART: dict[str, Any] = {"checkpoint": "c", "part": 0, "parts": 1, "segment": 1, "offset": 0}


def sealed(record: Any, **values: Any) -> bytes:
    """The line of a record with other values."""
    fields = json.loads(r.to_line(record))
    del fields["crc"]
    return seal(json.dumps({**fields, **values}).encode())


@pytest.mark.parametrize(
    "line",
    [
        sealed(event("evt_2"), at="now"),
        sealed(event("evt_2"), at="2025-02-29T00:00:00.000000Z"),
        sealed(event("evt_2"), at="1969-12-31T23:59:59.999999Z"),
        sealed(event("evt_2"), at="2026-04-15T14:32:60.000000Z"),
        sealed(event("evt_2"), at="2026-04-15T14:32:00.٣00000Z"),
        sealed(event("evt_2"), at=""),
        sealed(event("evt_2", accepted_at="then", carried={})),
        sealed(event("evt_2", carried={"acme": r.Standing(-1, 0, "event")})),
        sealed(intake("evt_2", "acme", place=Position(-1, 0))),
        sealed(intake("evt_2", "acme", place=Position(1, FAR))),
        sealed(start("evt_2", "acme", -1)),
        sealed(attempt("evt_2", "acme", "retrying"), next_attempt_at="soon"),
        sealed(attempt("evt_2", "acme"), duration_ms=1e300),
        sealed(attempt("evt_2", "acme"), duration_ms=-1.0),
        sealed(attempt("evt_2", "acme"), status=-200),
        sealed(attempt("evt_2", "acme"), outcome="lost"),
        sealed(registry(acme=KNOWN)),
        sealed(replay("rpl_1", item("evt_2", "acme"))[1], rate=-1.0),
        sealed(replay("rpl_1", item("evt_2", "acme", -1))[0]),
        sealed(r.Checkpoint(at(), **PART, last={"acme": LAST})),
        sealed(r.Checkpoint(at(), **PART, replays={"rpl_1": r.ReplayState(at="")}), replays={"rpl_1": {}}),
        sealed(r.Checkpoint(at(), **PART, hours={"acme": r.Hours([(1, -2, 3, 4)], [])})),
        sealed(r.Checkpoint(at(), **PART, hours={"acme": r.Hours([], [(1, {10**9: 1})])})),
        sealed(r.Checkpoint(at(), **PART), parts=-1),
    ],
    ids=range(24),
)
def test_a_record_that_cant_be_is_damage(line: bytes) -> None:
    with journal(r.to_line(event("evt_1")) + line) as store:
        fold = read_by_all(store, ["evt_1", "evt_2"])
        store.damaged = 0
        assert [record for _, record, _ in store.forward(START)] == [event("evt_1")]
        assert store.damaged == 1
    assert (list(fold.untaken), list(fold.unfinished())) == (["evt_1"], [])


@pytest.mark.parametrize(
    "parts",
    [
        [{**PART, "segment": 9}],
        [{**PART, "offset": 1 << 40}],
        [{**PART, "part": 5}],
        [{**PART, "parts": 5, "part": 3}, {**PART, "parts": 2, "part": 1}],
        [{**PART, "parts": 0}],
    ],
)
def test_a_checkpoint_that_cant_be_is_passed_over(parts: list[dict[str, Any]]) -> None:
    """One of a place behind itself would hide every record up to there."""
    lines = [r.to_line(r.Checkpoint(at(), **part)) for part in parts]
    with journal(r.to_line(event("evt_1")) + b"".join(lines)) as store:
        assert list(read_by_all(store).untaken) == ["evt_1"]


def test_items_of_a_replay_that_a_checkpoint_doesnt_name_are_no_replay() -> None:
    part = r.Checkpoint(at(), **PART, items={"rpl_1": [item("evt_1", "acme")]})
    with journal(r.to_line(part)) as store:
        assert read_by_all(store).replays["rpl_1"].state == "incoming"
