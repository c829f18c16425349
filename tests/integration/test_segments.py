"""Segments: bytes are only ever added, under the lock, to the newest one; a torn tail costs only itself."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from writing import Journal, failing, python, watched

from hookconsole.errors import RefusedError
from hookconsole.journal import records as r
from hookconsole.journal import segments
from hookconsole.journal.line import seal
from hookconsole.journal.segments import Appender, AppendError, Position, SyncError
from hookconsole.journal.store import Store
from support import event

HEADER = len(r.to_line(r.Segment("2026-04-15T14:32:00.000000Z", version=1, segment=1)))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal")


def test_the_first_append_makes_the_journal_for_its_user_alone(journal: Journal) -> None:
    mask = os.umask(0)
    try:
        assert journal.put(event("evt_1")) == [Position(1, HEADER)]
    finally:
        os.umask(mask)
    for path, mode in ((journal.folder.parent, 0o700), (journal.folder, 0o700), (journal.path(1), 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert stat.S_IMODE((journal.folder.parent / "journal.lock").stat().st_mode) == 0o600


def test_a_segment_opens_with_its_header(journal: Journal) -> None:
    journal.put(event("evt_1"))
    header = r.from_line(journal.raw().split(b"\n")[0])
    assert isinstance(header, r.Segment)
    assert (header.version, header.segment) == (r.VERSION, 1)


def test_records_stand_where_append_says(journal: Journal) -> None:
    store = Store(journal.folder)
    for number, position in enumerate(journal.put(*(event(f"evt_{n}") for n in range(5)))):
        assert store.event_at(f"evt_{number}", *position) is not None


def test_two_appenders_take_turns(journal: Journal) -> None:
    other = Journal(journal.folder)
    for number in range(6):
        (journal, other)[number % 2].put(event(f"evt_{number}"))
    assert journal.events() == [f"evt_{n}" for n in range(6)]


# Torn tails


@pytest.mark.parametrize("kept", [1, 5, 30, -2, -1])
def test_a_torn_tail_is_sealed_by_the_next_append(journal: Journal, kept: int) -> None:
    journal.put(event("evt_1"))
    journal.add_raw(r.to_line(event("evt_torn"))[:kept])
    (position,) = journal.put(event("evt_2"))
    store = Store(journal.folder)
    assert store.event_at("evt_2", *position) is not None
    # A line that lacks nothing but its newline is whole once it is sealed.
    assert [name for name in journal.events() if name != "evt_torn"] == ["evt_1", "evt_2"]


def test_a_torn_header_is_sealed(journal: Journal) -> None:
    journal.folder.mkdir(parents=True)
    journal.path(1).write_bytes(b'{"kind":"segm')
    journal.put(event("evt_1"))
    assert journal.events() == ["evt_1"]


def test_a_file_that_can_grow_no_more_gets_whole_lines_or_says_how_much_it_got(journal: Journal) -> None:
    """A write that is cut short at any byte: the lines before it stand, the torn one is sealed off."""
    script = """
import resource, sys
from hookconsole.journal.segments import Appender, AppendError
from hookconsole.journal.line import seal
folder, limit = sys.argv[1], int(sys.argv[2])
appender = Appender(folder)
appender.append(seal(b'{"n":0}'))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    appender.append(b"".join(seal(b'{"n":%d}' % n) for n in range(1, 4)))
except AppendError as error:
    print(error.errno, error.written, *error.position)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
appender.append(seal(b'{"n":9}'))
"""
    line = len(seal(b'{"n":0}'))
    begin = HEADER + line
    for extra in (0, 1, line - 1, line, line + 1, 3 * line - 1):
        folder = journal.folder / str(extra) / "journal"
        process = python(script, folder, begin + extra)
        output, error = process.communicate()
        assert error == ""
        assert output.split() == [str(errno.EFBIG), str(extra), "1", str(begin)]
        numbers = [0, *range(1, 1 + extra // line), 9]
        # The last byte that was missing was a newline: sealed, its line is whole.
        numbers += [3] if extra == 3 * line - 1 else []
        numbers += [1] if extra == line - 1 else []
        lines = Journal(folder).sound()
        assert sorted(lines) == sorted(seal(b'{"n":%d}' % n)[:-1] for n in numbers)


# Which segment is written to


def test_a_full_segment_is_followed_by_the_next(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "SEGMENT_BYTES", 600)
    journal.put(*(event(f"evt_{n}") for n in range(10)))
    assert journal.numbers == list(range(1, len(journal.numbers) + 1))
    assert len(journal.numbers) > 2
    assert journal.events() == [f"evt_{n}" for n in range(10)]


def test_a_rotation_by_another_is_followed(journal: Journal) -> None:
    journal.put(event("evt_1"))
    Appender(journal.folder).rotate()
    (position,) = journal.put(event("evt_2"))
    assert position == Position(2, HEADER)
    assert journal.events() == ["evt_1", "evt_2"]


def test_what_was_appended_before_a_rotation_by_another_is_synced_before_it_is_left(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other may have begun a new segment because it could not sync this one."""
    journal.put(event("evt_1"))
    other = Appender(journal.folder)
    other.append(r.to_line(event("evt_2")))
    with pytest.MonkeyPatch.context() as patch:
        failing(patch, "sync_file", owner=segments)
        with pytest.raises(SyncError):
            other.sync()
        other.append(r.to_line(event("evt_3")))
    synced: list[int] = []
    monkeypatch.setattr(segments, "sync_file", lambda fd: synced.append(os.fstat(fd).st_ino))
    journal.put(event("evt_4"))
    assert journal.path(1).stat().st_ino in synced


