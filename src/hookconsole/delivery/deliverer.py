"""Making attempts and recording them: the part that the sender and single commands share.

Invariant: an attempt's start is written before its request leaves, its end is folded and put down before
anyone hears of it. What the journal says of a delivery and what is in memory never differ in kind.
"""

import time
from collections.abc import Iterable
from typing import NamedTuple

import httpx
from msgspec import UNSET

from hookconsole.clock import rfc3339
from hookconsole.config.model import Config
from hookconsole.delivery.attempt import Result, perform, request_for
from hookconsole.delivery.masking import Private
from hookconsole.delivery.outbox import Outbox
from hookconsole.delivery.retry import decide
from hookconsole.delivery.target import Target
from hookconsole.events.accept import body
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.store import Store
from hookconsole.network.message import Post


class Ready(NamedTuple):
    """An attempt whose request is made, at `now` (unix seconds); or refused, with the result."""

    delivery: Delivery
    target: Target | None
    request: Post | Result
    now: float


class Deliverer:
    """Makes attempts for a fold's deliveries. Belongs to one event loop."""

    def __init__(self, fold: Fold, store: Store, outbox: Outbox, transport: httpx.AsyncBaseTransport) -> None:
        self.fold = fold
        self.targets: dict[str, Target] = {}
        self._store = store
        self._outbox = outbox
        self._transport = transport

    def use(self, config: Config) -> None:
        """Deliver by this config from now on."""
        self.targets = {name: Target(endpoint, config) for name, endpoint in config.endpoints.items()}

    def record(self, record: r.AnyRecord) -> None:
        """Fold a record of our own and put it down."""
        self._outbox.put(r.to_line(record))
        self.fold.apply(record, 0, 0)

    def interrupt(self) -> None:
        """Attempts that a sender before us left in flight are over, and will be made again."""
        for delivery in [d for d in self.fold.unfinished() if d.state == "sending"]:
            self.record(
                r.Attempt(
                    rfc3339(delivery.due),
                    event=delivery.event,
                    endpoint=delivery.endpoint,
                    attempt=delivery.attempts,
                    trigger=delivery.trigger,
                    outcome="interrupted",
                    status=None,
                    error="reset",
                    error_detail="the sender ended while this attempt was in flight",
                    duration_ms=0.0,
                    timings_ms={},
                    remote=None,
                    next_attempt_at=None,
                    response=None,
                    slot=delivery.slot,
                )
            )

    def start(self, deliveries: Iterable[Delivery]) -> None:
        """Put down that these attempts are about to be made. Write it before calling `attempt`."""
        self.record(
            r.Start(
                rfc3339(time.time()),
                attempts=[
                    r.Started(
                        event=d.event,
                        endpoint=d.endpoint,
                        attempt=d.attempts + 1,
                        slot=d.slot,
                        trigger=d.trigger,
                        replay=d.replay,
                    )
                    for d in deliveries
                ],
            )
        )

    async def attempt(self, delivery: Delivery) -> r.Attempt:
        """Make the attempt that was started, fold and put down its end."""
        return await self.send(*self.ready([delivery]))

    def ready(self, deliveries: Iterable[Delivery]) -> list[Ready]:
        """Make ready the attempts that were started; an event that goes to many is read once."""
        now = time.time()
        bodies: dict[tuple[str, int, int], bytes | Result] = {}
        ready = []
        for delivery in deliveries:
            place = (delivery.event, delivery.segment, delivery.offset)
            content = bodies.get(place)
            if content is None:
                content = bodies[place] = self._body(delivery)
            target = self.targets.get(delivery.endpoint)
            request: Post | Result
            if isinstance(content, Result):
                request = content
            elif target is None:
                request = Result(error="config", detail="the endpoint is gone from the registry")
            else:
                request = request_for(target, delivery.event, content, now)
            ready.append(Ready(delivery, target, request, now))
        return ready

    async def send(self, ready: Ready) -> r.Attempt:
        """Make an attempt, fold and put down its end."""
        request, target = ready.request, ready.target
        if isinstance(request, Result):
            result = request
        else:
            private = target.private if target else Private()
            result = await perform(self._transport, request, private, ready.now)
        record = self._ended(ready, result)
        self.record(record)
        return record

    def _body(self, delivery: Delivery) -> bytes | Result:
        """What to send, or why there is nothing to be sent."""
        try:
            event = self._store.event_at(delivery.event, delivery.segment, delivery.offset)
        except OSError as error:
            # No descriptor is free, or the disk fails: ours to mend, so it uses up no retry.
            return Result(error="config", detail=f"the journal can't be read: {error.strerror}")
        if event is None:
            detail = "the event's record in the journal is damaged or gone"
            return Result(error="blocked", detail=detail, lost=True)
        return body(event.event, event.type, event.created_at, bytes(event.data))

    def _ended(self, ready: Ready, result: Result) -> r.Attempt:
        delivery, target, _, now = ready
        test = delivery.trigger == "test"
        switched_off = not self._is_active(delivery.endpoint)
        canceling = (delivery.canceling or switched_off) and not test
        once = test or result.lost
        if result.error == "config" and not test and not canceling:
            outcome, wait = "retrying", None
        else:
            outcome, wait = decide(
                success=result.success,
                slot=delivery.slot,
                schedule=() if once or target is None else target.endpoint.policy.retry_schedule,
                canceling=canceling,
                retry_after=result.retry_after,
            )
        ended = now + result.duration_ms / 1000
        return r.Attempt(
            rfc3339(now),
            event=delivery.event,
            endpoint=delivery.endpoint,
            attempt=delivery.attempts,
            trigger=delivery.trigger,
            outcome=outcome,  # type: ignore[arg-type]  # a literal on one branch, an Outcome on the other
            status=result.status,
            error=result.error,
            error_detail=result.detail,
            duration_ms=result.duration_ms,
            timings_ms=result.timings_ms,
            remote=result.remote,
            next_attempt_at=None if wait is None else rfc3339(ended + wait),
            response=result.response,
            slot=delivery.slot,
            replay=delivery.replay or UNSET,
            resent=result.resent or UNSET,
            test=test or UNSET,
        )

    def _is_active(self, name: str) -> bool:
        target = self.targets.get(name)
        return target is None or target.endpoint.active
