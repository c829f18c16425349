"""One sender for a state directory, and who it is.

`sender.lock` is made once and never unlinked; who holds its flock is the sender. If an operator unlinks it,
the holder ends, as another could begin. Its text is a note of the holder's, of a fixed size and rewritten in
place: that needs no room on a full disk.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path

import msgspec

from hookconsole.clock import rfc3339_seconds
from hookconsole.errors import BusyError, RefusedError
from hookconsole.folders import make_private
from hookconsole.who import user_name

_NOTE_BYTES = 2048
_CLI_SECONDS = 90.0
"""How long who wants to send waits for a command that makes attempts itself."""


class Note(msgspec.Struct, kw_only=True):
    """What the holder says of itself. `halted` and `refused` are a reason, or empty; one that is `waiting`
    has had no config yet that isn't refused, and sends nothing."""

    pid: int = 0
    mode: str = ""
    since: str = ""
    user: str = ""
    halted: str = ""
    refused: str = ""
    waiting: bool = False


class SenderLock:
    """This process's claim to be the sender."""

    def __init__(self, state: Path) -> None:
        self._path = state / "sender.lock"
        self._fd = -1
        self.note = Note()

    def acquire(self, mode: str) -> None:
        """Become the sender; BusyError names who is. Waits for a command's single attempt to end."""
        try:
            make_private(str(self._path.parent))
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RefusedError(f"{self._path}: {error.strerror}") from None
        # `status` holds the lock for a moment when it looks whether anyone does.
        patience = time.monotonic() + 0.5
        longest = time.monotonic() + _CLI_SECONDS
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = _read_note(fd)
                until = longest if holder.mode == "command" else patience
                if time.monotonic() > until:
                    os.close(fd)
                    raise BusyError(
                        f"a sender already runs for {self._path.parent}: pid {holder.pid}"
                        f" ({holder.mode}, user {holder.user}, since {holder.since})"
                    ) from None
                time.sleep(0.02)
        self._fd = fd
        if not self._stands():
            self.release()
            self.acquire(mode)
            return
        self.note = Note(pid=os.getpid(), mode=mode, since=rfc3339_seconds(time.time()), user=user_name())
        self._write()

    def check(self) -> None:
        """RefusedError if another process could be the sender, too."""
        if not self._stands():
            raise RefusedError(
                f"{self._path} was deleted while in use, so another sender may begin; start this one again"
            )

    def _stands(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._fd), os.stat(self._path))
        except FileNotFoundError:
            return False

    def publish(
        self, *, halted: str | None = None, refused: str | None = None, waiting: bool | None = None
    ) -> None:
        """Tell whoever looks what is wrong; an empty reason says that it is over."""
        before = msgspec.structs.astuple(self.note)
        if halted is not None:
            self.note.halted = halted[:300]
        if refused is not None:
            self.note.refused = refused[:300]
        if waiting is not None:
            self.note.waiting = waiting
        if msgspec.structs.astuple(self.note) != before:
            self._write()

    def release(self) -> None:
        """Stop being the sender."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _write(self) -> None:
        text = msgspec.json.encode(self.note)
        with contextlib.suppress(OSError):
            os.pwrite(self._fd, text[:_NOTE_BYTES].ljust(_NOTE_BYTES - 1) + b"\n", 0)


def sender_note(state: Path) -> Note | None:
    """The running sender's note; None when nobody sends."""
    try:
        fd = os.open(state / "sender.lock", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_note(fd)
    finally:
        os.close(fd)
    return None


def last_note(state: Path) -> tuple[Note | None, float | None]:
    """The newest sender's note, be it gone, and the seconds since the journal was last written."""
    note, silent = None, None
    try:
        fd = os.open(state / "sender.lock", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None, None
    try:
        note = _read_note(fd)
    finally:
        os.close(fd)
    with contextlib.suppress(OSError, ValueError):
        silent = time.time() - max(entry.stat().st_mtime for entry in (state / "journal").iterdir())
    return note, silent


def _read_note(fd: int) -> Note:
    try:
        return msgspec.json.decode(os.pread(fd, _NOTE_BYTES, 0), type=Note)
    except (OSError, ValueError):
        return Note(mode="unknown")
