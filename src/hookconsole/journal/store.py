"""The journal as a whole, for reading: its segments, records at positions, the fold, what comes next.

Reading never locks and never writes. A segment of a newer format version is refused, a damaged line is
counted and passed over, a line of an unknown kind is ignored.
"""

import contextlib
import errno
import os
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from hookconsole.clock import parse_rfc3339
from hookconsole.errors import RefusedError
from hookconsole.journal import checkpoint
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.line import LINE_BYTES_AT_MOST, is_sound
from hookconsole.journal.reading import lines_backward, lines_forward
from hookconsole.journal.segments import Position, segment_numbers, segment_path, why_newer

_OPEN_AT_MOST = 16

_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO)
"""Says nothing of the file, and may pass: a sender goes on."""


class Store:
    """A reader of one journal folder. Not thread-safe: one for each thread.

    `on_piece` is called with the segment and the offset that a scan backwards has come to, every 256 KiB.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._fds: OrderedDict[int, int] = OrderedDict()
        self.folder = os.fspath(folder)
        self.damaged = 0
        self.on_piece: Callable[[int, int], None] = lambda _segment, _offset: None

    def numbers(self) -> list[int]:
        """The segments that exist, ascending."""
        try:
            return segment_numbers(self.folder)
        except OSError as error:
            raise _unreadable(self.folder, error) from None

    def descriptor(self, segment: int) -> int | None:
        """An open descriptor of a segment, None when it doesn't exist."""
        fd = self._fds.get(segment)
        if fd is not None:
            self._fds.move_to_end(segment)
            return fd
        path = segment_path(self.folder, segment)
        try:
            # Without O_NONBLOCK the opening of a FIFO would hang.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            if os.path.islink(path):
                raise RefusedError(f"{path} is a link to nothing; mend the link") from None
            return None
        except OSError as error:
            if error.errno in _PASSING:
                raise
            raise _unreadable(path, error) from None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise RefusedError(f"{path} is no regular file; move it out of the journal")
        self._check_version(fd, segment)
        self._fds[segment] = fd
        if len(self._fds) > _OPEN_AT_MOST:
            os.close(self._fds.popitem(last=False)[1])
        return fd

    def close(self) -> None:
        """Give the descriptors back."""
        while self._fds:
            os.close(self._fds.popitem()[1])

    def __del__(self) -> None:
        self.close()

    def forget(self, segment: int) -> None:
        """Close a segment that was deleted."""
        fd = self._fds.pop(segment, None)
        if fd is not None:
            os.close(fd)

    def is_replaced(self, segment: int) -> bool:
        """Whether the name of a segment that is open leads to another file by now, as far as can be told."""
        fd = self._fds.get(segment)
        if fd is None:
            return False
        try:
            return not os.path.samestat(os.stat(segment_path(self.folder, segment)), os.fstat(fd))
        except OSError:
            return False

    def decode(self, line: bytes) -> r.AnyRecord | None:
        """The record of a line; None for damage (counted) and for kinds that aren't known."""
        if is_sound(line):
            try:
                return r.from_line(line)
            except r.UnknownKindError:
                return None
            except (ValueError, RecursionError):
                pass
        if line:
            self.damaged += 1
        return None

    def record_at(self, segment: int, offset: int) -> r.AnyRecord | None:
        """The record that stands at a position; None where there is no sound one any more."""
        fd = self.descriptor(segment)
        if fd is None or offset < 0:
            return None
        size = 4096
        while True:
            raw = os.pread(fd, size, offset)
            end = raw.find(b"\n")
            if end >= 0:
                return self.decode(raw[:end])
            if len(raw) < size or size >= LINE_BYTES_AT_MOST:
                return None
            size *= 8

    def event_at(self, event: str, segment: int, offset: int) -> r.Event | None:
        """The event's record at a position, if that is what stands there."""
        record = self.record_at(segment, offset)
        return record if isinstance(record, r.Event) and record.event == event else None

    def forward(self, since: Position) -> Iterator[tuple[Position, r.AnyRecord, Position]]:
        """(position, record, position behind it) of every record from `since` to the journal's end."""
        for number in self.numbers():
            if number < since.segment:
                continue
            begin = since.offset if number == since.segment else 0
            with self._held(number) as fd:
                for offset, line in lines_forward(fd, begin) if fd is not None else ():
                    record = self.decode(line)
                    if record is not None:
                        behind = Position(number, offset + len(line) + 1)
                        yield Position(number, offset), record, behind

    def backward(
        self, needle: bytes = b"", before: Position | None = None, since: float = 0.0
    ) -> Iterator[tuple[Position, r.AnyRecord]]:
        """Records from the journal's end to its beginning; with `needle` only those whose line holds it.

        Segments in which nothing can be as young as `since` (unix seconds) aren't read.
        """
        for position, line in self.lines_backward(needle, before, first=self.first_since(since)):
            record = self.decode(line)
            if record is not None:
                yield position, record

    def lines_backward(
        self, needle: bytes = b"", before: Position | None = None, first: int = 0
    ) -> Iterator[tuple[Position, bytes]]:
        """As `backward`, the lines themselves, unchecked, down to segment `first`."""
        for number in reversed(self.numbers()):
            if number < first:
                return
            if before is not None and number > before.segment:
                continue
            with self._held(number) as fd:
                if fd is None:
                    continue
                end = os.fstat(fd).st_size
                if before is not None and number == before.segment:
                    end = min(end, before.offset)
                passing = partial(self.on_piece, number)
                for offset, line in lines_backward(fd, end, 0, needle, passing=passing):
                    yield Position(number, offset), line

    @contextlib.contextmanager
    def _held(self, segment: int) -> Iterator[int | None]:
        """A descriptor for a scan, which stays open however many others are asked for meanwhile."""
        fd = self.descriptor(segment)
        held = os.dup(fd) if fd is not None else None
        try:
            yield held
        finally:
            if held is not None:
                os.close(held)

    def first_since(self, since: float) -> int:
        """The segment before the first that was opened since then: order comes from position, and a later one
        may have been opened by a clock that stood wrong."""
        numbers = self.numbers() if since > 0 else []
        for number, following in pairwise(numbers):
            opened = self.opened_at(following)
            if opened is not None and parse_rfc3339(opened) >= since:
                return number
        return numbers[-1] if numbers else 0

    def opened_at(self, segment: int) -> str | None:
        """When a segment was begun (RFC 3339), None where that can't be read."""
        record = self.record_at(segment, 0)
        return record.at if isinstance(record, r.Segment) else None

    def fold(self) -> Fold:
        """The state as of now: the newest whole checkpoint and what came after it."""
        fold = self.checkpointed()
        self.catch_up(fold)
        return fold

    def checkpointed(self) -> Fold:
        """The state as of the newest whole checkpoint, to be caught up with what came after it."""
        fold = Fold()
        places = self._newest_checkpoint()
        checkpoint.load(
            fold, (part for at in places if isinstance(part := self.record_at(*at), r.Checkpoint))
        )
        return fold

    def catch_up(self, fold: Fold) -> None:
        """Fold in all that stands behind the fold's position now."""
        for position, record, behind in self.forward(fold.position):
            fold.apply(record, position.segment, position.offset)
            fold.position = behind

    def _newest_checkpoint(self) -> list[Position]:
        """Where its parts are: all at once they would take as much memory as the fold."""
        parts: dict[tuple[str, int], dict[int, Position]] = {}
        for position, line in self.lines_backward(b'{"kind":"checkpoint"'):
            if not line.startswith(b'{"kind":"checkpoint"'):
                continue
            record = self.decode(line)
            if not isinstance(record, r.Checkpoint) or record.part >= record.parts:
                continue
            if (record.segment, record.offset) > position:
                continue  # it can't know what comes after it
            found = parts.setdefault((record.checkpoint, record.parts), {})
            found[record.part] = position
            if len(found) == record.parts:
                return [found[number] for number in range(record.parts)]
        return []

    def _check_version(self, fd: int, segment: int) -> None:
        if newer := why_newer(fd):
            os.close(fd)
            raise RefusedError(f"{segment_path(self.folder, segment)} {newer}")


def _unreadable(path: str, error: OSError) -> RefusedError:
    return RefusedError(f"{path} can't be read: {error.strerror}; let the sender's user read it")
