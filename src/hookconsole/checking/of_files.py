"""Checks of who may do what with the files: nobody but their owner, and the owner is one user."""

import fcntl
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hookconsole.checking.findings import Finding, finding
from hookconsole.config.file import loose_mode, shown
from hookconsole.flocks import flocked
from hookconsole.paths import Home

LOCK_SECONDS = 2.0
"""Who holds a lock for longer isn't at work but stopped: an append takes milliseconds, an edit a second."""


class _Kept(NamedTuple):
    name: str
    mode: int
    owner: int


def check_config_mode(path: Path) -> Iterator[Finding]:
    """Whether others may use the config file."""
    mode = loose_mode(path)
    if mode is not None:
        what = f"its mode is {mode:04o}: others may use it, and it has secrets"
        yield finding(shown(path), what, f"chmod 600 {shown(path)}")


def check_state(home: Home) -> Iterator[Finding]:
    """Modes and owners in a state directory that exists."""
    status = home.state.stat()
    where = shown(home.state)
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        yield finding(where, f"its mode is {mode:04o}: others may use it", f"chmod 700 {where}")
    if not os.access(home.state, os.R_OK | os.W_OK | os.X_OK):
        what = f"{_user(os.geteuid())} may not use it; it belongs to {_user(status.st_uid)}"
        yield finding(where, what, "run hookconsole as its owner")
        return
    for path in sorted(home.state.iterdir()):
        if path.is_symlink() and not path.exists():
            yield finding(shown(path), "is a link to nothing", "mend or remove the link")
    kept = list(_kept(home))
    loose = [file for file in kept if file.mode & 0o077]
    if loose:
        what = f"others may use {_some(loose)}, of mode {loose[0].mode:04o}"
        yield finding(where, what, f"chmod -R go-rwx {where}")
    foreign = [file for file in kept if file.owner != status.st_uid]
    if foreign:
        owner = _user(status.st_uid)
        what = f"{_some(foreign)} belongs to {_user(foreign[0].owner)}, the directory to {owner}"
        yield finding(where, what, f"chown -R {owner} {where}, and always run hookconsole as {owner}")


def check_lock(path: Path, what_waits: str) -> Iterator[Finding]:
    """Whether somebody sits on a lock that is only ever held for a moment."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not flocked(descriptor, fcntl.LOCK_SH, LOCK_SECONDS, poll_seconds=0.01):
            what = f"a process has held it for {LOCK_SECONDS:g} s, and {what_waits} wait for it"
            yield finding(shown(path), what, f"find it with lsof {shown(path)} and end it, or let it go on")
    finally:
        os.close(descriptor)


def _kept(home: Home) -> Iterator[_Kept]:
    for folder, prefix in ((home.state, ""), (home.journal, "journal/")):
        try:
            found = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue  # the check of the journal says so
        for entry in found:
            try:
                status = entry.stat()
            except OSError:
                continue  # gone meanwhile, or a link to nothing
            yield _Kept(prefix + entry.name, stat.S_IMODE(status.st_mode), status.st_uid)


def _some(files: list[_Kept]) -> str:
    first = shown(Path(files[0].name))
    return first if len(files) == 1 else f"{first} and {len(files) - 1} more"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
