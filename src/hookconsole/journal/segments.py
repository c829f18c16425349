"""Segment files: their names, their order, and the one way in which bytes get into them.

Invariants: a segment is never truncated, renamed or reused. Names are numbers and order is their order.
Bytes are only added under `journal.lock`, to the highest segment. A segment of size > 0 has a durable name.
A torn tail is sealed by the next append with a newline, so it can only ever cost itself.
"""

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from hookconsole.clock import rfc3339
from hookconsole.errors import BusyError, RefusedError
from hookconsole.flocks import flocked
from hookconsole.folders import make_durable, make_private, sync_folder
from hookconsole.journal.event_records import VERSION, Segment, to_line
from hookconsole.journal.line import is_sound

SEGMENT_BYTES = 64 << 20
"""A segment that has reached this size is followed by a new one."""

LAST_SEGMENT = 999_999_999_999
"""A name has no room for more digits: what stood in a segment behind this one nobody would read."""

LOCK_SECONDS = 10.0
"""How long an append waits for another process's append before it gives up."""

_POLL_SECONDS = 0.001


class Position(NamedTuple):
    """A place in the journal: segment number and byte offset. Positions are in the order of the records."""

    segment: int
    offset: int


START = Position(0, 0)


class AppendError(RefusedError):
    """The disk didn't take the lines; `written` bytes of them stand at `position`."""

    def __init__(
        self, error: OSError, where: str, written: int = 0, position: Position | None = None
    ) -> None:
        self.errno = error.errno
        self.written = written
        self.position = position
        name = errno.errorcode.get(error.errno or 0, "OSError")
        super().__init__(
            f"the journal can't be written ({name}: {error.strerror}): {error.filename or where}"
        )


class SyncError(AppendError):
    """What was appended since the last sync can't be trusted to be durable: it must be appended again."""


def segment_path(folder: str, number: int) -> str:
    """The file of a segment."""
    return f"{folder}/{number:012d}.jsonl"


def segment_numbers(folder: str) -> list[int]:
    """The numbers of the segments that exist, ascending; [] where there is no journal yet."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(int(name[:12]) for name in names if _is_segment(name))


def _is_segment(name: str) -> bool:
    """Whatever else lies there is none, such as a copy 1.jsonl."""
    return len(name) == 18 and name.endswith(".jsonl") and name.isascii() and name[:12].isdecimal()


def _is_named(path: str, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(path), status)
    except FileNotFoundError:
        return False


def sync_file(fd: int) -> None:
    """Make the bytes of a file durable."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:  # on macOS fsync leaves the bytes in the drive's cache
        fcntl.fcntl(fd, full)
    else:
        os.fdatasync(fd)


class _Head(msgspec.Struct):
    version: int = 0


def why_newer(fd: int) -> str:
    """What is wrong with a segment of a later format, else empty. One whose first line is damaged is read."""
    head = os.pread(fd, 512, 0).split(b"\n", 1)[0]
    try:
        version = msgspec.json.decode(head, type=_Head).version if is_sound(head) else 0
    except ValueError:
        return ""
    if version <= VERSION:
        return ""
    return f"is of format version {version}, this program knows {VERSION}; use a newer hookconsole"


