"""The tail: every record of others exactly once, in order, whatever stands between; our own never."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import Journal

from hookconsole.errors import RefusedError
from hookconsole.journal import records as r
from hookconsole.journal import segments, tail
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store
from hookconsole.journal.tail import Tail
from support import event


class Reader:
    """A process that appends and reads, beside others that append."""

    def __init__(self, folder: Path) -> None:
        self.mine, self.others = Journal(folder), Journal(folder)
        self.store = Store(folder)
        self.tail = Tail(self.store, START)

    def own(self, *names: str) -> None:
        """Append a group of our own."""
        lines = b"".join(r.to_line(event(name)) for name in names)
        self.tail.own(self.mine.appender.append(lines), len(lines))

    def foreign(self, *names: str) -> None:
        """Others append a group."""
        self.others.appender.append(b"".join(r.to_line(event(name)) for name in names))

    def read(self) -> list[str]:
        """The events that are handed out, until there are no more; each is where it is said to be."""
        found: list[str] = []
        while records := self.tail.read():
            for position, record in records:
                assert self.store.record_at(*position) == record
                found += [record.event] if isinstance(record, r.Event) else []
        return found


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "state" / "journal")


def test_before_there_is_a_journal_there_is_nothing(reader: Reader) -> None:
    assert reader.read() == []
    reader.foreign("evt_1")
    assert reader.read() == ["evt_1"]


def test_others_are_handed_out_once_and_our_own_never(reader: Reader) -> None:
    reader.own("own_1")
    reader.foreign("evt_1")
    reader.own("own_2", "own_3")
    reader.own("own_4")
    reader.foreign("evt_2")
    assert reader.read() == ["evt_1", "evt_2"]
    assert reader.read() == []
    reader.own("own_5")
    assert reader.read() == []
    reader.foreign("evt_3")
    assert reader.read() == ["evt_3"]


def test_a_rotation_by_others_is_followed(reader: Reader) -> None:
    reader.foreign("evt_1")
    reader.others.appender.rotate()
    reader.own("own_1")
    reader.foreign("evt_2")
    assert reader.read() == ["evt_1", "evt_2"]
    reader.mine.appender.rotate()
    reader.mine.appender.rotate()
    reader.foreign("evt_3")
    assert reader.read() == ["evt_3"]


def test_half_a_line_is_waited_for(reader: Reader) -> None:
    reader.foreign("evt_1")
    line = r.to_line(event("evt_2"))
    for begin in range(0, len(line), 50):
        assert reader.read() == (["evt_1"] if begin == 0 else [])
        reader.others.add_raw(line[begin : begin + 50])
    assert reader.read() == ["evt_2"]


def test_a_torn_line_is_passed_over_when_it_is_sealed(reader: Reader) -> None:
    reader.foreign("evt_1")
    reader.others.add_raw(r.to_line(event("evt_torn"))[:70])
    assert reader.read() == ["evt_1"]
    reader.own("own_1")
    reader.foreign("evt_2")
    assert reader.read() == ["evt_2"]
    assert reader.store.damaged == 1


def test_a_torn_line_at_the_end_of_a_segment_is_passed_over(reader: Reader) -> None:
    reader.foreign("evt_1")
    reader.others.add_raw(r.to_line(event("evt_torn"))[:70])
    reader.others.appender.rotate()
    reader.foreign("evt_2")
    assert reader.read() == ["evt_1", "evt_2"]


@pytest.mark.parametrize("size", [1 << 18, (1 << 18) + 1, 1 << 20, 3 << 20])
def test_a_long_line_is_handed_out(reader: Reader, size: int) -> None:
    reader.foreign("evt_1")
    reader.others.put(event("evt_long", user="x" * size))
    reader.foreign("evt_2")
    assert reader.read() == ["evt_1", "evt_long", "evt_2"]


@pytest.mark.parametrize("size", [1000, 1023, 1024, 1025, 5000])
def test_a_line_too_long_to_be_one_is_passed_over(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(tail, "_CHUNK", 256)
    monkeypatch.setattr(tail, "LINE_BYTES_AT_MOST", 1024)
    reader.foreign("evt_1")
    reader.others.add_raw(b"x" * size)
    assert reader.read() == ["evt_1"]
    reader.own("own_1")
    reader.foreign("evt_2")
    assert reader.read() == ["evt_2"]


def test_the_longest_line_is_handed_out_and_a_longer_one_is_not(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "_CHUNK", 256)
    monkeypatch.setattr(tail, "LINE_BYTES_AT_MOST", 1024)
    room = 1024 - len(r.to_line(event("evt_1", user="")))
    reader.others.put(event("evt_1", user="x" * room), event("evt_2", user="x" * (room + 1)))
    reader.foreign("evt_3")
    assert reader.read() == ["evt_1", "evt_3"]


def test_much_is_handed_out_in_pieces(reader: Reader) -> None:
    names = [f"evt_{n}" for n in range(5000)]
    reader.foreign(*names)
    first = reader.tail.read()
    assert 0 < len(first) < 5000
    assert [*(one.event for _, one in first if isinstance(one, r.Event)), *reader.read()] == names


def test_it_goes_on_behind_segments_that_were_trimmed_away(reader: Reader) -> None:
    for number in range(3):
        reader.foreign(f"evt_{number}")
        reader.others.appender.rotate()
    reader.foreign("evt_3")
    for number in (1, 2):
        reader.others.path(number).unlink()
    assert reader.read() == ["evt_2", "evt_3"]


def test_it_goes_on_when_the_segment_that_it_reads_is_trimmed_away(reader: Reader) -> None:
    reader.foreign("evt_1")
    assert reader.read() == ["evt_1"]
    for number in (2, 3, 4):
        reader.others.appender.rotate()
        reader.foreign(f"evt_{number}")
    for number in (1, 2):
        reader.others.path(number).unlink()
    assert reader.read() == ["evt_3", "evt_4"]


@pytest.mark.parametrize("left", [0, 100, None])
def test_a_segment_that_is_cut_short_or_deleted_while_it_is_read_is_an_error(
    reader: Reader, left: int | None
) -> None:
    reader.foreign("evt_1")
    assert reader.read() == ["evt_1"]
    path = reader.others.path(1)
    if left is None:
        path.unlink()
    else:
        os.truncate(path, left)
    with pytest.raises(RefusedError, match=r"000000000001\.jsonl was cut short, deleted"):
        reader.read()


@pytest.mark.parametrize("later", [False, True])
def test_a_journal_that_takes_the_place_of_the_one_that_is_read_is_an_error(
    reader: Reader, later: bool, tmp_path: Path
) -> None:
    """Even if there is a next segment in it: what it is the next of, the reader has not seen."""
    reader.foreign("evt_1")
    assert reader.read() == ["evt_1"]
    other = Journal(tmp_path / "other" / "journal")
    other.put(event("evt_other"))
    if later:
        other.appender.rotate()
    reader.others.folder.rename(tmp_path / "away")
    other.folder.rename(reader.others.folder)
    with pytest.raises(RefusedError, match=r"000000000001\.jsonl was cut short, deleted or replaced"):
        reader.read()


def test_drained_the_fold_is_that_of_the_position(reader: Reader) -> None:
    fold = Fold()
    reader.own("own_1")
    reader.foreign("evt_1", "evt_2")
    reader.own("own_2")
    assert reader.tail.drain_into(fold)
    assert list(fold.untaken) == ["evt_1", "evt_2"]
    assert fold.position == reader.tail.position
    assert fold.position.offset == len(reader.mine.raw())
    assert not reader.tail.drain_into(fold)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["own", "foreign", "foreign", "read", "rotate", "torn", "long"]),
            st.integers(1, 4),
        ),
        max_size=30,
    ),
    st.sampled_from([300, 1000, 1 << 18]),
)
def test_every_record_of_others_exactly_once_in_order(steps: list[tuple[str, int]], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as place:
        patch.setattr(tail, "_CHUNK", chunk)
        patch.setattr(tail, "LINE_BYTES_AT_MOST", 2000)
        patch.setattr(segments, "SEGMENT_BYTES", 4000)
        reader = Reader(Path(place) / "journal")
        expected: list[str] = []
        found: list[str] = []
        for step, n in steps:
            names = [f"{step}_{len(expected)}_{k}" for k in range(n)]
            if step == "own":
                reader.own(*names)
            elif step == "foreign":
                reader.foreign(*names)
                expected += names
            elif step == "read":
                found += reader.read()
            elif step == "rotate":
                (reader.mine if n % 2 else reader.others).appender.rotate()
            elif reader.others.numbers:
                torn = b"x" * (n * 900) if step == "long" else r.to_line(event("torn"))[: n * 40]
                reader.others.add_raw(torn, reader.others.numbers[-1])
        found += reader.read()
        assert found == expected
        reader.store.close()
        reader.mine.appender.close()
        reader.others.appender.close()
