"""An outbox on a journal: what it put, and what of that is in the files."""

import asyncio
import errno
import os
from pathlib import Path

import pytest
from writing import Journal

from hookconsole.delivery.outbox import Outbox
from hookconsole.journal.line import seal
from hookconsole.journal.segments import Position


class Pen:
    """An outbox on a journal, and what it says of where its lines are."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)
        self.written: list[tuple[Position, int]] = []
        self.outbox = Outbox(self.journal.appender, lambda *place: self.written.append(place))
        self.put_so_far = 0

    def put(self, number: int = 1) -> None:
        for _ in range(number):
            self.outbox.put(line(self.put_so_far))
            self.put_so_far += 1

    def lines(self) -> list[int]:
        """The numbers of the sound lines, in the order of the journal."""
        return [int(found.split(b",")[0][5:]) for found in self.journal.sound()]

    def own(self) -> bytes:
        """The bytes that it says are its own."""
        return b"".join(
            self.journal.raw(place.segment)[place.offset : place.offset + length]
            for place, length in self.written
        )


def line(number: int) -> bytes:
    return seal(b'{"n":%d,"x":"%s"}' % (number, b"x" * 50))


def cut_short(patch: pytest.MonkeyPatch, size: int) -> None:
    """The disk takes so many bytes, and then no more."""
    left, real = [size], os.write

    def write(fd: int, raw: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room, left[0] = left[0], 0
        return real(fd, raw[:room])

    patch.setattr(os, "write", write)


async def confirmed(pen: Pen) -> None:
    """Look again and again, as the sender does, until all is durable."""
    for _ in range(2000):
        if pen.outbox.flush():
            pen.outbox.sync_soon()
            if pen.outbox.settled:
                return
        await asyncio.sleep(0.001)
    raise AssertionError(f"not durable: {pen.outbox.halted}")
