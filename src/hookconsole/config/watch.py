"""When a change of the config file is to be adopted: not before it has stood still.

Invariant: what is reported was read twice, some time apart, with the same content from the same
untouched file. So an editor that truncates in place never shows half a file, and one that renames
is seen as well. No waiting in here: the caller polls and tells the time.
"""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from hookconsole.config.file import read
from hookconsole.config.load import ConfigError
from hookconsole.errors import InputError

SETTLE_SECONDS = 0.4
"""A little less than the 0.5 s between polls: two of them are always enough apart."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The new state of the file: its bytes, None if it is gone, or why it can't be read."""

    raw: bytes | None = field(repr=False)
    error: ConfigError | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """What tells one state of the file from another."""

    stamp: tuple[int, ...]
    content: bytes = field(repr=False)


class Watcher:
    """Watches one path. `raw` is what its user already has: the file's bytes, or None for no file."""

    def __init__(self, path: Path, raw: bytes | None) -> None:
        self._path = path
        self._adopted = _digest(raw)
        self._adopted_stamp: tuple[int, ...] | None = None
        self._candidate: _Look | None = None
        self._since = 0.0

    def adopted(self, raw: bytes | None) -> None:
        """Its user has got this state of the file by another way."""
        self._adopted = _digest(raw)

    def distrust(self) -> None:
        """What was read at first may be half a file: a change, to be adopted when it has stood still."""
        self._adopted = b"?"

    def poll(self, now: float) -> Changed | None:
        """The change to adopt, if there is one; `now` in monotonic seconds."""
        if self._adopted_stamp is not None and _stamp(self._path) == self._adopted_stamp:
            self._candidate = None
            return None
        changed, look = _look(self._path)
        if look != self._candidate:
            self._candidate, self._since = look, now
            return None
        if now - self._since < SETTLE_SECONDS:
            return None
        self._candidate, self._adopted_stamp = None, look.stamp
        if look.content == self._adopted:
            return None
        self._adopted = look.content
        return changed


def _look(path: Path) -> tuple[Changed, _Look]:
    try:
        found = read(path)
    except InputError as error:
        problem = ConfigError([str(error)])
        return Changed(None, problem), _Look(_stamp(path), b"!" + str(error).encode())
    if found is None:
        return Changed(None), _Look((), _digest(None))
    return Changed(found.raw), _Look(_stamp_of(found.status), _digest(found.raw))


def _digest(raw: bytes | None) -> bytes:
    return b"" if raw is None else hashlib.blake2b(raw).digest()


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        return _stamp_of(path.stat())
    except OSError:
        return ()


def _stamp_of(status: os.stat_result) -> tuple[int, ...]:
    # The time of change, too: a copy that keeps the time of writing is a change.
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