@pytest.mark.parametrize("deleted", [[2], [1, 2]])
def test_a_number_is_never_used_again(journal: Journal, deleted: list[int]) -> None:
    journal.put(event("evt_1"))
    journal.appender.rotate()
    journal.put(event("evt_2"))
    for number in deleted:
        journal.path(number).unlink()
    journal.put(event("evt_3"))
    assert journal.numbers[-1] == 3


def test_what_is_appended_goes_to_the_journal_that_is_there(journal: Journal, tmp_path: Path) -> None:
    """Not into one that was moved away, where nobody reads it."""
    journal.put(event("evt_1"))
    journal.folder.rename(tmp_path / "away")
    with pytest.raises(AppendError, match="ENOENT"):
        journal.put(event("evt_lost"))
    for number in range(2):
        Journal(journal.folder).put(event(f"evt_{number}_other"))
        journal.put(event(f"evt_{number}_own"))
    assert journal.events() == ["evt_0_other", "evt_0_own", "evt_1_other", "evt_1_own"]


def test_behind_the_last_number_there_is_no_segment(journal: Journal) -> None:
    """Its name would have a digit more, and nobody would read it."""
    journal.put(event("evt_1"))
    journal.path(segments.LAST_SEGMENT).write_bytes(b"")
    other = Journal(journal.folder)
    other.put(event("evt_2"))
    with pytest.raises(AppendError, match=r"EOVERFLOW: .* move it out of the journal"):
        other.appender.rotate()
    other.put(event("evt_3"))
    assert journal.events() == ["evt_1", "evt_2", "evt_3"]


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("make", [make_fifo, make_folder, make_link_to_a_device, make_link_to_nothing])
def test_what_only_has_the_name_of_a_segment_is_refused(
    journal: Journal, make: Callable[[Path], None]
) -> None:
    """It is neither waited for nor read without end."""
    journal.put(event("evt_1"))
    path = journal.path(2)
    make(path)
    with pytest.raises(AppendError, match="000000000002"):
        Appender(journal.folder).append(r.to_line(event("evt_2")))
    with pytest.raises(RefusedError, match=r"000000000002\.jsonl is (no regular file|a link to nothing); m"):
        Store(journal.folder).fold()
    path.rmdir() if path.is_dir() else path.unlink()
    journal.put(event("evt_2"))
    assert journal.events() == ["evt_1", "evt_2"]


@pytest.mark.parametrize(
    "name", ["99.jsonl", "٣.jsonl", "0000000000099.jsonl", "00000000002a.jsonl", "x.jsonl"]
)
def test_another_file_in_the_journals_folder_is_no_segment(journal: Journal, name: str) -> None:
    """A copy that somebody laid beside them must not stop all who append."""
    (first,) = journal.put(event("evt_1"))
    (journal.folder / name).write_bytes(journal.raw())
    (second,) = journal.put(event("evt_2"))
    assert Journal(journal.folder).put(event("evt_3"))[0].segment == 1
    assert (journal.numbers, second.segment) == ([1], first.segment)
    assert journal.events() == ["evt_1", "evt_2", "evt_3"]


def test_an_empty_segment_is_begun_by_the_next_append(journal: Journal) -> None:
    """Its maker died between making it and writing its header."""
    journal.put(event("evt_1"))
    journal.path(2).touch()
    assert journal.put(event("evt_2")) == [Position(2, HEADER)]
    assert r.from_line(journal.raw(2).split(b"\n")[0]).at


@pytest.mark.parametrize("name", ["open", "fsync"])
@pytest.mark.parametrize("suspect", [False, True])
def test_a_next_segment_that_cant_be_made_leaves_no_gap(journal: Journal, name: str, suspect: bool) -> None:
    """Readers look for the next number; and a suspect segment gets nothing more."""
    journal.put(event("evt_1"))
    if suspect:
        with pytest.MonkeyPatch.context() as patch:
            failing(patch, "sync_file", owner=segments)
            with pytest.raises(SyncError):
                journal.appender.sync()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SEGMENT_BYTES", 10)
        failing(patch, name, errno.ENOSPC)
        with pytest.raises(AppendError) as raised:
            journal.put(event("evt_2"))
        assert (raised.value.errno, raised.value.written) == (errno.ENOSPC, 0)
    (position,) = journal.put(event("evt_3"))
    assert position.segment == (2 if suspect or name == "fsync" else 1)
    assert journal.numbers == list(range(1, position.segment + 1))
    assert journal.events() == ["evt_1", "evt_3"]


def test_who_is_dropped_without_a_close_gives_its_descriptors_back(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.put(event("evt_1"))
    appender, store = Appender(journal.folder), Store(journal.folder)
    appender.append(r.to_line(event("evt_2")))
    segment = store.descriptor(1)
    closed: list[int] = []
    watched(monkeypatch, "close", closed.append)
    del store
    assert closed == [segment]
    del appender
    assert len(closed) == 3, "the segment's, the lock's"
