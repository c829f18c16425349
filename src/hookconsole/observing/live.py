"""From records to rows: which deliveries a record touches, and how they look once it has been folded in.

Memory is bounded: events and attempts that came lately are remembered, of others the journal is asked for
the event, and what their last attempt was isn't known until the next one.
"""

from collections.abc import Iterator
from sys import intern
from typing import Generic, NamedTuple, TypeVar

from msgspec import UNSET

from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.store import Store
from hookconsole.observing.changes import KEPT
from hookconsole.observing.moments import Moments
from hookconsole.observing.registry import Registry
from hookconsole.observing.rows import shown_state
from hookconsole.observing.values import DeliveryRow

_REMEMBERED = 10_000

_Name = TypeVar("_Name")
_Value = TypeVar("_Value")


_Key = tuple[str, str]
"""As a `Key`, at a third of the cost."""


class _Event(NamedTuple):
    type: str
    accepted: float


class _Ended(NamedTuple):
    """A delivery's newest ended attempt."""

    status: int | None
    error: str | None
    duration_ms: float | None


_NONE = _Ended(None, None, None)


def _ended(attempt: r.Attempt) -> _Ended:
    return _Ended(attempt.status, attempt.error, attempt.duration_ms)


class LiveRows:
    """Folds records in, and tells the deliveries that they touched."""

    def __init__(self, fold: Fold, store: Store, registry: Registry) -> None:
        self._fold = fold
        self._store = store
        self._registry = registry
        self._moment = Moments()
        self._touched: dict[_Key, Delivery] = {}
        self._too_many = False
        self._begun: list[r.Event | r.Intake | r.Start] = []
        self._expected: _Memory[str, list[str]] = _Memory()
        self._events: _Memory[str, _Event] = _Memory()
        self._ended: _Memory[_Key, _Ended] = _Memory()

    def take(self, record: r.AnyRecord, segment: int, offset: int) -> None:
        """Fold in a record."""
        fold = self._fold
        kind = type(record)
        if kind is r.Attempt:
            self._attempt(record, segment, offset)  # type: ignore[arg-type]  # mypy doesn't narrow by `is`
        elif isinstance(record, r.Event | r.Intake | r.Start):
            fold.apply(record, segment, offset)
            self._begun.append(record)
            if isinstance(record, r.Event):
                accepted = self._moment(record.accepted_at or record.at)
                self._events.put(record.event, _Event(intern(record.type), accepted))
        elif isinstance(record, r.Cancel | r.Canceled):
            events = record.events if isinstance(record, r.Canceled) else (record.event,)
            before = [fold.delivery(event, record.endpoint) for event in events]
            fold.apply(record, segment, offset)
            for delivery in before:
                self.touch(delivery)
        else:
            fold.apply(record, segment, offset)
            if isinstance(record, r.Retry):
                self.touch(fold.delivery(record.event, record.endpoint))

    def touch(self, delivery: Delivery | None) -> None:
        """Something is different about a delivery, if there is one."""
        if delivery is None or self._too_many:
            return
        key = (delivery.event, delivery.endpoint)
        self._touched.pop(key, None)
        self._touched[key] = delivery
        if len(self._touched) > KEPT:
            self.touch_all()

    def touch_all(self) -> None:
        """Any delivery may be different."""
        self._touched.clear()
        self._too_many = True

    def remember(self, attempt: r.Attempt) -> None:
        """An attempt that ended before those that came; only the newest of each delivery counts."""
        key = (attempt.event, attempt.endpoint)
        if self._ended.get(key) is None:
            self._ended.put(key, _ended(attempt))

    def settle(self) -> None:
        """Touch what has begun since the last time, and hasn't ended: at full rate nearly all has."""
        for record in self._begun:
            if self._too_many:
                break
            if isinstance(record, r.Event):
                self._touch_accepted(record)
            elif isinstance(record, r.Intake):
                self._touch_taken(record)
            else:
                for started in record.attempts:
                    self._touch_unfinished(started.event, started.endpoint)
        self._begun.clear()

    def rows(self, *, running: bool) -> list[DeliveryRow] | None:
        """What was touched since it was last asked, the oldest change first; None for more than is told.
        `running`: somebody sends."""
        found = None if self._too_many else list(self._found(running))
        self._touched.clear()
        self._too_many = False
        return found

    def _attempt(self, record: r.Attempt, segment: int, offset: int) -> None:
        before = self._fold.delivery(record.event, record.endpoint)
        self._fold.apply(record, segment, offset)
        delivery = before or self._fold.delivery(record.event, record.endpoint)
        if delivery is not None and record.attempt >= delivery.attempts:
            self._ended.put((record.event, record.endpoint), _ended(record))
            self.touch(delivery)

    def _touch_unfinished(self, event: str, endpoint: str) -> None:
        delivery = self._fold.delivery(event, endpoint)
        if delivery is not None and self._touched.get((event, endpoint)) is not delivery:
            self.touch(delivery)

    def _touch_accepted(self, record: r.Event) -> None:
        if record.carried is not UNSET:
            for endpoint in record.carried:
                self._touch_unfinished(record.event, endpoint)
        elif record.endpoint is not UNSET:
            self._touch_unfinished(record.event, record.endpoint)
        elif (untaken := self._fold.untaken.get(record.event)) is not None:
            # As the registry would have it delivered.
            expected = self._registry.route(record.type)[0]
            self._expected.put(record.event, expected)
            for endpoint in expected:
                self.touch(Delivery(record.event, endpoint, untaken.segment, untaken.offset))

    def _touch_taken(self, record: r.Intake) -> None:
        for taken in record.events:
            expected = self._expected.get(taken.event)
            if expected and not {*expected} <= {*taken.to, *taken.skipped}:
                self.touch_all()  # the sender had another config: what was told isn't to be
            for endpoint in taken.to:
                self._touch_unfinished(taken.event, endpoint)
            for endpoint in taken.skipped:
                self.touch(Delivery(taken.event, endpoint, taken.segment, taken.offset, state="skipped"))

    def _found(self, running: bool) -> Iterator[DeliveryRow]:
        registry = self._registry.switches
        for key, delivery in self._touched.items():
            event = self._event_of(delivery)
            if event is None:
                continue  # its record is damaged or trimmed: it isn't told of elsewhere either
            ended = (self._ended.get(key) if delivery.attempts else None) or _NONE
            tried = delivery.attempts > (delivery.state == "sending")
            yield DeliveryRow(
                event=delivery.event,
                endpoint=delivery.endpoint,
                type=event.type,
                segment=delivery.segment,
                offset=delivery.offset,
                accepted=event.accepted,
                state=shown_state(
                    delivery.state, delivery.endpoint, tried=tried, registry=registry, running=running
                ),
                attempts=delivery.attempts,
                status=ended.status,
                error=ended.error,
                duration_ms=ended.duration_ms,
                next_at=(delivery.due or None) if delivery.state == "retrying" else None,
            )

    def _event_of(self, delivery: Delivery) -> _Event | None:
        known = self._events.get(delivery.event)
        if known is None:
            record = self._store.event_at(delivery.event, delivery.segment, delivery.offset)
            if record is None:
                return None
            known = _Event(intern(record.type), self._moment(record.accepted_at or record.at))
            self._events.put(delivery.event, known)
        return known


class _Memory(Generic[_Name, _Value]):
    """Remembers `_REMEMBERED` to twice as many: when the new ones are so many, the old ones are forgotten."""

    def __init__(self) -> None:
        self._new: dict[_Name, _Value] = {}
        self._old: dict[_Name, _Value] = {}

    def put(self, name: _Name, value: _Value) -> None:
        self._new[name] = value
        if len(self._new) >= _REMEMBERED:
            self._old, self._new = self._new, {}

    def get(self, name: _Name) -> _Value | None:
        found = self._new.get(name)
        return self._old.get(name) if found is None else found
