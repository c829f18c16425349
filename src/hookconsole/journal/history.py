"""What became of deliveries, read from the journal's end backwards: newest first, in bounded memory.

A delivery is complete when the scan comes to the record that made it one (its intake, or its test event);
until then its facts are kept. The facts are then told forwards, by the same transitions as the fold's.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from msgspec import UNSET

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.ids import ulid_seconds
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery, State
from hookconsole.journal.reading import as_written
from hookconsole.journal.segments import Position
from hookconsole.journal.store import Store

_SLACK_SECONDS = 3600.0
"""Records may stand out of the order of their times by so much, attempts of a delivery behind it."""

_REMEMBERED = 10_000
"""Deliveries told last: the sender writes lines that it couldn't sync again, soon after."""

_Fact = r.Attempt | r.Started | r.Canceled | r.Cancel | r.Retry
_Key = tuple[str, str]


class Entry:
    """One delivery as it stands: its event, its state and its ended attempts, oldest first.

    `accepted` is `accepted_at`, `last_at` when the last that is told of it was over, both in unix seconds.
    """

    __slots__ = ("accepted", "attempts", "canceled_by", "delivery", "event", "last_at")

    def __init__(self, event: r.Event, delivery: Delivery) -> None:
        self.event = event
        self.delivery = delivery
        self.attempts: list[r.Attempt] = []
        self.canceled_by = ""
        self.accepted = self.last_at = parse_rfc3339(self.accepted_at)

    @property
    def accepted_at(self) -> str:
        """When the event was accepted."""
        return self.event.accepted_at or self.event.at

    @property
    def state(self) -> State:
        """As the records say; whether it is held is the registry's question."""
        return self.delivery.state

    @property
    def cause(self) -> str:
        """Why it isn't delivered, in a word or two; empty where there is no reason."""
        if self.state == "skipped":
            return "inactive"
        if self.state == "canceled":
            return "operator" if self.canceled_by else "inactive"
        return _cause(self.attempts[-1]) if self.attempts else ""

    @property
    def next_attempt_at(self) -> str | None:
        """When the next attempt is due; None for at once, or never. The one before may be shown no more."""
        return rfc3339(self.delivery.due) if self.state == "retrying" and self.delivery.wait else None


def _cause(attempt: r.Attempt) -> str:
    if attempt.outcome == "delivered":
        return ""
    return attempt.error or f"status {attempt.status}"


class Window(NamedTuple):
    """Which deliveries are looked for. Times are unix seconds of the event's acceptance.

    Unfinished deliveries older than `horizon` are shown all the same, ended ones never.
    """

    endpoint: str | None = None
    since: float = 0.0
    until: float | None = None
    horizon: float = 0.0


def entries(
    store: Store, window: Window, wanted: Callable[[Entry], bool] = lambda _: True
) -> Iterator[Entry]:
    """The deliveries in a window that are wanted, newest first."""
    needle = as_written(window.endpoint) if window.endpoint else b""
    # Before the horizon only the unfinished are shown: those of what hasn't been trimmed yet.
    begin = window.since - _SLACK_SECONDS if window.since > window.horizon else 0.0
    scan = _Scan(store, window.endpoint)
    for position, line in store.lines_backward(needle, first=store.first_since(begin)):
        record = None if _is_told_by_its_intake(line) else store.decode(line)
        for entry in scan.take(record, *position) if record is not None else ():
            if _in_window(entry, window) and wanted(entry):
                yield entry
    for entry in scan.rest():
        if _in_window(entry, window) and wanted(entry):
            yield entry


def _is_told_by_its_intake(line: bytes) -> bool:
    """Whether a line is the record of an event, neither a test nor carried: it is read at its place."""
    return line.startswith(b'{"kind":"event"') and b'"endpoint"' not in line and b'"carried"' not in line


def _in_window(entry: Entry, window: Window) -> bool:
    if entry.accepted < window.since or (window.until is not None and entry.accepted > window.until):
        return False
    if entry.accepted < window.horizon:
        if not entry.delivery.unfinished:
            return False
        entry.attempts = [a for a in entry.attempts if parse_rfc3339(a.at) >= window.horizon]
    return True


class EventStory(NamedTuple):
    """One event: its record, its deliveries, and every record that names it, oldest first."""

    event: r.Event
    entries: list[Entry]
    records: list[r.AnyRecord]
    taken: r.Taken | None


def of_event(store: Store, event: str, horizon: float = 0.0) -> EventStory | None:
    """All that the journal has of one event since `horizon` (unix s); None for an id it doesn't know."""
    made = ulid_seconds(event)
    story = _story(store, event, horizon, made - _SLACK_SECONDS) if made else None
    # The clock that made the id may have been another one, or stood wrong.
    return story or _story(store, event, horizon, 0.0)


def _story(store: Store, event: str, horizon: float, begin: float) -> EventStory | None:
    needle = as_written(event)
    scan = _Scan(store, None)
    found: list[Entry] = []
    records: list[r.AnyRecord] = []
    own: r.Event | None = None
    taken: r.Taken | None = None
    for position, record in store.backward(needle, since=begin):
        if not _names(record, event):
            continue
        records.append(record)
        found += scan.take(record, *position)
        if isinstance(record, r.Intake):
            taken = next(one for one in record.events if one.event == event)
        if isinstance(record, r.Event):
            own = record
            if record.carried is UNSET:
                break
    found += scan.rest()
    found = [e for e in found if e.event.event == event and _in_window(e, Window(horizon=horizon))]
    if own is None or (parse_rfc3339(own.accepted_at or own.at) < horizon and not found):
        return None
    records = [record for record in records if parse_rfc3339(record.at) >= horizon]
    return EventStory(own, found, records[::-1], taken)


