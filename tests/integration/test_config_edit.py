"""Edits of a real file: other processes, editors, full disks and crashes lose nothing and show nothing."""

import errno
import fcntl
import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hookconsole.config import lock, save
from hookconsole.config.edit import (
    add_endpoint,
    drop_expired_previous,
    remove_endpoint,
    rotate_secret,
    set_keys,
)
from hookconsole.config.load import ConfigError, load
from hookconsole.config.lock import locked
from hookconsole.errors import BusyError, InputError, RefusedError

VALUES: dict[str, Any] = {
    "secret": "canary",
    "events": ["invoice.paid"],
    "url": "https://a.example/?token=canary",
}
TEXT = """\
# Ours
[delivery]
timeout_seconds = 5  # slow

[endpoints.acme]
url = "https://acme.example/"  # prod
events = ["*"]
secret = "old-canary"

# Globex
[endpoints.globex]
url = "https://globex.example/"
events = ["*"]
secret_env = "GLOBEX"
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out


def only_config_and_lock(path: Path) -> bool:
    return {entry.name for entry in path.parent.iterdir()} <= {path.name, f"{path.name}.lock"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refused(path: Path, kind: type[Exception], edit: Callable[[], object]) -> str:
    """The one line of an edit that is refused and leaves the file as it was."""
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(kind) as raised:
        edit()
    assert (path.read_bytes() if path.exists() else None) == before
    assert only_config_and_lock(path)
    message = str(raised.value)
    assert message.isprintable()
    assert "canary" not in message
    return message


def test_the_three_edits_touch_only_their_lines(path: Path) -> None:
    set_keys(path, "acme", {"active": False, "events": ("invoice.paid",)})
    expected = TEXT.replace('["*"]\nsecret = "old', '["invoice.paid"]\nsecret = "old')
    expected = expected.replace('-canary"\n', '-canary"\nactive = false\n')
    assert path.read_text() == expected
    set_keys(path, "acme", {"active": None, "events": ["*"]})
    assert path.read_text() == TEXT
    add_endpoint(path, "new.one", VALUES)
    assert path.read_text() == TEXT + (
        '\n[endpoints."new.one"]\nurl = "https://a.example/?token=canary"\n'
        'events = ["invoice.paid"]\nsecret = "canary"\n'
    )
    remove_endpoint(path, "new.one")
    assert path.read_text() == TEXT
    remove_endpoint(path, "acme")
    assert list(load(path).endpoints) == ["globex"]
    assert "# Globex\n[endpoints.globex]" in path.read_text()


def test_what_can_t_be_is_refused_and_changes_nothing(path: Path) -> None:
    message = refused(path, RefusedError, lambda: add_endpoint(path, "acme", VALUES))
    assert message == "there is an endpoint acme already; edit it, or choose another name"
    for edit in (
        lambda: set_keys(path, "acne", {"active": True}),
        lambda: remove_endpoint(path, "acne"),
        lambda: rotate_secret(path, "acne", "x", 24, 0),
    ):
        assert "did you mean acme?" in refused(path, InputError, edit)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"url": "http://canary.example/"}, "endpoints.acme.url: the URL is http"),
        ({"url": None}, "endpoints.acme: has no url"),
        ({"events": ["invoice.payd"]}, "did you mean invoice.paid?"),
        ({"secret": "canary\n"}, "endpoints.acme.secret: must be one line"),
        ({"secret": "canary\udcff"}, "endpoints.acme.secret: must be one line"),
        ({"secret_env": "A"}, "endpoints.acme: has secret and secret_env"),
        ({"headers": {"Host": "canary"}}, "endpoints.acme.headers.Host"),
        ({"tiemout_seconds": 5}, "did you mean timeout_seconds?"),
        ({"description": "\udcff"}, "isn't valid Unicode"),
    ],
)
def test_an_edit_that_isn_t_valid_is_refused(path: Path, values: dict[str, Any], what: str) -> None:
    assert what in refused(path, InputError, lambda: set_keys(path, "acme", values))


@pytest.mark.parametrize("broken", ["[endpoints.acme\n", TEXT + "[typo]\n", "a = '", "\xff"])
def test_a_broken_file_is_never_edited(path: Path, broken: str) -> None:
    path.write_bytes(broken.encode("latin-1"))
    for edit in (
        lambda: add_endpoint(path, "new", VALUES),
        lambda: set_keys(path, "acme", {"active": False}),
        lambda: remove_endpoint(path, "acme"),
        lambda: rotate_secret(path, "acme", "canary", 24, 0),
    ):
        message = refused(path, ConfigError, edit)
        assert message.startswith(f"not edited, for the file has an error: {path}:")


def test_the_first_endpoint_makes_file_and_folder_private(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "config.toml"
    umask = os.umask(0)
    try:
        add_endpoint(path, "acme", VALUES)
    finally:
        os.umask(umask)
    assert list(load(path).endpoints) == ["acme"]
    assert mode(path) == mode(path.with_name("config.toml.lock")) == 0o600
    assert mode(path.parent) == mode(path.parent.parent) == 0o700


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o400])
def test_the_mode_stays_and_the_new_file_is_private_from_its_first_byte(
    path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    path.chmod(kept)
    seen: list[int] = []
    write = os.write

    def watched(descriptor: int, data: Any) -> int:
        written = write(descriptor, data)
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return written

    monkeypatch.setattr(os, "write", watched)
    umask = os.umask(0)
    try:
        set_keys(path, "acme", {"active": False})
    finally:
        os.umask(umask)
    assert set(seen) == {0o600}
    assert mode(path) == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(path: Path) -> None:
    os.chown(path, 12345, 54321)
    set_keys(path, "acme", {"active": False})
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_a_link_stays_a_link_and_the_lock_is_the_real_file_s(path: Path) -> None:
    folder = path.parent / "links"
    folder.mkdir()
    link = folder / "link.toml"
    link.symlink_to("../config.toml")
    set_keys(link, "acme", {"active": False})
    assert link.readlink() == Path("../config.toml")
    assert load(path).endpoints["acme"].active is False
    assert [entry.name for entry in folder.iterdir()] == ["link.toml"]
    assert path.with_name("config.toml.lock").exists()


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to("gone/config.toml")
    with pytest.raises(RefusedError, match="No such file"):
        add_endpoint(link, "acme", VALUES)
    assert not (tmp_path / "gone").exists()
    (tmp_path / "gone").mkdir()
    with pytest.raises(InputError, match="link to nothing"):
        add_endpoint(link, "acme", VALUES)


def test_a_fifo_or_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for name in ("fifo", "folder"):
        with pytest.raises(InputError, match=name):
            add_endpoint(tmp_path / name, "acme", VALUES)


def test_an_edit_that_changes_nothing_writes_nothing(path: Path) -> None:
    before = path.stat()
    set_keys(path, "acme", {"events": ["*"], "active": None})
    assert path.stat() == before


def test_a_rotation_keeps_the_old_secret_for_its_overlap(path: Path) -> None:
    rotate_secret(path, "acme", "new-canary", 24, 1776263520.9)
    endpoint = load(path).endpoints["acme"]
    assert endpoint.secret.read() == "new-canary"
    assert endpoint.previous_secret == "old-canary"
    assert endpoint.previous_secret_until == 1776263520 + 24 * 3600
    assert "previous_secret_until = 2026-04-16T14:32:00Z\n" in path.read_text()
    rotate_secret(path, "acme", "newer", 0.5, 1776263520)
    endpoint = load(path).endpoints["acme"]
    assert (endpoint.previous_secret, endpoint.previous_secret_until) == ("new-canary", 1776265320)
    rotate_secret(path, "acme", "newest", 0, 1776263520)
    assert path.read_text() == TEXT.replace("old-canary", "newest")


def test_a_rotation_is_refused_where_the_secret_is_elsewhere_or_the_overlap_wrong(
    path: Path,
) -> None:
    message = refused(path, InputError, lambda: rotate_secret(path, "globex", "canary", 24, 0))
    assert "secret_env GLOBEX" in message
    for hours in (-1.0, 169.0, float("nan")):
        rotate = partial(rotate_secret, path, "acme", "x", hours, 0)
        message = refused(path, InputError, rotate)
        assert message == "the overlap must be from 0 to 168 hours"


def test_expired_previous_secrets_are_dropped(path: Path) -> None:
    rotate_secret(path, "acme", "new", 1, 1000)
    before = path.stat()
    assert drop_expired_previous(path, 4599) == []
    assert path.stat() == before
    assert drop_expired_previous(path, 4600) == ["acme"]
    assert path.read_text() == TEXT.replace("old-canary", "new")
    assert drop_expired_previous(path.with_name("none.toml"), 4600) == []


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        message = refused(path, RefusedError, lambda: set_keys(path, "acme", {"active": False}))
    finally:
        path.parent.chmod(0o700)
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
