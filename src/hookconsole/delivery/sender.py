"""The sender: one event loop that owns all delivery state and obeys the journal.

Others speak to it through the journal and the config file only; it looks at the journal every
`POLL_SECONDS`, at the config file twice a second. A cycle is: read what came, take events in, start what may
start, write all of that at once, then send. While the journal can't be written, nothing is sent.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from math import inf

import httpx

from hookconsole.clock import rfc3339
from hookconsole.config.file import read
from hookconsole.config.load import ConfigError, parse
from hookconsole.config.model import Config
from hookconsole.config.watch import Changed, Watcher
from hookconsole.delivery.adoption import fingerprint, lost_without_consent, plan
from hookconsole.delivery.deliverer import Deliverer
from hookconsole.delivery.feeding import Feeder
from hookconsole.delivery.lanes import Lanes
from hookconsole.delivery.lock import SenderLock, user_name
from hookconsole.delivery.outbox import Outbox
from hookconsole.delivery.routing import Router
from hookconsole.delivery.trial import test_event
from hookconsole.delivery.upkeep import Upkeep
from hookconsole.errors import BusyError, HookconsoleError, InputError
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import WAITING, Delivery
from hookconsole.journal.segments import AppendError, Appender, Position
from hookconsole.journal.store import Store
from hookconsole.journal.tail import Tail
from hookconsole.paths import Home

POLL_SECONDS = 0.02
"""How often the journal is looked at: the wake-up that an emit waits for, 50 ms at the very most."""

WATCH_SECONDS = 0.5

INTAKE_AT_MOST = 500
"""Events taken in by one cycle."""

CANCELED_PER_RECORD = 500

log = logging.getLogger("hookconsole")


class Sender:
    """Delivers for one state directory, as long as `run` runs. The caller holds the sender's lock."""

    def __init__(
        self, home: Home, lock: SenderLock, watcher: Watcher, transport: httpx.AsyncBaseTransport
    ) -> None:
        self._home = home
        self._watcher = watcher
        self._lock = lock
        self._transport = transport
        self._store = Store(home.journal)
        self._appender = Appender(home.journal)
        self._outbox = Outbox(self._appender, self._written)
        self._router: Router | None = None
        self._fold = self._store.fold(self._queue)
        self._tail = Tail(self._store, self._fold.position)
        self._deliverer = Deliverer(self._fold, self._store, self._outbox, transport)
        self._feeder = Feeder(self._fold)
        self._upkeep = Upkeep(self._fold, self._store, self._appender, self._tail)
        self._lanes = Lanes(1)
        self._retention = 7.0
        self._tests_due: set[str] = set()
        self._config: Config | None = None
        self._waiting_config: Config | None = None
        self._starting: list[Delivery] = []
        self._running: set[asyncio.Task[None]] = set()
        self._reloading: asyncio.Task[None] | None = None
        self._cycle_due = False
        self._stopping = False
        self._timer: asyncio.TimerHandle | None = None
        self._failing: dict[str, str] = {}
        self.heartbeat = time.monotonic()
        self.on_attempt: Callable[[r.Attempt], None] | None = None

    # Starting and ending

    async def run(self, config: Config, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Deliver until `stop` is set, then let attempts in flight finish. Calls `ready` when it delivers.

        A config that loses endpoints without consent is waited with: until then nothing is taken in.
        """
        self._loop = asyncio.get_running_loop()
        self._ready = ready
        self._deliverer.interrupt()
        self._deliverer.record(self._sender_record("started"))
        await self._outbox.settle()
        self.adopt(config)
        chores = [
            self._loop.create_task(self._every(POLL_SECONDS, self._poll)),
            self._loop.create_task(self._every(WATCH_SECONDS, self._watch)),
            self._loop.create_task(self._every(1.0, self._look_at_secrets)),
            self._loop.create_task(self._every(self._upkeep.interval_seconds, self._keep_up)),
        ]
        stopped = self._loop.create_task(stop.wait())
        done, _ = await asyncio.wait([stopped, *chores], return_when=asyncio.FIRST_COMPLETED)
        self._stopping = True
        for chore in (stopped, *chores):
            chore.cancel()
        for chore in done - {stopped}:
            chore.result()  # a chore only ends by failing
        await self._drain()

    async def _drain(self) -> None:
        while self._running:
            await asyncio.wait(self._running, timeout=1.0)
            self._outbox.flush()
        self._deliverer.record(self._sender_record("stopped"))
        try:
            await self._outbox.settle()
            self._upkeep.checkpoint_at_end()
        except HookconsoleError as error:
            log.error("the last results could not be recorded: %s", error)
        await self._transport.aclose()
        self._appender.close()
        self._store.close()

    def _sender_record(self, state: str) -> r.Sender:
        note = self._lock.note
        return r.Sender(
            rfc3339(time.time()),
            state="started" if state == "started" else "stopped",
            pid=note.pid,
            mode=note.mode,
            user=note.user,
        )

    async def _every(self, seconds: float, chore: Callable[[], Awaitable[None] | None]) -> None:
        while True:
            waits = chore()
            if waits is not None:
                await waits
            await asyncio.sleep(seconds)

    # The config

    def adopt(self, config: Config) -> None:
        """Deliver by a new config, unless it loses endpoints that nobody consented to."""
        self._read_journal()
        now = time.monotonic()
        adoption = plan(self._fold, config, rfc3339(time.time()))
        if adoption.refusal:
            self._waiting_config = config
            self.refuse(adoption.refusal)
            return
        first = self._config is None
        self._config, self._waiting_config = config, None
        self._retention = config.retention_days * 86400
        self._lanes.concurrency = config.concurrency
        self._deliverer.use(config)
        self._router = Router(config)
        if adoption.record is not None:
            self._deliverer.record(adoption.record)
        for name in adoption.record.removed if adoption.record else ():
            self._lanes.close(name)
        for name, endpoint in config.endpoints.items():
            if not endpoint.active:
                self._lanes.close(name)
                self._cancel_waiting(name)
                continue
            reopened = not self._lanes.is_open(name)
            self._lanes.open(name, endpoint.policy.endpoint_concurrency, now)
            if reopened:
                for delivery in list(self._fold.deliveries.get(name, {}).values()):
                    self._queue(delivery, at_once=not first)
        self._tests_due = set(adoption.tests)
        self._lock.publish(refused="")
        log.info("config adopted: %d endpoints", len(config.endpoints))
        self._look_at_secrets()
        self.wake()
        if first:
            self._ready()

    async def _watch(self) -> None:
        """Adopt a hand edit that has settled; look again at a refused one when an operator consents."""
        changed = await asyncio.to_thread(self._watcher.poll, time.monotonic())
        if changed is not None:
            await self._take_over(changed)
        elif self._waiting_config is not None and not lost_without_consent(
            self._fold.known, self._fold.consented, self._waiting_config
        ):
            self.adopt(self._waiting_config)

    async def _take_over(self, changed: Changed) -> None:
        self._waiting_config = None
        try:
            if changed.error is not None:
                raise changed.error
            raw = changed.raw
            config = await asyncio.to_thread(parse, raw, self._home.config) if raw else Config()
        except ConfigError as error:
            self.refuse(str(error))
        else:
            self.adopt(config)

    def _reload_soon(self) -> None:
        # The program's own edits are whole when they appear: no need to see them settle.
        if self._reloading is None or self._reloading.done():
            self._reloading = self._loop.create_task(self.reload())

    async def reload(self) -> None:
        """Look at the config file now, without waiting for it to settle."""
        try:
            found = await asyncio.to_thread(read, self._home.config)
        except InputError as error:
            self.refuse(str(error))
        else:
            raw = found.raw if found else None
            self._watcher.adopted(raw)
            await self._take_over(Changed(raw))

    def refuse(self, reason: str) -> None:
        """The config file on disk can't be adopted; what was adopted before stays."""
        if reason != self._lock.note.refused:
            log.error("config refused: %s", reason)
        self._lock.publish(refused=reason)

    def _cancel_waiting(self, name: str) -> None:
        waiting = [d.event for d in self._fold.deliveries.get(name, {}).values() if d.state in WAITING]
        for at in range(0, len(waiting), CANCELED_PER_RECORD):
            events = waiting[at : at + CANCELED_PER_RECORD]
            self._deliverer.record(r.Canceled(rfc3339(time.time()), endpoint=name, events=events))

    def _look_at_secrets(self) -> None:
        now = time.time()
        for name in self._lanes.paused():
            target = self._deliverer.targets.get(name)
            if target is not None and not target.secret_problem(now):
                log.info("%s: its secret can be read again", name)
                self._lanes.pause(name, False, time.monotonic())
                self.wake()

    # What comes in

    def _poll(self) -> None:
        self.heartbeat = time.monotonic()
        self._read_journal()
        if self._tests_due:
            self._send_tests()
        if self._feeder.busy:
            self._feed()
        if self._outbox.halted:
            self.wake()

    def _read_journal(self) -> None:
        found = self._tail.read()
        for position, record in found:
            self._fold.apply(record, position.segment, position.offset)
            if isinstance(record, r.Change):
                self._reload_soon()
        if found:
            self._fold.position = self._tail.position
            self.wake()

    def _send_tests(self) -> None:
        """Accept a test event for each new URL, unless another process has just done so."""
        config = self._config
        try:
            with self._appender.locked(wait=False):
                self._tail.drain_into(self._fold)
                for name in sorted(self._tests_due):
                    endpoint = config.endpoints.get(name) if config else None
                    known = self._fold.known.get(name)
                    if endpoint is None or (known and known.tested == fingerprint(endpoint.url)):
                        continue
                    event = test_event(endpoint, user_name())
                    line = r.to_line(event)
                    position = self._appender.append_locked(line)
                    self._written(position, len(line))
                    self._fold.apply(event, position.segment, position.offset)
                self._tests_due.clear()
        except (BusyError, AppendError):
            return  # the next poll tries again

    def _feed(self) -> None:
        now = time.monotonic()
        fed, passed = self._feeder.feed(now, self._lanes.is_open, self._lanes.waiting)
        for delivery in fed:
            self._lanes.add(delivery, now, now)
        for replay, items in passed.items():
            self._deliverer.record(r.ReplayPassed(rfc3339(time.time()), replay=replay, items=items))
        if fed or passed:
            self.wake()

    # What goes out

    def wake(self) -> None:
        """Have a cycle soon; however often it is asked for, once."""
        if not self._cycle_due:
            self._cycle_due = True
            self._loop.call_soon(self._cycle)

    def _queue(self, delivery: Delivery, at_once: bool = False) -> None:
        """A delivery waits: into its lane, unless its endpoint rests or is gone."""
        router = self._router
        if router is None or delivery.state not in WAITING:
            return
        if router.is_inactive(delivery.endpoint):
            self._deliverer.record(
                r.Canceled(rfc3339(time.time()), endpoint=delivery.endpoint, events=[delivery.event])
            )
            return
        now = time.monotonic()
        wait = 0.0 if at_once else min(delivery.due - time.time(), delivery.wait)
        self._lanes.add(delivery, now + max(wait, 0.0), now)

    def _cycle(self) -> None:
        self._cycle_due = False
        self._read_journal()
        if not self._stopping and not self._starting:
            self._take_in()
            self._take_from_lanes()
        if not self._outbox.flush():
            self._halt_or_retry()
            return
        if self._lock.note.halted:
            self._lock.publish(halted="")
            log.warning("the journal can be written again: sending goes on")
        for delivery in self._starting:
            task = self._loop.create_task(self._attempt(delivery))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        self._starting = []
        self._outbox.sync_soon()
        self._set_timer()

    def _halt_or_retry(self) -> None:
        if self._outbox.halted and self._outbox.halted != self._lock.note.halted:
            log.error("HALTED, nothing is sent: %s", self._outbox.halted)
            self._lock.publish(halted=self._outbox.halted)
        if not self._outbox.halted:
            self._loop.call_later(0.001, self.wake)

    def _take_in(self) -> None:
        router = self._router
        if router is None or not self._fold.untaken or self._outbox.halted:
            return
        taken = []
        for event, untaken in list(self._fold.untaken.items())[:INTAKE_AT_MOST]:
            to, skipped = router.route(untaken.type)
            taken.append(
                r.Taken(
                    event=event,
                    segment=untaken.segment,
                    offset=untaken.offset,
                    to=[name for name in to if name not in untaken.seen] if untaken.seen else to,
                    skipped=skipped,
                )
            )
        self._deliverer.record(r.Intake(rfc3339(time.time()), events=taken))
        now = time.monotonic()
        for one in taken:
            for name in one.to:
                delivery = self._fold.delivery(one.event, name)
                if delivery is not None and delivery.state == "pending":
                    self._lanes.add(delivery, now, now)
        if self._fold.untaken:
            self.wake()

    def _take_from_lanes(self) -> None:
        if self._outbox.halted:
            return
        now = time.monotonic()
        while (delivery := self._lanes.take(now)) is not None:
            self._starting.append(delivery)
        if self._starting:
            self._deliverer.start(self._starting)

    async def _attempt(self, delivery: Delivery) -> None:
        attempt = await self._deliverer.attempt(delivery)
        now = time.monotonic()
        self._lanes.done(
            delivery.endpoint,
            success=attempt.outcome == "delivered",
            seconds=attempt.duration_ms / 1000,
            now=now,
        )
        if delivery.state in WAITING:
            self._queue(delivery)
            if attempt.error == "config":
                self._lanes.pause(delivery.endpoint, True, now)
        self._tell(attempt)
        self.wake()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._lanes.next_wake_up()
        if due < inf and not self._stopping:
            wait = max(due - time.monotonic(), 0.0005)
            self._timer = self._loop.call_later(wait, self.wake)

    def _tell(self, attempt: r.Attempt) -> None:
        if self.on_attempt is not None:
            self.on_attempt(attempt)
        cause = "" if attempt.outcome == "delivered" else attempt.error or f"status {attempt.status}"
        before = self._failing.get(attempt.endpoint, "")
        if cause:
            self._failing[attempt.endpoint] = cause
        else:
            self._failing.pop(attempt.endpoint, None)
        if cause != before:
            if cause:
                log.warning(
                    "%s fails: %s%s (event %s, attempt %d)",
                    attempt.endpoint,
                    cause,
                    f": {attempt.error_detail}" if attempt.error_detail else "",
                    attempt.event,
                    attempt.attempt,
                )
            else:
                log.warning("%s answers again", attempt.endpoint)
        if attempt.outcome == "failed":
            log.warning("%s: event %s failed for good: %s", attempt.endpoint, attempt.event, cause)

    # Keeping house

    def _keep_up(self) -> None:
        if not self._outbox.flush() or self._outbox.halted or self._stopping:
            return
        with contextlib.suppress(BusyError):
            try:
                self._upkeep.run(self._retention)
            except AppendError as error:
                log.error("upkeep of the journal failed: %s", error)

    def _written(self, position: Position, length: int) -> None:
        self._tail.own(position, length)