class Appender:
    """One process's (or thread's) way to add lines. Not thread-safe: one for each thread.

    `append` writes, `sync` makes what was appended durable: only then may anything be acknowledged.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._pid, self._fd, self._lock = 0, -1, -1
        self.folder = os.fspath(folder)
        self._state = os.path.dirname(self.folder) or "."
        self._number = 0
        self._suspect = False
        self.failed_syncs = 0
        self.doubtful: set[int] = set()
        """Segments of which a sync failed: what is read in them may be gone after a power loss."""
        self._copies: dict[int, int] = {}

    def append(self, lines: bytes, *, wait: bool = True) -> Position:
        """Add whole lines and return where the first begins. AppendError, or BusyError with the lock held.

        With `wait` false a lock that is held raises BusyError at once.
        """
        with self.locked(wait=wait):
            return self.append_locked(lines)

    @contextlib.contextmanager
    def locked(self, *, wait: bool = True) -> Iterator[None]:
        """Hold the journal's lock: nobody else appends meanwhile."""
        if self._pid != os.getpid():
            self._open()
        self._take_lock(wait)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def append_locked(self, lines: bytes) -> Position:
        """As `append`, by who holds the lock."""
        written, size, torn = 0, 0, False
        try:
            size = self._to_newest()
            if size >= SEGMENT_BYTES or self._suspect:
                size = self._next_segment()
            torn = os.pread(self._fd, 1, size - 1) != b"\n"
            if torn:
                lines = b"\n" + lines
            view = memoryview(lines)
            while written < len(view):
                written += os.write(self._fd, view[written:])
        except OSError as error:
            where, position = segment_path(self.folder, self._number), Position(self._number, size + torn)
            raise AppendError(error, where, max(written - torn, 0), position) from error
        return Position(self._number, size + torn)

    def rotate(self) -> None:
        """Begin a new segment now. SyncError when the old one's end can't be made durable."""
        with self.locked():
            try:
                self._to_newest()
                self._next_segment()
            except OSError as error:
                raise AppendError(error, self.folder) from error

    def sync(self) -> None:
        """Make all that this appender appended durable. SyncError when the disk says no."""
        self.sync_copy(self.copy())

    def copy(self) -> int:
        """A descriptor of the open segment, for `sync_copy` on another thread."""
        fd = os.dup(self._fd)
        self._copies[fd] = self._number
        return fd

    def sync_copy(self, fd: int) -> None:
        """As `sync`, for what was appended when the copy was made. Closes the copy."""
        number = self._copies.pop(fd)
        try:
            sync_file(fd)
        except OSError as error:
            # The pages may be marked clean now: another sync of this segment would prove nothing.
            self.doubtful.add(number)
            self._suspect = True
            self.failed_syncs += 1
            raise SyncError(error, self.folder) from error
        finally:
            os.close(fd)

    def close(self) -> None:
        """Give the descriptors back."""
        if self._pid == os.getpid():
            for fd in (self._fd, self._lock):
                if fd >= 0:
                    os.close(fd)
        self._pid, self._fd, self._lock = 0, -1, -1

    def __del__(self) -> None:
        self.close()

    def _open(self) -> None:
        # After a fork the descriptors are shared with the parent, and with them its lock.
        self._fd, self._number = -1, 0
        try:
            make_private(self.folder)
            self._lock = os.open(f"{self._state}/journal.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise AppendError(error, self.folder) from error
        self._pid = os.getpid()

    def _take_lock(self, wait: bool) -> None:
        if not flocked(self._lock, fcntl.LOCK_EX, LOCK_SECONDS if wait else 0.0, _POLL_SECONDS):
            raise BusyError(
                f"{self._state}/journal.lock is held by another process"
                " (a stopped one? see `lsof` on that file); try again"
            )

    def _to_newest(self) -> int:
        """Make the highest segment the open one; its size, which is never 0."""
        if self._fd >= 0:
            status = os.fstat(self._fd)
            named = _is_named(segment_path(self.folder, self._number), status)
            if named and not os.path.exists(segment_path(self.folder, self._number + 1)):
                return status.st_size or self._begin()
            if named and not self._suspect:
                self.sync()  # who began the next one may not have been able to
            os.close(self._fd)
            self._fd = -1
        numbers = segment_numbers(self.folder)
        if not numbers or numbers[-1] < self._number:  # none yet, or deleted or moved away under us
            self._number = max(self._number, numbers[-1] if numbers else 0)
            return self._next_segment()
        self._number = numbers[-1]
        path = segment_path(self.folder, self._number)
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._fd)
            self._fd = -1
            raise OSError(errno.EINVAL, "it is no regular file; move it out of the journal", path)
        if newer := why_newer(self._fd):
            os.close(self._fd)
            self._fd = -1
            raise OSError(errno.EPROTO, f"it {newer}", path)
        return status.st_size or self._begin()

    def _next_segment(self) -> int:
        if self._fd >= 0:
            if not self._suspect:
                self.sync()  # who appended to the old segment syncs the new one from now on
            os.close(self._fd)
            self._fd = -1
        if self._number >= LAST_SEGMENT:
            path = segment_path(self.folder, self._number)
            raise OSError(
                errno.EOVERFLOW, "no number is left behind this segment; move it out of the journal", path
            )
        self._fd = os.open(
            segment_path(self.folder, self._number + 1),
            os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC,
            0o600,
        )
        self._number += 1  # not before it exists: readers wait for the very next number
        self._suspect = False
        return self._begin()

    def _begin(self) -> int:
        make_durable(self.folder)
        os.fsync(self._fd)
        sync_folder(self.folder)
        header = to_line(Segment(rfc3339(time.time()), version=VERSION, segment=self._number))
        return os.write(self._fd, header)
