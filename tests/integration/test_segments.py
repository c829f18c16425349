"""Segments: bytes are only ever added, under the lock, to the newest one; a torn tail costs only itself."""

import errno
import os
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import Journal, failing, python, until, watched

from hookconsole.errors import BusyError
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


# Durability


def test_a_new_segment_has_a_durable_name_before_it_has_a_byte(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def said(name: str, fd: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"
        calls.append(f"{name} {kind}")

    watched(monkeypatch, "fsync", lambda fd: said("fsync", fd))
    watched(monkeypatch, "write", lambda fd, _: said("write", fd))
    journal.put(event("evt_1"))
    assert calls[-4:] == ["fsync file", "fsync folder", "write file", "write file"]
    assert calls[0] == "fsync folder"  # the journal's own name


def test_a_segment_is_synced_before_the_next_is_begun(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.put(event("evt_1"))
    calls: list[str] = []
    watched(monkeypatch, "sync_file", lambda _: calls.append("sync"), owner=segments)
    watched(monkeypatch, "sync_folder", lambda _: calls.append("next"), owner=segments)
    journal.appender.rotate()
    assert calls == ["sync", "next"]


def test_after_a_failed_sync_nothing_more_goes_into_that_segment(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.put(event("evt_1"))
    calls = failing(monkeypatch, "sync_file", owner=segments)
    with pytest.raises(SyncError):
        journal.appender.sync()
    assert journal.put(event("evt_2"))[0].segment == 2
    # Another sync of the first would prove nothing.
    assert len(calls) == 1
    journal.appender.sync()
    assert journal.events() == ["evt_1", "evt_2"]


def test_a_rotation_that_cant_sync_says_so(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.put(event("evt_1"))
    failing(monkeypatch, "sync_file", owner=segments)
    with pytest.raises(SyncError):
        journal.appender.rotate()
    assert journal.put(event("evt_2"))[0].segment == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_takes_nothing_is_named(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    journal.put(event("evt_1"))
    failing(monkeypatch, "write", number)
    with pytest.raises(AppendError, match=errno.errorcode[number]) as raised:
        journal.put(event("evt_2"))
    assert raised.value.written == 0
    assert str(journal.folder) in str(raised.value)


def test_a_journal_that_cant_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(AppendError, match="state"):
        Journal(tmp_path / "state" / "journal").put(event("evt_1"))


# Several processes

APPENDING = """
import sys
from hookconsole.journal import segments
from hookconsole.journal.line import seal
segments.SEGMENT_BYTES = 5000
appender = segments.Appender(sys.argv[1])
sys.stdin.read()
for number in range(200):
    rest = b"x" * (number * 7 % 400)
    appender.append(seal(b'{"from":%d,"n":%d,"x":"%b"}' % (int(sys.argv[2]), number, rest)))
    if number % 50 == 9:
        appender.sync()
"""


def test_no_line_of_several_processes_is_lost_or_glued(journal: Journal) -> None:
    processes = [python(APPENDING, journal.folder, number) for number in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    for process in processes:
        assert process.communicate()[1] == ""
    lines = journal.sound()
    assert len(lines) == 800
    for number in range(4):
        mine = [line for line in lines if line.startswith(b'{"from":%d,' % number)]
        assert [int(line.split(b",")[1][4:]) for line in mine] == list(range(200))
    assert journal.numbers == list(range(1, len(journal.numbers) + 1))


def test_a_fork_has_a_lock_of_its_own(journal: Journal) -> None:
    script = """
import os, sys
from hookconsole.errors import BusyError
from hookconsole.journal.line import seal
from hookconsole.journal.segments import Appender
appender = Appender(sys.argv[1])
appender.append(seal(b'{"n":0}'))
with appender.locked():
    child = os.fork()
    if not child:
        try:
            appender.append(seal(b'{"n":1}'), wait=False)
        except BusyError:
            appender.close()
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    appender.append_locked(seal(b'{"n":2}'))
child = os.fork()
if not child:
    appender.append(seal(b'{"n":3}'))
    os._exit(0)
os.waitpid(child, 0)
appender.append(seal(b'{"n":4}'))
"""
    assert python(script, journal.folder).communicate() == ("", "")
    assert journal.sound() == [seal(b'{"n":%d}' % n)[:-1] for n in (0, 2, 3, 4)]


def test_a_held_lock_is_said_at_once_or_after_a_while(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "LOCK_SECONDS", 0.05)
    other = Appender(journal.folder)
    with other.locked():
        for wait in (False, True):
            with pytest.raises(BusyError, match=r"journal\.lock"):
                journal.appender.append(b"", wait=wait)
    journal.put(event("evt_1"))


def test_an_append_waits_for_a_short_one(journal: Journal) -> None:
    script = """
import sys
from hookconsole.journal.segments import Appender
with Appender(sys.argv[1]).locked():
    print("held", flush=True)
    sys.stdin.readline()
"""
    process = python(script, journal.folder)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "held\n"
    waiting = python(APPENDING.replace("range(200)", "range(1)"), journal.folder, 0)
    assert waiting.stdin is not None
    waiting.stdin.close()
    waiting.stdin = None
    with pytest.raises(BusyError):
        journal.appender.append(b"", wait=False)
    assert waiting.poll() is None
    process.stdin.write("\n")
    process.communicate()
    assert waiting.communicate() == ("", "")
    until(lambda: len(journal.sound()) == 1)


def test_a_closed_appender_opens_again(journal: Journal) -> None:
    journal.put(event("evt_1"))
    journal.appender.close()
    journal.appender.close()
    journal.put(event("evt_2"))
    assert journal.events() == ["evt_1", "evt_2"]


# Whatever happens


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["append", "append", "other", "rotate", "torn", "sync fails", "empty", "full"]),
            st.integers(1, 300),
        ),
        max_size=25,
    )
)
def test_bytes_are_only_ever_added_and_every_append_stands(steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as place:
        folder = Path(place) / "journal"
        journal, other = Journal(folder), Journal(folder)
        patch.setattr(segments, "SEGMENT_BYTES", 700)
        appended: list[str] = []
        before: dict[int, bytes] = {}
        for step, n in steps:
            name = f"evt_{len(appended)}"
            if step in ("append", "other"):
                (journal if step == "append" else other).put(event(name))
                appended.append(name)
            elif step == "rotate":
                journal.appender.rotate()
            elif step == "torn" and journal.numbers:
                journal.add_raw(r.to_line(event("evt_torn"))[: n % 100 + 1], journal.numbers[-1])
            elif step == "empty" and journal.numbers:
                journal.path(journal.numbers[-1] + 1).touch()
            elif step == "sync fails" and appended:
                journal.put(event(name))
                appended.append(name)
                with pytest.MonkeyPatch.context() as disk:
                    failing(disk, "sync_file", owner=segments)
                    with pytest.raises(SyncError):
                        journal.appender.sync()
            elif step == "full":
                with pytest.MonkeyPatch.context() as disk:
                    failing(disk, "write", errno.ENOSPC)
                    with pytest.raises(AppendError):
                        other.put(event("evt_lost"))
            after = {number: journal.raw(number) for number in journal.numbers}
            assert all(after[number].startswith(raw) for number, raw in before.items())
            before = after
        assert journal.events() == appended
        assert journal.numbers == list(range(1, len(journal.numbers) + 1))
