"""A complete segment's ids in a file: sorted hashes, where their records stand, a checksum for every few.

Invariant: an answer rests on hashes whose checksums hold. A damaged table gives none, and calls no id new.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from struct import Struct
from zlib import crc32

_HEAD = Struct("<8sQQQ")  # what it is, segment, the segment's size, number of ids
_MARK = b"hc-ids-2"
_BLOCK = 32
"""Ids under one checksum: to look one up reads a block or two, not the whole table."""


class IdTable:
    """What `pack` made of one segment's ids."""

    def __init__(self, raw: memoryview) -> None:
        self._count = _HEAD.unpack_from(raw)[3]
        self._words = raw[_HEAD.size :].cast("Q")
        self._sound = bytearray(_blocks(self._count))
        """Of each block, whether it was looked through already."""

    def offsets(self, wanted: int) -> list[int] | None:
        """Where the records of ids with this hash stand; None where the table is damaged."""
        words, count = self._words, self._count
        start = stop = bisect_left(words, wanted, 0, count)
        while stop < count and words[stop] == wanted:
            stop += 1
        # Wherever damage led the search: between two sound neighbours there is nothing else.
        for block in range(max(start - 1, 0) // _BLOCK, min(stop, count - 1) // _BLOCK + 1):
            if not self._sound[block]:
                if _checksum(words, count, block) != words[2 * count + block]:
                    return None
                self._sound[block] = True
        return words[count + start : count + stop].tolist()


def pack(segment: int, size: int, found: Iterable[tuple[int, int]]) -> bytes:
    """The table of a segment of so many bytes, from the ids' hashes and the offsets of their records."""
    ids = sorted(found)
    words = array("Q", [each[0] for each in ids] + [each[1] for each in ids])
    view = memoryview(words)
    sums = array("Q", [_checksum(view, len(ids), block) for block in range(_blocks(len(ids)))])
    return _HEAD.pack(_MARK, segment, size, len(ids)) + words.tobytes() + sums.tobytes()


def fits(raw: memoryview, segment: int, size: int) -> bool:
    """Whether this is the whole table of that segment as it is now."""
    if len(raw) < _HEAD.size:
        return False
    *of, count = _HEAD.unpack_from(raw)
    return of == [_MARK, segment, size] and len(raw) == _HEAD.size + 8 * (2 * count + _blocks(count))


def _blocks(count: int) -> int:
    return -(-count // _BLOCK)


def _checksum(words: memoryview, count: int, block: int) -> int:
    start, stop = block * _BLOCK, min((block + 1) * _BLOCK, count)
    return crc32(words[count + start : count + stop], crc32(words[start:stop], block))
