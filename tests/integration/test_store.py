"""Reading the journal: what is refused, what is counted as damage, what stands where, and the fold."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from writing import Journal, failing

from hookconsole.errors import RefusedError
from hookconsole.journal import checkpoint, reading, store, trimming
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.line import LINE_BYTES_AT_MOST, seal
from hookconsole.journal.segments import START, Appender, AppendError, Position
from hookconsole.journal.store import Store
from simulation import STEPS, Simulation
from support import attempt, event, fold_lines, intake, snapshot, start


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal")


def names(journal: Journal) -> list[str]:
    found = [record for _, record, _ in Store(journal.folder).forward(START)]
    return [record.event for record in found if isinstance(record, r.Event)]


# Versions


def test_a_segment_of_a_later_version_is_refused(journal: Journal) -> None:
    journal.put(event("evt_1"))
    journal.path(2).write_bytes(r.to_line(r.Segment("2026-04-15T14:32:00Z", version=2, segment=2)))
    with pytest.raises(
        RefusedError, match=r"000000000002\.jsonl is of format version 2, .* newer hookconsole"
    ):
        Store(journal.folder).fold()


@pytest.mark.parametrize("opened", [False, True])
def test_nothing_is_added_to_a_segment_of_a_later_version(journal: Journal, opened: bool) -> None:
    journal.put(event("evt_1"))
    appender = journal.appender if opened else Appender(journal.folder)
    later = r.to_line(r.Segment("2026-04-15T14:32:00Z", version=2, segment=2))
    journal.path(2).write_bytes(later)
    for _ in range(2):
        with pytest.raises(AppendError, match=r"version 2, .* newer hookconsole.*000000000002\.jsonl"):
            appender.append(r.to_line(event("evt_2")))
    assert journal.path(2).read_bytes() == later
    assert not journal.path(3).exists()


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.EMFILE, OSError), (errno.ENFILE, OSError), (errno.EIO, OSError), (errno.EACCES, RefusedError)],
)
def test_what_may_pass_is_no_refusal(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    """A sender ends where the journal is refused, and waits where no descriptor is free."""
    place = journal.put(event("evt_1"))[0]
    reader = Store(journal.folder)
    failing(monkeypatch, "open", number)
    with pytest.raises(kind):
        reader.event_at("evt_1", *place)
    assert reader.event_at("evt_1", *place)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"not json\n",
        b'{"kind":"segment","version":99}\n',  # no checksum: a damaged line says nothing
        seal(b'{"kind":"segment","at":"2026-04-15T14:32:00Z","version":1,"segment":1,"later":{}}'),
        seal(b'{"kind":"later","at":"x"}'),
    ],
)
def test_any_other_head_is_read(journal: Journal, header: bytes) -> None:
    journal.folder.mkdir(parents=True)
    journal.path(1).write_bytes(header)
    journal.put(event("evt_1"))
    assert names(journal) == ["evt_1"]


def test_files_that_are_no_segments_are_left_alone(journal: Journal) -> None:
    journal.put(event("evt_1"))
    for name in ("notes.txt", "000000000009.jsonl~", "x.jsonl", ".jsonl", "000000000009.jsonl.gz"):
        (journal.folder / name).write_bytes(b"\xff\n")
    assert Store(journal.folder).numbers() == [1]


def test_where_there_is_no_journal_there_is_nothing(tmp_path: Path) -> None:
    empty = Store(tmp_path / "nowhere")
    assert empty.numbers() == []
    assert snapshot(empty.fold()) == snapshot(Fold())
    assert list(empty.backward()) == []
    assert empty.record_at(1, 0) is None


# Damage


def test_damage_is_counted_and_costs_only_itself(journal: Journal) -> None:
    journal.put(event("evt_1"), event("evt_2"), event("evt_3"))
    raw = journal.raw()
    journal.path(1).write_bytes(raw.replace(b'"evt_2"', b'"evt_7"'))
    reader = Store(journal.folder)
    fold = reader.fold()
    assert list(fold.untaken) == ["evt_1", "evt_3"]
    assert reader.damaged == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"\n",
        b"\n\n\n",
        b"\x00" * 5000 + b"\n",
        b"\xff\xfe\n",
        b'{"kind":"event"}\n',
        b"[" * 100_000 + b"\n",
        seal(b'{"kind":"event","at":"2026-04-15T14:32:00Z"}'),
        seal(b"[" * 50_000 + b"]" * 50_000),
        seal(b'{"kind":"later","at":"2026-04-15T14:32:00Z"}'),
        b"x" * (17 << 20) + b"\n",
    ],
    ids=range(10),
)
def test_whatever_stands_between_two_records_both_are_read(journal: Journal, damage: bytes) -> None:
    journal.put(event("evt_1"))
    journal.add_raw(damage)
    journal.put(event("evt_2"))
    assert names(journal) == ["evt_1", "evt_2"]
    backward = [record for _, record in Store(journal.folder).backward(b'"kind":"event"')]
    assert [one.event for one in backward if isinstance(one, r.Event)] == ["evt_2", "evt_1"]


def test_empty_lines_and_unknown_kinds_are_no_damage(journal: Journal) -> None:
    journal.put(event("evt_1"))
    journal.add_raw(b"\n\n" + seal(b'{"kind":"later","at":"2026-04-15T14:32:00Z"}'))
    reader = Store(journal.folder)
    reader.fold()
    assert reader.damaged == 0


def test_a_tail_without_its_newline_is_no_line(journal: Journal) -> None:
    journal.put(event("evt_1"))
    journal.add_raw(r.to_line(event("evt_2"))[:-1])
    assert names(journal) == ["evt_1"]


def test_a_deleted_segment_costs_only_itself(journal: Journal) -> None:
    for number in range(3):
        journal.put(event(f"evt_{number}"))
        journal.appender.rotate()
    reader = Store(journal.folder)
    assert list(reader.fold().untaken) == ["evt_0", "evt_1", "evt_2"]
    journal.path(2).unlink()
    assert list(Store(journal.folder).fold().untaken) == ["evt_0", "evt_2"]


# Records at places


def test_a_record_is_where_it_was_put(journal: Journal) -> None:
    sizes = (0, 4000, 4096, 40_000, 300_000, 3_000_000)
    places = journal.put(*(event(f"evt_{n}", user="x" * size) for n, size in enumerate(sizes)))
    reader = Store(journal.folder)
    for number, place in enumerate(places):
        found = reader.event_at(f"evt_{number}", *place)
        assert found is not None
        assert found.user == "x" * sizes[number]
        assert reader.event_at("evt_other", *place) is None


def test_the_longest_line_is_read_and_a_longer_one_is_not(journal: Journal) -> None:
    room = LINE_BYTES_AT_MOST - len(r.to_line(event("evt_1", user="")))
    longest, longer = journal.put(event("evt_1", user="x" * room), event("evt_2", user="x" * (room + 1)))
    reader = Store(journal.folder)
    assert reader.event_at("evt_1", *longest) is not None
    assert reader.event_at("evt_2", *longer) is None


@pytest.mark.parametrize("place", [(1, -1), (1, 1), (1, 10_000), (9, 0), (0, 0)])
def test_where_no_record_stands_there_is_none(journal: Journal, place: tuple[int, int]) -> None:
    journal.put(event("evt_1"))
    assert Store(journal.folder).record_at(*place) is None


def test_more_segments_than_are_kept_open(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_OPEN_AT_MOST", 2)
    places = []
    for number in range(5):
        places += journal.put(event(f"evt_{number}"))
        journal.appender.rotate()
    reader = Store(journal.folder)
    for _ in range(2):
        for number, place in enumerate(places):
            assert reader.event_at(f"evt_{number}", *place) is not None
    reader.close()
    reader.close()


@pytest.mark.parametrize("backward", [True, False])
def test_a_scan_goes_on_while_many_segments_are_read(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, backward: bool
) -> None:
    monkeypatch.setattr(store, "_OPEN_AT_MOST", 2)
    places = []
    for number in range(5):
        places += journal.put(event(f"evt_{number}"))
        journal.appender.rotate()
    large = Raw(b'"%b"' % (b"x" * reading.CHUNK))
    journal.put(*(event(f"evt_{number}", data=large) for number in range(5, 10)))
    reader = Store(journal.folder)
    found = set()
    for scanned in reader.backward() if backward else reader.forward(START):
        found.add(scanned[0])
        assert all(reader.record_at(*place) for place in places)
    assert len(found) == 16
    reader.close()


def test_a_segment_tells_when_it_was_opened(journal: Journal) -> None:
    journal.put(event("evt_1"))
    reader = Store(journal.folder)
    assert reader.opened_at(1) is not None
    assert reader.opened_at(2) is None


def test_backward_is_forward_reversed_from_any_place(journal: Journal) -> None:
    for number in range(9):
        journal.put(event(f"evt_{number}"))
        if number % 3 == 2:
            journal.appender.rotate()
    reader = Store(journal.folder)
    forward = [(position, record) for position, record, _ in reader.forward(START)]
    assert list(reader.backward()) == forward[::-1]
    for cut, (position, _) in enumerate(forward):
        assert list(reader.backward(before=position)) == forward[:cut][::-1]
        assert [(p, record) for p, record, _ in reader.forward(position)] == forward[cut:]


# The fold


def sent(journal: Journal, name: str) -> None:
    (place,) = journal.put(event(name))
    journal.put(intake(name, "acme", place=place), start(name, "acme"), attempt(name, "acme"))


def write_checkpoint(journal: Journal) -> None:
    trimming.write_checkpoint(Store(journal.folder).fold(), journal.appender)


def test_the_fold_begins_at_the_newest_checkpoint(journal: Journal) -> None:
    sent(journal, "evt_1")
    journal.put(event("evt_2"))
    write_checkpoint(journal)
    # What is before it isn't read again.
    raw = journal.raw()
    journal.path(1).write_bytes(raw.replace(b'"event":"evt_2"', b'"event":"evt_9"'))
    journal.put(event("evt_3"))
    assert list(Store(journal.folder).fold().untaken) == ["evt_2", "evt_3"]


@pytest.mark.parametrize("broken", ["first", "last", "torn"])
def test_a_broken_checkpoint_falls_back_to_the_one_before(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(checkpoint, "_PER_PART", 1)
    for number in range(3):
        journal.put(event(f"evt_{number}"))
    write_checkpoint(journal)
    journal.put(event("evt_3"))
    whole, size = snapshot(Store(journal.folder).fold()), len(journal.raw())
    write_checkpoint(journal)
    raw = journal.raw()
    newest = raw[size:].splitlines(keepends=True)
    assert len(newest) > 3
    if broken == "torn":
        kept = b"".join(newest)[:-20]
    else:
        damaged = 0 if broken == "first" else -1
        newest[damaged] = newest[damaged].replace(b'"at"', b'"ab"')
        kept = b"".join(newest)
    journal.path(1).write_bytes(raw[:size] + kept)
    journal.put(event("evt_4"))
    fold = Store(journal.folder).fold()
    assert list(fold.untaken) == [f"evt_{n}" for n in range(5)]
    del fold.untaken["evt_4"]
    assert snapshot(fold) == whole


def test_a_checkpoint_that_others_wrote_into_is_whole(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parts are one append, but for a write that was cut short and begun again."""
    monkeypatch.setattr(checkpoint, "_PER_PART", 1)
    for number in range(3):
        journal.put(event(f"evt_{number}"))
    lines = checkpoint.dump(Store(journal.folder).fold(), "2026-04-15T14:32:00.000000Z")
    for number, line in enumerate(lines):
        journal.appender.append(line)
        journal.put(event(f"evt_new{number}"))
    assert len(Store(journal.folder).fold().untaken) == 3 + len(lines)


@given(STEPS, st.lists(st.integers(0), max_size=3))
def test_the_fold_of_files_is_the_fold_of_records(steps: list[tuple[str, int]], cuts: list[int]) -> None:
    """With checkpoints and new segments anywhere."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as place:
        journal = Journal(Path(place) / "journal")
        simulation = Simulation(append=journal.appender.append)
        at = {cut % len(steps) for cut in cuts}
        for number, step in enumerate(steps):
            simulation.run([step])
            if number in at:
                (journal.appender.rotate if number % 2 else lambda: write_checkpoint(journal))()
        reader = Store(journal.folder)
        fold = reader.fold()
        assert snapshot(fold) == snapshot(fold_lines(simulation.lines))
        assert fold.position == Position(journal.numbers[-1], len(journal.raw(journal.numbers[-1])))
        assert reader.damaged == 0
        reader.close()
        journal.appender.close()
