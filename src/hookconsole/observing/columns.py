"""Rows of deliveries in 29 bytes each, so that millions fit: appended, changed in place, found by hash.

An event's id and type aren't here: they are read back from its record. Rows are numbered from 0 as they are
appended and keep their number; they are dropped at either end.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain, compress, count, dropwhile, islice
from math import isnan, nan
from typing import NamedTuple

BLOCK = 4096
"""Rows that are searched through at once."""

_LARGEST = (1 << 32) - 1
_OFFSET_BITS = 36
_STATUSES = 1000


class Facts(NamedTuple):
    """One row. `hash` is of its key, of 32 bits; `accepted` is in whole unix seconds."""

    hash: int
    endpoint: str
    segment: int
    offset: int
    accepted: int
    state: str
    attempts: int
    status: int | None
    error: str | None
    duration_ms: float | None
    next_at: float | None


class Names:
    """A number for each of a few texts. What comes after `at_most` of them is one and the same."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text, which is remembered."""
        number = self._numbers.get(text)
        if number is None:
            if len(self._texts) == self._at_most:
                return self._at_most
            number = self._numbers[text] = len(self._texts)
            self._texts.append(text)
        return number

    def text(self, number: int) -> str:
        """The text of a number."""
        return self._texts[number] if number < len(self._texts) else "…"


class Tables:
    """The texts that rows have in common: one for all columns of a list."""

    def __init__(self) -> None:
        self.endpoints = Names(_LARGEST)
        self.states = Names(255)
        self.errors = Names(60_000)


_TYPES = "QIIIHHBf"
"""Of place, hash, accepted, endpoint, attempts, code, state, duration."""


class _Block:
    __slots__ = ("arrays", "due", "first", "last")

    def __init__(self) -> None:
        self.arrays: tuple[array[float], ...] = tuple(array(type_) for type_ in _TYPES)
        self.due: array[float] | None = None  # where a row has a next attempt: few do
        self.first, self.last = _LARGEST, 0  # of `accepted`


class Columns:
    """Rows number `begin` to `end` (exclusive)."""

    def __init__(self, tables: Tables) -> None:
        self.begin = self.end = 0
        self._tables = tables
        self._blocks: list[_Block] = []
        self._base = 0  # the number of the first block's first row
        self._last = 0  # of `accepted`

    def __len__(self) -> int:
        return self.end - self.begin

    def append(self, facts: Facts) -> int:
        """Add a row; its number."""
        if self.end - self._base == len(self._blocks) * BLOCK:
            for full in self._blocks[-1:]:
                full.arrays = tuple(column[:] for column in full.arrays)  # without the room to grow
            self._blocks.append(_Block())
        block = self._blocks[-1]
        for column, value in zip(block.arrays, self._packed(facts), strict=True):
            column.append(value)
        accepted = facts.accepted
        if accepted < block.first:
            block.first = accepted
        if accepted > block.last:
            block.last = accepted
            self._last = max(accepted, self._last)
        number = self.end
        self.end += 1
        if block.due is not None:
            block.due.append(nan)
        if facts.next_at is not None:
            self._set_due(number, facts.next_at)
        return number

    def __setitem__(self, number: int, facts: Facts) -> None:
        block, at = self._find(number)
        for column, value in zip(block.arrays, self._packed(facts), strict=True):
            column[at] = value
        self._set_due(number, facts.next_at)

    def __getitem__(self, number: int) -> Facts:
        block, at = self._find(number)
        place, hash_, accepted, endpoint, attempts, code, state, duration = (
            column[at] for column in block.arrays
        )
        due = nan if block.due is None else block.due[at]
        place, code = int(place), int(code)
        return Facts(
            hash=int(hash_),
            endpoint=self._tables.endpoints.text(int(endpoint)),
            segment=place >> _OFFSET_BITS,
            offset=place & (1 << _OFFSET_BITS) - 1,
            accepted=int(accepted),
            state=self._tables.states.text(int(state)),
            attempts=int(attempts),
            status=code if 0 < code < _STATUSES else None,
            error=self._tables.errors.text(code - _STATUSES) if code >= _STATUSES else None,
            duration_ms=None if isnan(duration) else duration,
            next_at=None if isnan(due) else due,
        )

    def of_hash(self, hash_: int) -> Iterator[int]:
        """The rows of a hash, whenever they were accepted."""
        wanted = array("I", (hash_,)).tobytes()
        for nth, block in enumerate(self._blocks):
            # Bytes are searched fifty times as fast as an array's numbers.
            raw = block.arrays[1].tobytes()
            at = raw.find(wanted)
            while at >= 0:
                number = self._base + nth * BLOCK + at // 4
                if at % 4 == 0 and number >= self.begin:
                    yield number
                at = raw.find(wanted, at + 1)

    def of_marks(self, marks: Iterable[tuple[int, int]]) -> Iterator[int]:
        """The rows of any of these times of acceptance and hashes, in one pass however many they are.

        A row of one's hash that was accepted near the time of it may be among them.
        """
        wanted = sorted(marks)
        if not wanted or wanted[0][0] > self._last:
            return
        for nth, block in enumerate(self._blocks):
            some = wanted[bisect_left(wanted, (block.first, 0)) : bisect_left(wanted, (block.last + 1, 0))]
            if some:
                hashes = {hash_ for _, hash_ in some}
                # Without a step in Python for each row.
                numbers = compress(count(self._base + nth * BLOCK), map(hashes.__contains__, block.arrays[1]))
                yield from dropwhile(self.begin.__gt__, numbers)

    def marks(self) -> Iterator[tuple[int, int]]:
        """Each row's time of acceptance and hash."""
        pairs = (zip(block.arrays[2], block.arrays[1], strict=True) for block in self._blocks)
        return islice(chain.from_iterable(pairs), self.begin - self._base, None)  # type: ignore[arg-type]

    def drop_first(self, count: int) -> None:
        """Forget so many rows of the lowest numbers."""
        self.begin += count
        whole = (self.begin - self._base) // BLOCK
        del self._blocks[:whole]
        self._base += whole * BLOCK

    def drop_last(self, count: int) -> None:
        """Forget so many rows of the highest numbers."""
        self.end -= count
        whole, left = divmod(self.end - self._base, BLOCK)
        del self._blocks[whole + bool(left) :]
        if left:
            block = self._blocks[-1]
            for column in (*block.arrays, *(() if block.due is None else (block.due,))):
                del column[left:]

    def _find(self, number: int) -> tuple[_Block, int]:
        nth, at = divmod(number - self._base, BLOCK)
        return self._blocks[nth], at

    def _packed(self, facts: Facts) -> tuple[float, ...]:
        if facts.error is not None:
            code = _STATUSES + self._tables.errors.number(facts.error)
        else:
            code = min(max(facts.status or 0, 0), _STATUSES - 1)
        return (
            facts.segment << _OFFSET_BITS | facts.offset,
            facts.hash,
            facts.accepted,
            self._tables.endpoints.number(facts.endpoint),
            min(facts.attempts, 65535),
            code,
            self._tables.states.number(facts.state),
            nan if facts.duration_ms is None else facts.duration_ms,
        )

    def _set_due(self, number: int, next_at: float | None) -> None:
        block, at = self._find(number)
        if block.due is None:
            if next_at is None:
                return
            block.due = array("d", (nan,)) * len(block.arrays[0])
        block.due[at] = nan if next_at is None else next_at
