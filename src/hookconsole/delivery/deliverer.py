"""Making attempts and recording them: the part that the sender and single commands share.

Invariant: an attempt's start is written before its request leaves, its end is folded and put down before
anyone hears of it. What the journal says of a delivery and what is in memory never differ in kind.
"""

import time
from collections.abc import Iterable

import httpx
from msgspec import UNSET

from hookconsole.clock import rfc3339
from hookconsole.config.model import Config
from hookconsole.delivery.attempt import Result, perform
from hookconsole.delivery.outbox import Outbox
from hookconsole.delivery.retry import decide
from hookconsole.delivery.target import Target
from hookconsole.events.accept import body
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.store import Store


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
        now = time.time()
        target = self.targets.get(delivery.endpoint)
        event, trouble = None, ""
        try:
            event = self._store.event_at(delivery.event, delivery.segment, delivery.offset)
        except OSError as error:
            # No descriptor is free, or the disk fails: ours to mend, so it uses up no retry.
            trouble = f"the journal can't be read: {error.strerror}"
        if trouble:
            result = Result(error="config", detail=trouble)
        elif event is None:
            result = Result(error="blocked", detail="the event's record in the journal is damaged or gone")
        elif target is None:
            result = Result(error="config", detail="the endpoint is gone from the registry")
        else:
            content = body(event.event, event.type, event.created_at, bytes(event.data))
            result = await perform(self._transport, target, event.event, content, now)
        record = self._ended(delivery, target, result, now, lost=event is None and not trouble)
        self.record(record)
        return record

    def _ended(
        self, delivery: Delivery, target: Target | None, result: Result, now: float, lost: bool
    ) -> r.Attempt:
        test = delivery.trigger == "test"
        switched_off = not self._is_active(delivery.endpoint)
        canceling = (delivery.canceling or switched_off) and not test
        if result.error == "config" and not test and not canceling:
            outcome, wait = "retrying", None
        else:
            outcome, wait = decide(
                success=result.success,
                slot=delivery.slot,
                schedule=() if test or lost or target is None else target.endpoint.policy.retry_schedule,
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
