"""The deliveries that a list shows, the newest first: found ones at the old end, live ones on top.

Invariants: a delivery is in it once and keeps its place among the others; what happened live outdoes what a
search found, whichever comes first. Not thread-safe; what is read is the record of a row that is shown.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import chain
from typing import NamedTuple

from hookconsole.journal.deliveries import UNFINISHED
from hookconsole.observing.columns import Columns, Facts, Tables
from hookconsole.observing.rows import Told
from hookconsole.observing.values import DeliveryRow, Key

RECENT = 10_000
"""Rows whose event is remembered; the others' is read again when they are shown."""

_SLACK_SECONDS = 60
"""A search finds what was accepted until it began, by clocks that may differ by so much."""

_SECONDS_AT_MOST = (1 << 32) - 1


class Touched(NamedTuple):
    """What live rows did to a list: how many came on top, and which were changed in place."""

    added: int
    changed: list[Key]


class _Place(NamedTuple):
    """Row `number` of the live columns, or of the found ones."""

    live: bool
    number: int


class Ledger:
    """Rows 0 (the newest) to `len`. `told` reads the record of an event; `begun` is when its search began.

    `cut`: what is older than the last row was let go, so that a new search must look for it.
    """

    def __init__(self, told: Callable[[int, int], Told | None], begun: float) -> None:
        self.cut = False
        self._told = told
        tables = Tables()
        self._live = Columns(tables)  # oldest first
        self._found = Columns(tables)  # newest first
        self._recent: OrderedDict[_Place, tuple[Key, Told]] = OrderedDict()
        self._places: dict[Key, _Place] = {}
        self._passed: set[int] = set()  # marks of what a search is not to bring
        self.begin(begun)

    def __len__(self) -> int:
        return len(self._live) + len(self._found)

    @property
    def passed(self) -> int:
        """How many deliveries the search is to pass over, which costs memory."""
        return len(self._passed)

    # What is shown

    def key(self, index: int) -> Key:
        """What row `index` is known by."""
        place = self._place(index)
        return Key(self._told_of(place).event, self._columns(place)[place.number].endpoint)

    def index(self, key: Key) -> int | None:
        """Where a delivery is now; None if it isn't here."""
        place = self._places.get(key) or self._search(key)
        if place is None:
            return None
        if place.live:
            return self._live.end - 1 - place.number
        return len(self._live) + place.number - self._found.begin

    def row(self, index: int) -> DeliveryRow:
        """Row `index`."""
        place = self._place(index)
        facts, told = self._columns(place)[place.number], self._told_of(place)
        return DeliveryRow(
            event=told.event,
            endpoint=facts.endpoint,
            type=told.type,
            segment=facts.segment,
            offset=facts.offset,
            accepted=told.accepted,
            state=facts.state,
            attempts=facts.attempts,
            status=facts.status,
            error=facts.error,
            duration_ms=facts.duration_ms,
            next_at=facts.next_at,
        )

    # What a search finds

    def begin(self, begun: float) -> None:
        """A search begins at the journal's end: what it finds of what is here already is passed over."""
        self._until = _second(begun) + _SLACK_SECONDS
        self._passed = {_mark(*mark) for mark in chain(self._live.marks(), self._found.marks())}
        self.cut = False

    def end(self) -> None:
        """The search has brought all there is: nothing need be passed over any more."""
        self._until = 0
        self._passed.clear()

    def older(self, rows: Iterable[DeliveryRow]) -> int:
        """Add what the search found next at the old end; how many that were. None while `cut`."""
        before = len(self._found)
        for row in rows if not self.cut else ():
            key = row.key
            facts = _facts(key, row)
            if _mark(facts.accepted, facts.hash) not in self._passed:
                number = self._found.append(facts)
                if number < RECENT:
                    self._remember(_Place(False, number), key, row)
        return len(self._found) - before

    # What happens

    def touch(self, rows: Iterable[DeliveryRow], wanted: Callable[[DeliveryRow], bool]) -> Touched:
        """Deliveries as they are now: changed in place if they are here, else on top if they are wanted.

        A delivery is found by its key and by `accepted`, which is the same whoever tells of it.
        """
        added = 0
        changed: list[Key] = []
        # All are looked for before the first is remembered, for which another one may be forgotten.
        every = [(row, key := row.key, _facts(key, row), self._places.get(key)) for row in rows]
        found = self._search_exactly(facts for _, _, facts, place in every if place is None)
        for row, key, facts, known in every:
            place = known or found.get(_identity(facts))
            if place is not None:
                self._columns(place)[place.number] = facts
                self._remember(place, key, row)
                changed.append(key)
                continue
            if facts.accepted <= self._until:
                self._passed.add(_mark(facts.accepted, facts.hash))
            if wanted(row):
                found[_identity(facts)] = place = _Place(True, self._live.append(facts))
                self._remember(place, key, row)
                added += 1
        return Touched(added, changed)

    # What is let go

    def trim(self, before: float) -> int:
        """Let go of ended deliveries at the old end that were accepted before then; how many that were."""
        length, second, passed = len(self), _second(before), 0
        kept: list[tuple[Facts, Told]] = []
        while passed < length:
            place = self._place(length - 1 - passed)
            facts = self._columns(place)[place.number]
            if facts.accepted >= second:
                break
            if facts.state in UNFINISHED or facts.state == "held":
                kept.append((facts, self._told_of(place)))
            passed += 1
        if passed == len(kept):
            return 0
        self._drop(passed)
        for facts, told in reversed(kept):
            self._keep(_Place(False, self._found.append(facts)), Key(told.event, facts.endpoint), told)
        return length - len(self)

    def shorten(self, keep: int) -> None:
        """Let go of the oldest rows, so that `keep` are left at most."""
        if len(self) > keep:
            self._drop(len(self) - keep)
            self.cut = True

    def _drop(self, count: int) -> None:
        found = min(count, len(self._found))
        gone = [
            place
            for place in self._recent
            if (
                place.number < self._live.begin + count - found
                if place.live
                else place.number >= self._found.end - found
            )
        ]
        for place in gone:
            self._forget(place)
        self._found.drop_last(found)
        self._live.drop_first(count - found)

    # Where rows are, and which they are

    def _place(self, index: int) -> _Place:
        if not 0 <= index < len(self):
            raise IndexError(index)
        if index < len(self._live):
            return _Place(True, self._live.end - 1 - index)
        return _Place(False, self._found.begin + index - len(self._live))

    def _columns(self, place: _Place) -> Columns:
        return self._live if place.live else self._found

    def _search(self, key: Key) -> _Place | None:
        for columns in (self._live, self._found):
            for number in columns.of_hash(_hash(key)):
                place = _Place(columns is self._live, number)
                if columns[number].endpoint == key.endpoint and self._told_of(place).event == key.event:
                    return place
        return None

    def _search_exactly(self, wanted: Iterable[Facts]) -> dict[tuple[int, str], _Place]:
        """Those that are here, by mark and endpoint."""
        marks = [(facts.accepted, facts.hash) for facts in wanted]
        found: dict[tuple[int, str], _Place] = {}
        for columns in (self._found, self._live) if marks else ():
            for number in columns.of_marks(marks):
                found[_identity(columns[number])] = _Place(columns is self._live, number)
        return found

    def _told_of(self, place: _Place) -> Told:
        known = self._recent.get(place)
        if known is not None:
            self._recent.move_to_end(place)
            return known[1]
        facts = self._columns(place)[place.number]
        # The record of what retention has passed is gone: then its place is all that is known.
        told = self._told(facts.segment, facts.offset) or Told(
            f"{facts.segment}:{facts.offset}", "", facts.accepted
        )
        self._keep(place, Key(told.event, facts.endpoint), told)
        return told

    def _remember(self, place: _Place, key: Key, row: DeliveryRow) -> None:
        self._keep(place, key, Told(row.event, row.type, row.accepted))

    def _keep(self, place: _Place, key: Key, told: Told) -> None:
        self._recent[place] = (key, told)
        self._recent.move_to_end(place)
        self._places[key] = place
        if len(self._recent) > RECENT:
            self._forget(next(iter(self._recent)))

    def _forget(self, place: _Place) -> None:
        key, _ = self._recent.pop(place)
        if self._places.get(key) == place:
            del self._places[key]


def _second(at: float) -> int:
    return min(max(int(at), 0), _SECONDS_AT_MOST)


def _hash(key: Key) -> int:
    return hash(key) & 0xFFFFFFFF


def _mark(accepted: int, hash_: int) -> int:
    return accepted << 32 | hash_


def _identity(facts: Facts) -> tuple[int, str]:
    return (_mark(facts.accepted, facts.hash), facts.endpoint)


def _facts(key: Key, row: DeliveryRow) -> Facts:
    return Facts(
        _hash(key),
        row.endpoint,
        row.segment,
        row.offset,
        _second(row.accepted),
        row.state,
        row.attempts,
        row.status,
        row.error,
        row.duration_ms,
        row.next_at,
    )
