"""Several processes append to one journal: no line is lost or glued, whatever happens to any of them."""

import errno
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import Journal, failing, python, until

from hookconsole.errors import BusyError
from hookconsole.journal import records as r
from hookconsole.journal import segments
from hookconsole.journal.line import seal
from hookconsole.journal.segments import Appender, AppendError, SyncError
from support import event


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal")


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
