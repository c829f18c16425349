"""Edits among other processes, editors, full disks and crashes: nothing is lost or half done."""

import contextlib
import errno
import fcntl
import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from editing import ENVIRONMENT, TEXT, VALUES, finished, only_config_and_lock, path, python, refused

from hookconsole.config import lock, save
from hookconsole.config.edit import add_endpoint, set_keys
from hookconsole.config.load import load
from hookconsole.config.lock import locked
from hookconsole.errors import BusyError, InputError, RefusedError

__all__ = ["path"]


ADD_MANY = """
import sys
from pathlib import Path
from hookconsole.config.edit import add_endpoint, remove_endpoint
path, who = Path(sys.argv[1]), sys.argv[2]
for number in range(12):
    add_endpoint(path, f"{who}-{number}", {"url": "https://a.example/", "events": ["*"], "secret": "s"})
    if number % 3 == 2:
        remove_endpoint(path, f"{who}-{number}")
"""


def test_edits_by_several_processes_at_once_all_survive(path: Path) -> None:
    for process in [python(ADD_MANY, path, who) for who in "abc"]:
        finished(process)
    expected = {f"{who}-{number}" for who in "abc" for number in range(12) if number % 3 != 2}
    assert set(load(path).endpoints) == {"acme", "globex"} | expected
    assert path.read_text().startswith(TEXT)
    assert only_config_and_lock(path)


