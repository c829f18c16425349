"""What may become of writes and of names that weren't synced: pure, and in a fixed order."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple


class Write(NamedTuple):
    """Bytes that aren't certain; an offset of -1 empties the file. `lost`: a sync of them failed."""

    offset: int
    data: bytes
    lost: bool = False


def applied(content: bytes, writes: Iterator[Write] | list[Write]) -> bytes:
    """A content after writes; what lies between is zeros."""
    for offset, data, _ in writes:
        if offset < 0:
            content = b""
        elif data:
            content = content[:offset].ljust(offset, b"\0") + data + content[offset + len(data) :]
    return content


def cuts(data: bytes) -> list[int]:
    """Where a write may break off: after a byte, around the ends of lines, in the middle; its end."""
    size = len(data)
    lines = [at + 1 for at in range(size) if data[at : at + 1] == b"\n"]
    found = {1, size // 2, *lines[:3], *(at - 1 for at in lines[:3]), size - 1, size}
    return sorted(cut for cut in found if 0 < cut <= size)


def fates(writes: list[Write]) -> Iterator[list[Write]]:
    """What may become of writes, nothing of them first and all of them last."""
    each = [[_none(write), *_torn(write), _zeroed(write), write] for write in writes]
    if len(writes) <= 2:
        yield from map(list, product(*each))
        return
    for count in range(len(writes)):  # in order, the next one torn
        for fate in each[count][:-1]:
            yield [*writes[:count], fate, *map(_none, writes[count + 1 :])]
    for count in range(len(writes)):  # out of order, one of them not whole
        for fate in (_none(writes[count]), _zeroed(writes[count])):
            yield [*writes[:count], fate, *writes[count + 1 :]]
    yield writes


def _none(write: Write) -> Write:
    return Write(0, b"") if write.offset < 0 else write._replace(data=b"")


def _zeroed(write: Write) -> Write:
    return write._replace(data=bytes(len(write.data)))


def _torn(write: Write) -> list[Write]:
    half = len(write.data) // 2
    parts = [write._replace(data=write.data[:cut]) for cut in cuts(write.data)[:-1]]
    return [*parts, write._replace(data=write.data[:half] + bytes(len(write.data) - half))]


def subsets(count: int) -> Iterator[tuple[bool, ...]]:
    """Which of so many changes are kept, none first, all last; of many: the first ones, one, all but one."""
    if count <= 4:
        yield from product((False, True), repeat=count)
        return
    for kept in range(count):
        yield tuple(at < kept for at in range(count))
    for one in range(count):
        yield tuple(at == one for at in range(count))
        yield tuple(at != one for at in range(count))
    yield (True,) * count
