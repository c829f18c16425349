"""State = fold(journal): all that the program knows of deliveries, and nothing that isn't in the records.

Pure: records and their positions come in, nothing is read or written. Folding tolerates whatever order and
repetition crashes and several writers can cause: an outcome that was recorded wins, an event known already
stays as it is, a record about something unknown changes nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from sys import intern

from msgspec import UNSET

from hookconsole.clock import parse_rfc3339
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.replays import ReplayProgress
from hookconsole.journal.segments import START, Position
from hookconsole.journal.totals import Totals

ENDED_REMEMBERED = 20_000
"""Ended deliveries, and events taken in, that are still known: to tell what is stale or repeated by."""


class Untaken:
    """An accepted event that no sender has taken in; `seen` are endpoints known to have had it."""

    __slots__ = ("offset", "seen", "segment", "type")

    def __init__(self, type_: str, segment: int, offset: int, seen: tuple[str, ...] = ()) -> None:
        self.type = type_
        self.segment = segment
        self.offset = offset
        self.seen = seen


class Fold:
    """The state after all records before `position`.

    `on_waiting` is called with each delivery that a record made due otherwise than by its own attempt.
    """

    def __init__(self) -> None:
        self.on_waiting: Callable[[Delivery], None] = lambda _: None
        self.position: Position = START
        self.deliveries: dict[str, dict[str, Delivery]] = {}
        self.untaken: dict[str, Untaken] = {}
        self.known: dict[str, r.Known] = {}
        self.last: dict[str, r.LastAttempt] = {}
        self.totals = Totals()
        self.replays: dict[str, ReplayProgress] = {}
        self.event_types: list[str] = []
        self.consented: set[str] = set()
        self.sender_ran = False
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._ended: OrderedDict[tuple[str, str], Delivery] = OrderedDict()
        self._handlers: dict[type, Callable[..., None]] = {
            r.Event: self._event,
            r.Intake: self._intake,
            r.Start: self._start,
            r.Attempt: self._attempt,
            r.Canceled: self._canceled,
            r.Retry: self._retry,
            r.Cancel: self._cancel,
            r.ReplayItems: self._replay_items,
            r.Replay: self._replay,
            r.ReplayControl: self._replay_control,
            r.ReplayPassed: self._replay_passed,
            r.Registry: self._registry,
            r.Change: self._change,
            r.Consent: self._consent,
        }

    def apply(self, record: r.AnyRecord, segment: int, offset: int) -> None:
        """Take in one record that stands at (segment, offset)."""
        handler = self._handlers.get(type(record))
        if handler is not None:
            handler(record, segment, offset)

    def delivery(self, event: str, endpoint: str) -> Delivery | None:
        """An unfinished delivery."""
        waiting = self.deliveries.get(endpoint)
        return waiting.get(event) if waiting else None

    def unfinished(self) -> Iterator[Delivery]:
        """All unfinished deliveries, of endpoints that are gone too."""
        for deliveries in self.deliveries.values():
            yield from deliveries.values()

    def attempts_known(self, event: str, endpoint: str) -> int:
        """How many attempts an ended delivery is known to have had; 0 where that isn't remembered."""
        ended = self._ended.get((event, endpoint))
        return ended.attempts if ended else 0

    def add(self, delivery: Delivery) -> Delivery:
        """Make an unfinished delivery known."""
        self.deliveries.setdefault(delivery.endpoint, {})[delivery.event] = delivery
        return delivery

    def is_fed(self, delivery: Delivery) -> bool:
        """Whether a replay is to start it and hasn't: the journal doesn't know it as unfinished."""
        replay = self.replays.get(delivery.replay)
        key = (delivery.event, delivery.endpoint)
        return replay is not None and delivery.trigger == "replay" and key in replay.remaining

    def withdraw(self, delivery: Delivery) -> None:
        """Take back a delivery that is fed: its queue entries are void, it is as the journal says."""
        delivery.state = "canceled"
        self._forget(delivery)

    def _forget(self, delivery: Delivery) -> None:
        deliveries = self.deliveries.get(delivery.endpoint)
        if deliveries is not None and deliveries.pop(delivery.event, None) is not None and not deliveries:
            del self.deliveries[delivery.endpoint]

    def _drop(self, delivery: Delivery) -> None:
        self._forget(delivery)
        self._ended[delivery.event, delivery.endpoint] = delivery
        if len(self._ended) > ENDED_REMEMBERED:
            self._ended.popitem(last=False)
        for replay in self.replays.values():
            replay.ended(delivery)

    def _event(self, record: r.Event, segment: int, offset: int) -> None:
        if record.carried is not UNSET:
            self._carried(record, record.carried, segment, offset)
        elif record.endpoint is not UNSET:
            known = self.known.setdefault(record.endpoint, r.Known())
            if record.url is not UNSET:
                known.tested = record.url
            if not self._is_known(record.event, record.endpoint):
                due = parse_rfc3339(record.at)
                test = Delivery(record.event, record.endpoint, segment, offset, "test", due=due)
                self.on_waiting(self.add(test))
        elif record.event in self.untaken or record.event in self._taken:
            # Written once more after a failed sync: the one before may be gone after a power loss.
            self._moved(record.event, segment, offset)
        else:
            self.untaken[record.event] = Untaken(record.type, segment, offset)

    def _moved(self, event: str, segment: int, offset: int) -> None:
        places = [each[event] for each in self.deliveries.values() if event in each]
        for known in (*places, self.untaken.get(event)):
            if known is not None:
                known.segment, known.offset = segment, offset

    def _is_known(self, event: str, endpoint: str) -> bool:
        return self.delivery(event, endpoint) is not None or (event, endpoint) in self._ended

    def _carried(self, record: r.Event, standings: dict[str, r.Standing], segment: int, offset: int) -> None:
        untaken = self.untaken.get(record.event)
        if untaken is not None:
            untaken.segment, untaken.offset = segment, offset
        for endpoint, standing in standings.items():
            delivery = self.delivery(record.event, endpoint)
            if delivery is None:
                if self._is_known(record.event, endpoint):
                    continue  # it ended while it was being carried
                delivery = Delivery(record.event, endpoint, segment, offset, standing.trigger)
                delivery.stand(standing)
                delivery.due = parse_rfc3339(record.at)
                self.add(delivery)
                self.on_waiting(delivery)
            delivery.segment, delivery.offset = segment, offset

    def _intake(self, record: r.Intake, segment: int, offset: int) -> None:
        due = parse_rfc3339(record.at)
        for taken in record.events:
            untaken = self.untaken.pop(taken.event, None)
            self._taken[taken.event] = None
            if len(self._taken) > ENDED_REMEMBERED:
                self._taken.popitem(last=False)
            for endpoint in taken.to:
                if untaken is not None and endpoint in untaken.seen:
                    continue
                if not self._is_known(taken.event, endpoint):
                    # Where it was found; the sender may have read one whose sync failed.
                    place = (untaken or taken).segment, (untaken or taken).offset
                    # One string for an endpoint, not one for each of its records.
                    self.add(Delivery(taken.event, intern(endpoint), *place, due=due))

    def _start(self, record: r.Start, segment: int, offset: int) -> None:
        at = parse_rfc3339(record.at)
        for started in record.attempts:
            delivery = self.delivery(started.event, started.endpoint)
            item = None
            if started.replay and started.replay in self.replays:
                item = self.replays[started.replay].start(started.event, started.endpoint)
            if delivery is None:
                ended = self._ended.get((started.event, started.endpoint))
                place = item or ended or self.untaken.get(started.event)
                if place is None or (ended is not None and started.attempt <= ended.attempts):
                    continue
                delivery = self.add(Delivery(started.event, started.endpoint, place.segment, place.offset))
                if ended is not None:
                    delivery.state, delivery.replay = ended.state, ended.replay
            delivery.start(started, at)

    def _attempt(self, record: r.Attempt, segment: int, offset: int) -> None:
        delivery = self.delivery(record.event, record.endpoint)
        known = delivery or self._ended.get((record.event, record.endpoint))
        repeated = known is not None and (
            record.attempt < known.attempts or (record.attempt == known.attempts and known.state != "sending")
        )
        if delivery is not None and record.attempt >= delivery.attempts:
            delivery.end(record)
            if not delivery.unfinished:
                self._drop(delivery)
        untaken = self.untaken.get(record.event)
        if untaken is not None and record.endpoint not in untaken.seen:
            untaken.seen += (record.endpoint,)
            if delivery is None and record.outcome in ("retrying", "interrupted"):
                # Its intake and its start are damaged: it goes on all the same.
                place = (untaken.segment, untaken.offset)
                delivery = self.add(Delivery(record.event, record.endpoint, *place, record.trigger))
                delivery.end(record)
                self.on_waiting(delivery)
        if record.outcome != "interrupted" and record.test is UNSET and not repeated:
            self.totals.add(record)
            self.last[record.endpoint] = r.LastAttempt(
                record.at, record.outcome, record.status, record.error, record.error_detail
            )

    def _canceled(self, record: r.Canceled, segment: int, offset: int) -> None:
        for event in record.events:
            self._end(event, record.endpoint)

    def _cancel(self, record: r.Cancel, segment: int, offset: int) -> None:
        self._end(record.event, record.endpoint)

    def _end(self, event: str, endpoint: str) -> None:
        delivery = self.delivery(event, endpoint)
        if delivery is not None:
            delivery.cancel()
            if not delivery.unfinished:
                self._drop(delivery)

    def _retry(self, record: r.Retry, segment: int, offset: int) -> None:
        ended = self._ended.get((record.event, record.endpoint))
        if ended is not None and record.attempts < ended.attempts:
            return  # decided on a state that has passed: another operator's retry ran meanwhile
        delivery = self.delivery(record.event, record.endpoint)
        if delivery is None:
            delivery = self.add(Delivery(record.event, record.endpoint, record.segment, record.offset))
        if delivery.retry(record.attempts, parse_rfc3339(record.at)):
            self.on_waiting(delivery)

    def _replay_items(self, record: r.ReplayItems, segment: int, offset: int) -> None:
        replay = self.replays.setdefault(record.replay, ReplayProgress(record.at))
        if replay.state == "incoming":
            replay.incoming(record.items)

    def _replay(self, record: r.Replay, segment: int, offset: int) -> None:
        replay = self.replays.setdefault(record.replay, ReplayProgress(record.at))
        if replay.state == "incoming":
            replay.begin(record)

    def _replay_control(self, record: r.ReplayControl, segment: int, offset: int) -> None:
        replay = self.replays.get(record.replay)
        if replay is not None:
            replay.control(record.action)

    def _replay_passed(self, record: r.ReplayPassed, segment: int, offset: int) -> None:
        replay = self.replays.get(record.replay)
        if replay is not None:
            replay.pass_over(record.items)

    def _registry(self, record: r.Registry, segment: int, offset: int) -> None:
        ran, self.sender_ran = self.sender_ran, True
        self.event_types = record.event_types
        for endpoint, known in record.endpoints.items():
            before = self.known.get(endpoint)
            # Only the first record waives tests; later ones may stand behind a test that they don't know of.
            waived = known.tested and not ran
            tested = known.tested if before is None or waived else before.tested
            self.known[endpoint] = r.Known(active=known.active, off_since=known.off_since, tested=tested)
        for endpoint in record.removed:
            self.known.pop(endpoint, None)
            self.consented.discard(endpoint)

    def _change(self, record: r.Change, segment: int, offset: int) -> None:
        if record.action == "removed":
            self.consented.add(record.endpoint)
        else:
            self.consented.discard(record.endpoint)
        if record.tested is not UNSET:
            self.known.setdefault(record.endpoint, r.Known()).tested = record.tested

    def _consent(self, record: r.Consent, segment: int, offset: int) -> None:
        self.consented.update(record.removed)
