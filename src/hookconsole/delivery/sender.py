"""The sender: one event loop that owns all delivery state and obeys the journal.

Others speak to it through the journal and the config file only: it looks at the journal every
`POLL_SECONDS`, at the config file twice a second.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Literal

import httpx

from hookconsole.clock import rfc3339
from hookconsole.config.model import Config
from hookconsole.config.watch import Watcher
from hookconsole.delivery.adoption import fingerprint, lost_without_consent, plan
from hookconsole.delivery.chores import between, every
from hookconsole.delivery.deliverer import Deliverer
from hookconsole.delivery.dispatch import Dispatcher
from hookconsole.delivery.feeding import Feeder
from hookconsole.delivery.inbox import Inbox
from hookconsole.delivery.lock import SenderLock
from hookconsole.delivery.outbox import Outbox
from hookconsole.delivery.trial import test_event
from hookconsole.delivery.upkeep import Upkeep
from hookconsole.delivery.watching import ConfigWatch
from hookconsole.errors import BusyError, HookconsoleError, InputError
from hookconsole.journal import records as r
from hookconsole.journal.segments import Appender, AppendError
from hookconsole.journal.store import Store
from hookconsole.journal.tail import Tail
from hookconsole.paths import Home
from hookconsole.who import user_name

POLL_SECONDS = 0.04
"""How often the journal is looked at: the wake-up that an emit waits for, 50 ms at the very most."""

WATCH_SECONDS = 0.5
SECRETS_SECONDS = 1.0
LOCK_SECONDS = 1.0
EXPIRY_SECONDS = 60.0

log = logging.getLogger("hookconsole")


class Sender:
    """Delivers for one state directory, as long as `run` runs. The caller holds the sender's lock."""

    def __init__(
        self, home: Home, lock: SenderLock, watcher: Watcher, transport: httpx.AsyncBaseTransport
    ) -> None:
        self._lock = lock
        self._transport = transport
        self._watch = ConfigWatch(home, watcher)
        self._store = Store(home.journal)
        self._appender = Appender(home.journal)
        self._fold = self._store.fold()
        self._tail = Tail(self._store, self._fold.position)
        self._inbox = Inbox(self._fold, self._tail)
        self._outbox = Outbox(self._appender, self._tail.own)
        self._deliverer = Deliverer(self._fold, self._store, self._outbox, transport)
        self._dispatcher = Dispatcher(
            self._fold, self._deliverer, self._outbox, lock, before_cycle=self._read_journal
        )
        self._feeder = Feeder(self._fold)
        self._upkeep = Upkeep(self._fold, self._store, self._appender, self._tail, self._inbox)
        self._config: Config | None = None
        self._waiting_config: Config | None = None
        self._looking = asyncio.Lock()  # what was read first is adopted first
        self._tests_due: set[str] = set()
        self._reloading: asyncio.Task[None] | None = None
        self._ready: Callable[[], None] = lambda: None
        self._looked_at = time.monotonic()
        self.reporter = self._dispatcher.reporter
        self._fold.on_waiting = self._dispatcher.queue

    async def run(self, config: Config, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Deliver until `stop` is set, then let attempts in flight finish. Calls `ready` when it delivers.

        A config that loses endpoints without consent is waited with: until then nothing is taken in.
        """
        self._ready = ready
        self._deliverer.interrupt()
        self._record_sender("started")
        while not await self._settled():
            if stop.is_set():
                await self._end()
                return
        if self._fold.known.keys() <= config.endpoints.keys():
            self.adopt(config)
        else:
            self._watch.distrust()  # an editor may be writing it: events must not miss who is yet to come
        loop = asyncio.get_running_loop()
        chores: list[asyncio.Future[None]] = [
            every(POLL_SECONDS, self._poll),
            every(SECRETS_SECONDS, self._dispatcher.resume),
            every(LOCK_SECONDS, self._lock.check),
            every(self._upkeep.interval_seconds, self._keep_up),
            loop.create_task(between(WATCH_SECONDS, self._look_at_config)),
            loop.create_task(between(EXPIRY_SECONDS, self._expire_secrets)),
        ]
        stopped: asyncio.Future[Any] = loop.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopped, *chores], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopped, *chores):
                task.cancel()
        await self._end()
        for chore in done - {stopped}:
            chore.result()  # a chore only ends by failing

    @property
    def in_flight(self) -> int:
        """How many attempts are being made."""
        return self._dispatcher.in_flight

    @property
    def heartbeat(self) -> float:
        """When (monotonic) the loop and the disk under the journal last got on."""
        return min(self._looked_at, self._outbox.syncing_since)

    async def _settled(self) -> bool:
        """Whether what a start must record is durable. A disk that refuses is waited for, as later on."""
        self._looked_at = time.monotonic()
        try:
            await self._outbox.settle()
        except HookconsoleError as error:
            self._dispatcher.halt(str(error))
            return False
        return True

    async def _end(self) -> None:
        await self._dispatcher.drain()
        self._record_sender("stopped")
        try:
            await self._outbox.settle()
            self._upkeep.checkpoint_at_end()
        except HookconsoleError as error:
            log.error("the last results could not be recorded: %s", error)
        await self._transport.aclose()
        self._appender.close()
        self._store.close()

    def _record_sender(self, state: Literal["started", "stopped"]) -> None:
        note = self._lock.note
        at = rfc3339(time.time())
        self._deliverer.record(r.Sender(at, state=state, pid=note.pid, mode=note.mode, user=note.user))

    # The config

    def adopt(self, config: Config) -> None:
        """Deliver by a new config, unless it loses endpoints that nobody consented to."""
        self._read_journal()
        adoption = plan(self._fold, config, rfc3339(time.time()))
        if adoption.refusal:
            self._waiting_config = config
            self.refuse(adoption.refusal)
            return
        first = self._config is None
        self._config, self._waiting_config = config, None
        if adoption.record is not None:
            self._deliverer.record(adoption.record)
        self._dispatcher.use(config)
        self._tests_due = set(adoption.tests)
        self._lock.publish(refused="", waiting=False)
        log.info("config adopted: %d endpoints", len(config.endpoints))
        if first:
            self._ready()

    def refuse(self, reason: str) -> None:
        """The config file on disk can't be adopted; what was adopted before stays."""
        if reason != self._lock.note.refused:
            log.error("config refused: %s", reason)
        self._lock.publish(refused=reason, waiting=self._config is None)

    async def reload(self) -> None:
        """Look at the config file now, without waiting for it to settle."""
        async with self._looking:
            found = await self._watch.reload()
            self._lock.publish(refused="")  # a refusal is said again to who asks
            self._take_over(found)

    async def _look_at_config(self) -> None:
        async with self._looking:
            if (found := await self._watch.poll()) is not None:
                self._take_over(found)
        if (
            found is None
            and self._waiting_config is not None
            and not lost_without_consent(self._fold.known, self._fold.consented, self._waiting_config)
        ):
            self.adopt(self._waiting_config)

    def _take_over(self, found: Config | InputError) -> None:
        self._waiting_config = None
        if isinstance(found, InputError):
            self.refuse(str(found))
        else:
            self.adopt(found)

    async def _expire_secrets(self) -> None:
        if self._config is not None:
            await self._watch.drop_expired(self._config)

    # What comes in

    def _poll(self) -> None:
        self._looked_at = time.monotonic()
        if self._dispatcher.failure is not None:
            raise self._dispatcher.failure
        self._read_journal()
        if self._tests_due:
            self._send_tests()
        if self._feeder.busy:
            self._feed()
        if self._outbox.halted or self._lock.note.halted:
            self._dispatcher.wake()

    def _read_journal(self) -> None:
        if self._inbox.read():
            self._dispatcher.wake()
        if self._inbox.held and self._reloading is None:
            self._reloading = asyncio.get_running_loop().create_task(self._obey_change())

    async def _obey_change(self) -> None:
        # The program's own edits are whole when they appear: no need to see them settle.
        try:
            await self.reload()
        finally:
            self._inbox.held = False
            self._reloading = None
            self._dispatcher.wake()

    def _send_tests(self) -> None:
        """Accept a test event for each new URL, unless another process has just done so."""
        config = self._config or Config()
        try:
            with self._appender.locked(wait=False):
                if not self._inbox.drain():
                    return
                for name in sorted(self._tests_due & config.endpoints.keys()):
                    endpoint = config.endpoints[name]
                    known = self._fold.known.get(name)
                    if known is not None and known.tested == fingerprint(endpoint.url):
                        continue
                    event = test_event(endpoint, user_name())
                    line = r.to_line(event)
                    position = self._appender.append_locked(line)
                    self._tail.own(position, len(line))
                    self._fold.apply(event, position.segment, position.offset)
                self._tests_due.clear()
        except (BusyError, AppendError):
            return  # the next poll tries again

    def _feed(self) -> None:
        lanes, now = self._dispatcher.lanes, time.monotonic()
        fed, passed = self._feeder.feed(now, lanes.is_open, lanes.waiting)
        for delivery in fed:
            lanes.add(delivery, now, now)
        for replay, items in passed.items():
            self._deliverer.record(r.ReplayPassed(rfc3339(time.time()), replay=replay, items=items))
        if fed or passed:
            self._dispatcher.wake()

    def _keep_up(self) -> None:
        if self._config is None or not self._outbox.flush():
            return
        try:
            self._upkeep.run(self._config.retention_days * 86400)
        except BusyError:
            return  # the next time does
        except (AppendError, OSError) as error:
            log.error("upkeep of the journal failed: %s", error)
