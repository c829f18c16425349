"""The sender's cycle: events are taken in, attempts started, everything written at once, then sent.

Invariant: no request leaves before its start is written. While the journal can't be written nothing is
taken in, nothing starts, and it is tried again until it can.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from itertools import islice
from math import inf

from hookconsole.clock import rfc3339
from hookconsole.config.model import Config
from hookconsole.delivery.deliverer import Deliverer, Ready
from hookconsole.delivery.lanes import Lanes
from hookconsole.delivery.lock import SenderLock
from hookconsole.delivery.outbox import Outbox
from hookconsole.delivery.reporting import Reporter
from hookconsole.delivery.routing import Router
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import WAITING, Delivery
from hookconsole.journal.fold import Fold

INTAKE_AT_MOST = 500
"""Events taken in by one cycle."""

INTAKE_NAMES_AT_MOST = 5000
"""Endpoints named by one intake, unless a single event has more: a cycle must not take long."""

CANCELED_PER_RECORD = 500

log = logging.getLogger("hookconsole")


class Dispatcher:
    """Owns the lanes. `before_cycle` is called first in each cycle, to read what others appended."""

    def __init__(
        self,
        fold: Fold,
        deliverer: Deliverer,
        outbox: Outbox,
        lock: SenderLock,
        before_cycle: Callable[[], None],
    ) -> None:
        self.lanes = Lanes(1)
        self.reporter = Reporter()
        self.failure: BaseException | None = None
        self._fold = fold
        self._deliverer = deliverer
        self._outbox = outbox
        self._lock = lock
        self._before_cycle = before_cycle
        self._router: Router | None = None
        self._starting: list[Delivery] = []
        self._running: dict[Delivery, asyncio.Task[None]] = {}
        self._cycle_due = False
        self._stopping = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def in_flight(self) -> int:
        """How many attempts are being made."""
        return len(self._running)

    def use(self, config: Config) -> None:
        """Deliver by this config: lanes open and close, what waits for a resting endpoint is canceled."""
        first, now = self._router is None, time.monotonic()
        self.lanes.concurrency = config.concurrency
        self._deliverer.use(config)
        self._router = Router(config)
        for name in self.lanes.names():
            if name not in config.endpoints:
                self.lanes.close(name)
        for name, endpoint in config.endpoints.items():
            if not endpoint.active:
                self.lanes.close(name)
                self._cancel_waiting(name)
                continue
            reopened = not self.lanes.is_open(name)
            self.lanes.open(name, endpoint.policy.endpoint_concurrency, now)
            if reopened:
                for delivery in list(self._fold.deliveries.get(name, {}).values()):
                    self.queue(delivery, at_once=not first)
        self.wake()

    def queue(self, delivery: Delivery, *, at_once: bool = False) -> None:
        """A delivery waits: into its lane, unless its endpoint rests or is gone."""
        router = self._router
        if router is None or delivery.state not in WAITING:
            return
        if router.is_inactive(delivery.endpoint):
            self._cancel(delivery.endpoint, [delivery.event])
            return
        now = time.monotonic()
        wait = 0.0 if at_once else min(delivery.due - time.time(), delivery.wait)
        self.lanes.add(delivery, now + max(wait, 0.0), now)
        if delivery.trigger == "test":
            # Who asks for a test is told why a paused lane is paused.
            self.lanes.pause(delivery.endpoint, False, now)
        self.wake()

    def wake(self) -> None:
        """Have a cycle soon; however often it is asked for, once."""
        if not self._cycle_due:
            self._cycle_due = True
            asyncio.get_running_loop().call_soon(self._cycle)

    def resume(self) -> None:
        """Let go the lanes that were paused, unless their secret still can't be read."""
        now = time.time()
        for name in self.lanes.paused():
            target = self._deliverer.targets.get(name)
            if target is not None and not target.secret_problem(now):
                log.info("%s: sending goes on", name)
                self.lanes.pause(name, False, time.monotonic())
                self.wake()

    def halt(self, reason: str) -> None:
        """Say that nothing is sent, and why."""
        before = self._lock.note.halted
        self._lock.publish(halted=reason)
        if self._lock.note.halted != before:
            log.error("HALTED, nothing is sent: %s", reason)

    async def drain(self) -> None:
        """Start nothing more, and return when the attempts in flight have ended."""
        self._stopping = True
        self._starting = []
        while self._running:
            await asyncio.wait(self._running.values())
        if self._timer is not None:
            self._timer.cancel()

    def _cancel_waiting(self, name: str) -> None:
        waiting = [d.event for d in self._fold.deliveries.get(name, {}).values() if d.state in WAITING]
        for at in range(0, len(waiting), CANCELED_PER_RECORD):
            self._cancel(name, waiting[at : at + CANCELED_PER_RECORD])

    def _cancel(self, name: str, events: list[str]) -> None:
        self._deliverer.record(r.Canceled(rfc3339(time.time()), endpoint=name, events=events))

    def _cycle(self) -> None:
        self._cycle_due = False
        self._before_cycle()
        if not self._stopping and not self._starting and not self._outbox.halted:
            self._take_in()
            self._start()
        if not self._outbox.flush():
            self._halt_or_retry()
            return
        if self._lock.note.halted:
            self._lock.publish(halted="")
            log.warning("the journal can be written again: sending goes on")
        self._send()
        self._outbox.sync_soon()
        self._set_timer()

    def _take_in(self) -> None:
        router = self._router
        if router is None or not self._fold.untaken:
            return
        taken: list[r.Taken] = []
        names = 0
        for event, untaken in islice(self._fold.untaken.items(), INTAKE_AT_MOST):
            to, skipped = router.route(untaken.type)
            names += len(to) + len(skipped)
            if taken and names > INTAKE_NAMES_AT_MOST:
                break
            if untaken.seen:
                to = [name for name in to if name not in untaken.seen]
            place = {"segment": untaken.segment, "offset": untaken.offset}
            taken.append(r.Taken(event=event, **place, to=to, skipped=skipped))
        self._deliverer.record(r.Intake(rfc3339(time.time()), events=taken))
        now = time.monotonic()
        for one in taken:
            for name in one.to:
                delivery = self._fold.delivery(one.event, name)
                if delivery is not None and delivery.state == "pending":
                    self.lanes.add(delivery, now, now)
        if self._fold.untaken:
            self.wake()

    def _start(self) -> None:
        now = time.monotonic()
        while (delivery := self.lanes.take(now)) is not None:
            self._starting.append(delivery)
        if self._starting:
            self._deliverer.start(self._starting)

    def _send(self) -> None:
        # First all are made ready: requests that leave in one go cost half of those that leave one by one,
        # each of which wakes its receiver up.
        starting, self._starting = self._starting, []
        try:
            ready = self._deliverer.ready(starting)
        except Exception as error:  # whoever watches the sender reports it
            self.failure = self.failure or error
            return
        loop = asyncio.get_running_loop()
        for one in ready:
            self._running[one.delivery] = loop.create_task(self._attempt(one))

    async def _attempt(self, ready: Ready) -> None:
        delivery = ready.delivery
        # No done callback: one for each attempt would cost another turn of the loop.
        try:
            self._ended(delivery, await self._deliverer.send(ready))
        except Exception as error:  # whoever watches the sender reports it
            self.failure = self.failure or error
        finally:
            del self._running[delivery]

    def _ended(self, delivery: Delivery, attempt: r.Attempt) -> None:
        now = time.monotonic()
        success, seconds = attempt.outcome == "delivered", attempt.duration_ms / 1000
        self.lanes.done(delivery.endpoint, success=success, seconds=seconds, now=now)
        if delivery.state in WAITING:
            self.queue(delivery)
            if attempt.error == "config":
                self.lanes.pause(delivery.endpoint, True, now)
        self.reporter.ended(attempt)
        self.wake()

    def _halt_or_retry(self) -> None:
        if not self._outbox.halted:
            asyncio.get_running_loop().call_later(0.001, self.wake)
        else:
            self.halt(self._outbox.halted)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.lanes.next_wake_up()
        if due < inf and not self._stopping:
            wait = max(due - time.monotonic(), 0.0005)
            self._timer = asyncio.get_running_loop().call_later(wait, self.wake)