def edited_by_hand(path: Path, times: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An editor that saves right before the program would, so many times; its saves are counted."""
    write = save._write
    saves = 0

    def with_editor(temporary: Path, new: bytes, old: Any) -> None:
        nonlocal saves
        write(temporary, new, old)
        if saves < times:
            saves += 1
            path.write_text(path.read_text() + f"# by hand {saves}\n")

    monkeypatch.setattr(save, "_write", with_editor)
    while True:
        yield saves


def test_a_hand_edit_in_between_survives_as_well(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saves = edited_by_hand(path, 3, monkeypatch)
    next(saves)
    set_keys(path, "acme", {"active": False})
    assert next(saves) == 3
    assert load(path).endpoints["acme"].active is False
    assert path.read_text().endswith("# by hand 1\n# by hand 2\n# by hand 3\n")
    assert only_config_and_lock(path)


def test_a_file_that_was_replaced_in_between_keeps_its_new_mode(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one with the same text, as a tool that copies configs does."""
    write = save._write

    def replacing(temporary: Path, new: bytes, old: Any) -> None:
        write(temporary, new, old)
        if stat.S_IMODE(path.stat().st_mode) == 0o600:
            copy = path.with_suffix(".copy")
            copy.write_text(path.read_text())
            copy.chmod(0o640)
            copy.replace(path)

    monkeypatch.setattr(save, "_write", replacing)
    set_keys(path, "acme", {"active": False})
    assert load(path).endpoints["acme"].active is False
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_keeps_changing_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    next(edited_by_hand(path, 100, monkeypatch))
    with pytest.raises(BusyError, match="being changed by someone else"):
        set_keys(path, "acme", {"active": False})
    assert load(path).endpoints["acme"].active is True
    assert only_config_and_lock(path)


def test_a_file_that_appears_or_vanishes_in_between_is_seen(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = save._write

    def vanishing(temporary: Path, new: bytes, old: Any) -> None:
        write(temporary, new, old)
        path.unlink(missing_ok=True)

    def appearing(temporary: Path, new: bytes, old: Any) -> None:
        write(temporary, new, old)
        path.write_text(TEXT)

    monkeypatch.setattr(save, "_write", vanishing)
    with pytest.raises(InputError, match="no endpoint"):
        set_keys(path, "acme", {"active": False})
    monkeypatch.setattr(save, "_write", appearing)
    with pytest.raises(RefusedError, match="an endpoint acme already"):
        add_endpoint(path, "acme", VALUES)
    assert path.read_text() == TEXT


HOLD = """
import sys
from pathlib import Path
from hookconsole.config.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_held_lock_is_busy_until_its_holder_is_killed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LOCK_SECONDS", 0.05)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        message = refused(path, BusyError, lambda: set_keys(path, "acme", {"active": False}))
        assert message.startswith(f"{path} is being edited by another hookconsole")
        holder.kill()
    set_keys(path, "acme", {"active": False})


def test_the_lock_file_is_made_once_kept_and_not_inherited(path: Path) -> None:
    with locked(path) as real:
        assert real == path.resolve()
        inode = path.with_name("config.toml.lock").stat().st_ino
        with path.with_name("config.toml.lock").open() as other:
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with locked(path):
            assert path.with_name("config.toml.lock").stat().st_ino == inode
    finally:
        child.kill()
        child.wait()


def test_a_link_in_the_locks_place_is_refused_and_makes_no_file(path: Path) -> None:
    path.with_name("config.toml.lock").symlink_to("elsewhere")
    with pytest.raises(RefusedError, match="can't be edited"):
        set_keys(path, "acme", {"active": False})
    assert not path.with_name("elsewhere").exists()
    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    ("function", "number", "what"),
    [
        ("write", errno.ENOSPC, "No space left on device"),
        ("write", errno.EDQUOT, "quota"),
        ("fsync", errno.EIO, "Input/output error"),
        ("fchmod", errno.EPERM, "not permitted"),
    ],
)
def test_a_failing_disk_leaves_the_old_file_and_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch, function: str, number: int, what: str
) -> None:
    def failing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, function, failing)
    message = refused(path, RefusedError, lambda: set_keys(path, "acme", {"active": False}))
    assert message.startswith(f"{path} could not be saved: ")
    assert what in message


def test_the_bytes_are_durable_before_the_name_and_the_name_before_the_return(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        calls.append("folder synced" if is_folder else "file synced")
        fsync(descriptor)

    def replaced(self: Path, target: Path) -> Path:
        calls.append("replaced")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    set_keys(path, "acme", {"active": False})
    assert calls == ["file synced", "replaced", "folder synced"]


def test_a_new_files_folder_is_durable_before_the_file_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "config.toml"
    calls: list[object] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        calls.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def replaced(self: Path, target: Path) -> Path:
        calls.append("replaced")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    add_endpoint(path, "acme", VALUES)
    made = calls.index("replaced")
    assert tmp_path.stat().st_ino in calls[:made]
    assert path.parent.stat().st_ino in calls[made:]


def test_a_link_that_comes_to_lie_where_the_new_file_is_made_is_not_written_through(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = path.with_name("victim")
    victim.write_text("ours")
    unlink = Path.unlink

    def linked(self: Path, missing_ok: bool = False) -> None:
        with contextlib.suppress(FileNotFoundError):
            unlink(self)
        monkeypatch.setattr(Path, "unlink", unlink)
        self.symlink_to(victim)

    monkeypatch.setattr(Path, "unlink", linked)
    with pytest.raises(RefusedError, match="File exists"):
        set_keys(path, "acme", {"active": False})
    assert victim.read_text() == "ours"
    assert path.read_text() == TEXT


def test_short_writes_are_continued(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data[:7])))
    set_keys(path, "acme", {"active": False})
    assert load(path).endpoints["acme"].active is False


FULL = """
import resource, sys
from pathlib import Path
from hookconsole.config.edit import add_endpoint
from hookconsole.errors import RefusedError
path = Path(sys.argv[1])
size = path.stat().st_size
for limit in range(0, size + 60, 9):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        add_endpoint(path, "new", {"url": "https://a.example/", "events": ["*"], "secret": "s"})
    except RefusedError as error:
        print(error)
"""


def test_a_disk_that_is_full_at_any_byte_loses_nothing(path: Path) -> None:
    lines = finished(python(FULL, path)).splitlines()
    assert len(lines) > 10
    assert set(lines) == {
        f"{path} could not be saved: File too large; make room or mend the permissions and try again"
    }
    assert path.read_text() == TEXT
    assert only_config_and_lock(path)


def test_a_folder_that_may_not_be_written_is_named(ruled: Path) -> None:
    path = ruled / "config.toml"
    path.write_text(TEXT)
    path.chmod(0o600)
    set_keys(path, "acme", {"active": True})
    ruled.chmod(0o500)
    message = refused(path, RefusedError, lambda: set_keys(path, "acme", {"active": False}))
    assert "Permission denied" in message


CRASH = """
import os, stat, sys
from pathlib import Path
from hookconsole.config import save
from hookconsole.config.edit import add_endpoint, remove_endpoint
from hookconsole.config.load import load

path = Path(sys.argv[1])
old = path.read_bytes()
add_endpoint(path, "new", {"url": "https://a.example/", "events": ["*"], "secret": "s" * 2000})
new = path.read_bytes()
path.write_bytes(old)
calls = 0

def counted(function, at, half=False):
    def wrapper(*arguments, **named):
        global calls
        calls += 1
        if calls == at:
            if half:
                function(arguments[0], arguments[1][:len(arguments[1]) // 2])
            os._exit(9)
        return function(*arguments, **named)
    return wrapper

states = []
for at in range(1, 100):
    child = os.fork()
    if not child:
        for name in ("open", "write", "fsync", "fchmod", "close"):
            setattr(os, name, counted(getattr(os, name), at, half=name == "write"))
        for name in ("replace", "unlink"):
            setattr(Path, name, counted(getattr(Path, name), at))
        add_endpoint(path, "new", {"url": "https://a.example/", "events": ["*"], "secret": "s" * 2000})
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    content = path.read_bytes()
    assert content in (old, new), at
    load(path)
    for left in path.parent.iterdir():
        assert stat.S_IMODE(left.stat().st_mode) == 0o600, left
    states.append((content == new, any(p.name.endswith(".tmp") for p in path.parent.iterdir())))
    path.write_bytes(old)
    if code == 0:
        break
    assert code == 9
for state in sorted(set(states)):
    print(*state)
add_endpoint(path, "new", {"url": "https://a.example/", "events": ["*"], "secret": "s" * 2000})
assert path.read_bytes() == new
"""


def test_a_crash_at_any_call_leaves_the_old_or_the_new_file(path: Path) -> None:
    states = finished(python(CRASH, path)).splitlines()
    # Old without and with a left-over temporary file, new: the crashes were where they matter.
    assert states == ["False False", "False True", "True False"]
    assert only_config_and_lock(path)
    assert tomllib.loads(path.read_text())["endpoints"]["new"]
