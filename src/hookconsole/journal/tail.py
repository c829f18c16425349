"""What others append, in order, while this process appends too.

The reader of a `Tail` has applied its own records when it wrote them: `own` names their place, and they
are passed over. Every other record is handed out once, from `position` on. A segment that shrinks, is
replaced, or goes without a later one, is an error: positions in it mean nothing any more.
"""

import os
from collections import deque

from hookconsole.errors import RefusedError
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.line import LINE_BYTES_AT_MOST
from hookconsole.journal.segments import Position, segment_path
from hookconsole.journal.store import Store

_CHUNK = 1 << 18


class Tail:
    """The journal from a position on, as it grows."""

    def __init__(self, store: Store, position: Position) -> None:
        self.position = position
        self._store = store
        self._own: deque[tuple[Position, int]] = deque()

    def own(self, position: Position, length: int) -> None:
        """The reader itself has appended `length` bytes at `position`."""
        if self._own:
            last, so_far = self._own[-1]
            if last.segment == position.segment and last.offset + so_far == position.offset:
                self._own[-1] = (last, so_far + length)
                return
        self._own.append((position, length))

    def read(self) -> list[tuple[Position, r.AnyRecord]]:
        """Records that others appended, a piece of the journal at a time; [] when there is nothing new."""
        found: list[tuple[Position, r.AnyRecord]] = []
        bytes_at_most = _CHUNK
        while True:
            segment, offset = self.position
            fd = self._store.descriptor(segment)
            size = bytes_at_most
            if self._own and self._own[0][0].segment == segment:
                begin, length = self._own[0]
                if begin.offset <= offset:
                    self._own.popleft()
                    self.position = Position(segment, begin.offset + length)
                    continue
                size = min(size, begin.offset - offset)
            # Whether there is a next segment is asked first: it is made after this one's last line.
            is_last = not os.access(segment_path(self._store.folder, segment + 1), os.F_OK)
            chunk = os.pread(fd, size, offset) if fd is not None else b""
            end = chunk.rfind(b"\n") + 1
            if end:
                at = offset
                for line in chunk[: end - 1].split(b"\n"):
                    record = self._store.decode(line)
                    if record is not None:
                        found.append((Position(segment, at), record))
                    at += len(line) + 1
                self.position = Position(segment, offset + end)
                if found:
                    return found
                bytes_at_most = _CHUNK
                continue  # nothing but damage, and what this version doesn't know
            if len(chunk) == size:
                if size == _CHUNK:
                    bytes_at_most = LINE_BYTES_AT_MOST
                    continue
                # A line too long to be one.
                self.position = Position(segment, offset + len(chunk))
                continue
            replaced = self._store.is_replaced(segment)
            if is_last and not replaced:
                if fd is not None and _is_whole(fd, offset):
                    return found
                later = [number for number in self._store.numbers() if number > segment]
                if later:
                    self.position = Position(later[0], 0)
                    continue
                if fd is None:
                    return found
            if is_last or replaced:
                raise RefusedError(
                    f"{segment_path(self._store.folder, segment)} was cut short, deleted or replaced while in"
                    " use; what is there is read at the next start"
                )
            self.position = Position(segment + 1, 0)

    def drain_into(self, fold: Fold) -> bool:
        """Fold in all that stands there now; the fold is then that of `position`. False for nothing new."""
        found = False
        while records := self.read():
            found = True
            for position, record in records:
                fold.apply(record, position.segment, position.offset)
        fold.position = self.position
        return found


def _is_whole(fd: int, offset: int) -> bool:
    status = os.fstat(fd)
    return status.st_nlink > 0 and status.st_size >= offset