def _names(record: r.AnyRecord, event: str) -> bool:
    if isinstance(record, (r.Event, r.Attempt, r.Retry, r.Cancel)):
        return record.event == event
    if isinstance(record, r.Canceled):
        return event in record.events
    if isinstance(record, r.Intake):
        return any(one.event == event for one in record.events)
    if isinstance(record, r.Start):
        return any(one.event == event for one in record.attempts)
    if isinstance(record, r.ReplayPassed):
        return any(item[0] == event for item in record.items)
    return False


class _Scan:
    """Gathers facts backwards, gives entries when they are complete."""

    def __init__(self, store: Store, endpoint: str | None) -> None:
        self._store = store
        self._endpoint = endpoint
        self._facts: dict[_Key, list[tuple[_Fact, str]]] = {}
        self._carried: dict[_Key, tuple[r.Event, r.Standing, Position]] = {}
        self._told_lately: OrderedDict[_Key, None] = OrderedDict()

    def take(self, record: r.AnyRecord, segment: int, offset: int) -> Iterable[Entry]:
        """Take in the record before those that were taken in so far; which deliveries that completes."""
        if isinstance(record, r.Attempt):
            self._note(record.event, record.endpoint, record, record.at)
        elif isinstance(record, r.Start):
            for started in reversed(record.attempts):
                self._note(started.event, started.endpoint, started, record.at)
        elif isinstance(record, r.Intake):
            return self._intake(record)
        elif isinstance(record, r.Event):
            return self._event(record, Position(segment, offset))
        elif isinstance(record, r.Canceled):
            for event in record.events:
                self._note(event, record.endpoint, record, record.at)
        elif isinstance(record, (r.Cancel, r.Retry)):
            self._note(record.event, record.endpoint, record, record.at)
        return ()

    def rest(self) -> Iterator[Entry]:
        """Deliveries whose beginning has been trimmed away, the newest first."""
        carried = sorted(self._carried.items(), key=lambda item: item[1][0].accepted_at or "", reverse=True)
        for (event, endpoint), (record, standing, place) in carried:
            delivery = Delivery(event, endpoint, *place, standing.trigger, standing.attempts)
            delivery.stand(standing)
            yield from self._told(record, delivery, record.at)

    def _is_wanted(self, endpoint: str) -> bool:
        return self._endpoint is None or endpoint == self._endpoint

    def _note(self, event: str, endpoint: str, fact: _Fact, at: str) -> None:
        if self._is_wanted(endpoint):
            self._facts.setdefault((event, endpoint), []).append((fact, at))

    def _intake(self, record: r.Intake) -> Iterator[Entry]:
        for taken in reversed(record.events):
            yield from self._complete(taken, record.at)

    def _event(self, record: r.Event, place: Position) -> Iterator[Entry]:
        if record.carried is not UNSET:
            for endpoint, standing in record.carried.items():
                if self._is_wanted(endpoint):
                    self._carried.setdefault((record.event, endpoint), (record, standing, place))
        elif record.endpoint is not UNSET and self._is_wanted(record.endpoint):
            test = Delivery(record.event, record.endpoint, *place, "test")
            self._carried.pop((record.event, record.endpoint), None)
            yield from self._told(record, test, record.at)

    def _complete(self, taken: r.Taken, at: str) -> Iterator[Entry]:
        for endpoints, skipped in ((taken.skipped, True), (taken.to, False)):
            for endpoint in reversed(endpoints):
                if not self._is_wanted(endpoint):
                    continue
                carried = self._carried.pop((taken.event, endpoint), None)
                place = Position(taken.segment, taken.offset)
                event = self._store.event_at(taken.event, *place)
                if event is None and carried is not None:
                    event, _, place = carried
                if event is None:
                    self._facts.pop((taken.event, endpoint), None)
                    continue
                delivery = Delivery(taken.event, endpoint, *place)
                if skipped:
                    delivery.state = "skipped"
                yield from self._told(event, delivery, at)

    def _told(self, event: r.Event, delivery: Delivery, at: str) -> Iterator[Entry]:
        key = (delivery.event, delivery.endpoint)
        facts = self._facts.pop(key, [])
        if key in self._told_lately:
            return
        self._told_lately[key] = None
        if len(self._told_lately) > _REMEMBERED:
            self._told_lately.popitem(last=False)
        entry = Entry(event, delivery)
        entry.last_at = _over(*facts[0]) if facts else parse_rfc3339(at)
        for fact, fact_at in reversed(facts):
            if isinstance(fact, r.Attempt):
                if fact.attempt >= delivery.attempts:
                    delivery.end(fact)
                if not entry.attempts or fact.attempt != entry.attempts[-1].attempt:
                    entry.attempts.append(fact)
            elif isinstance(fact, r.Started):
                delivery.start(fact, parse_rfc3339(fact_at))
            elif isinstance(fact, r.Retry):
                delivery.retry(fact.attempts, parse_rfc3339(fact_at))
            elif delivery.unfinished:
                delivery.cancel()
                entry.canceled_by = fact.user if isinstance(fact, r.Cancel) else ""
        yield entry


def _over(fact: _Fact, at: str) -> float:
    """When what a record tells was over, in unix seconds: an attempt's `at` is its beginning."""
    return parse_rfc3339(at) + (fact.duration_ms / 1000 if isinstance(fact, r.Attempt) else 0.0)


def select(entry: Entry, states: Collection[str], types: Collection[str]) -> bool:
    """Whether an entry is in one of the states and of one of the types (exact or a family `x.*`)."""
    if states and entry.state not in states:
        return False
    return not types or any(
        entry.event.type == t or (t.endswith(".*") and entry.event.type.startswith(t[:-1])) for t in types
    )
