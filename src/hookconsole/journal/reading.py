"""Reading segments in pieces, forwards and backwards: memory stays bounded whatever the files hold.

Only whole, newline-ended lines are handed out, as (offset, line without its newline). A line that is too
long is passed over; whether a line is sound is the caller's question.
"""

import json
import os
from collections.abc import Callable, Iterator
from itertools import islice

from hookconsole.journal.line import LINE_BYTES_AT_MOST

CHUNK = 1 << 18


def as_written(text: str) -> bytes:
    """A text as it stands in a record's line, with its quotes: what to look for before parsing."""
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogateescape")


def lines_forward(fd: int, offset: int, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """The lines that begin at or after `offset` (a line's start) and end before `end`."""
    pending: list[bytes] = []  # pieces of a line that has no end yet; none of one that is too long already
    begin = at = offset
    while True:
        size = CHUNK if end is None else min(CHUNK, end - at)
        chunk = os.pread(fd, size, at) if size > 0 else b""
        if not chunk:
            return
        parts = chunk.split(b"\n")
        rest = parts.pop()
        if parts:
            length = at - begin + len(parts[0])
            pending.append(parts[0])
            if length < LINE_BYTES_AT_MOST:
                yield begin, b"".join(pending)
            begin += length + 1
            for part in islice(parts, 1, None):
                if len(part) < LINE_BYTES_AT_MOST:
                    yield begin, part
                begin += len(part) + 1
            pending.clear()
        at += len(chunk)
        if at - begin > LINE_BYTES_AT_MOST:
            pending.clear()
        elif rest:
            pending.append(rest)


def lines_backward(
    fd: int,
    end: int,
    start: int = 0,
    needle: bytes = b"",
    chunk_bytes: int = CHUNK,
    passing: Callable[[int], None] = lambda _: None,
) -> Iterator[tuple[int, bytes]]:
    """The lines between `start` and `end`, the last one first; with `needle` only those that hold it.

    Pieces of the file in which the needle doesn't occur are never split into lines. `passing` is called
    before each piece with where it ends.
    """
    end = _end_of_lines(fd, end, start)
    rest = b""  # the end of a line that begins further down, its newline included
    cut_short = False  # whether `rest` lost its beginning: a line that is too long
    at = end
    while at > start:
        passing(at)
        size = min(chunk_bytes, at - start)
        at -= size
        piece = os.pread(fd, size, at) + rest
        begin = 0 if at == start else piece.find(b"\n") + 1
        if begin == len(piece):
            if cut_short or len(piece) > LINE_BYTES_AT_MOST:
                piece, cut_short = b"\n", True
            rest = piece
            continue
        rest = piece[:begin]
        # From the end, which is twice as fast as `in`.
        if piece.rfind(needle, begin) >= 0:
            offset = at + len(piece)
            parts = piece[begin:].split(b"\n")
            parts.pop()
            for part in reversed(parts):
                offset -= len(part) + 1
                if needle in part and len(part) < LINE_BYTES_AT_MOST and not cut_short:
                    yield offset, part
                cut_short = False
        cut_short = False


def _end_of_lines(fd: int, end: int, start: int) -> int:
    """Where the last whole line before `end` ends: what follows the last newline is no line yet."""
    while end > start:
        size = min(CHUNK, end - start)
        newline = os.pread(fd, size, end - size).rfind(b"\n")
        if newline >= 0:
            return end - size + newline + 1
        end -= size
    return start
