"""The lock that the program's edits of a config file take; editors of text know nothing of it.

`flock` on a file beside the real one, made once and never unlinked, so that every process locks the
same inode.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from hookconsole.config.file import shown
from hookconsole.errors import BusyError, RefusedError
from hookconsole.flocks import flocked
from hookconsole.folders import make_private

LOCK_SECONDS = 10.0
"""How long an edit waits for another process's; one takes a second at 10,000 endpoints."""

_POLL_SECONDS = 0.02


@contextlib.contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Hold the config's lock; gives the real path, links followed. BusyError if another keeps it."""
    real = Path(os.path.realpath(path))
    descriptor = _opened(real, may_make_folder=not path.is_symlink())
    try:
        _take(descriptor, real)
        yield real
    finally:
        os.close(descriptor)


def _opened(real: Path, *, may_make_folder: bool) -> int:
    name = real.with_name(real.name + ".lock")
    try:
        if may_make_folder:
            make_private(str(real.parent))
        return os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise RefusedError(
            f"{shown(real)} can't be edited: {error.strerror}: {shown(Path(error.filename or name))};"
            " edit it as a user who may write there"
        ) from None


def _take(descriptor: int, real: Path) -> None:
    if not flocked(descriptor, fcntl.LOCK_EX, LOCK_SECONDS, _POLL_SECONDS):
        raise BusyError(f"{shown(real)} is being edited by another hookconsole; try again in a moment")
