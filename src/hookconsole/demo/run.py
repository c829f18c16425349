"""The demo itself: a receiver, a sender and traffic between them, over a store that is gone at the end.

The sender's thread only puts what ended into a queue; whoever iterates here takes it out, at leisure.
"""

import os
import queue
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple

from hookconsole.clock import parse_rfc3339
from hookconsole.config.load import load
from hookconsole.config.secrets import generate
from hookconsole.delivery.runtime import Runtime
from hookconsole.demo import past, store
from hookconsole.demo.moods import MOODS
from hookconsole.demo.receiver import DemoReceiver
from hookconsole.demo.report import Report, report
from hookconsole.demo.traffic import traffic
from hookconsole.emitter import Emitter
from hookconsole.journal.history import Entry, Window, entries, of_event
from hookconsole.journal.records import Attempt
from hookconsole.journal.store import Store

DRAIN_SECONDS = 60.0
"""How long what is unfinished is waited for: the retry schedule takes 31 s."""

INTERRUPTED_SECONDS = 5.0
"""The same, once the person has had enough."""

_LOOK_SECONDS = 0.1


class Ended(NamedTuple):
    """An attempt that ended, and the type of its event."""

    attempt: Attempt
    type: str


class Demo:
    """Runs while it is entered. The same seed makes the same traffic and the same moods.

    `pace` makes the waits between events so many times longer. With `week` the journal has one before it.
    """

    def __init__(self, seed: int, *, pace: float = 1.0, week: bool = False) -> None:
        self._seed = seed
        self._pace = pace
        self._week = week
        self._began = 0.0
        self._past: frozenset[str] = frozenset()
        self._stack = ExitStack()
        self._ended: queue.SimpleQueue[Attempt] = queue.SimpleQueue()
        self._types: dict[str, str] = {}
        self._interrupted: list[float] = []
        self.waiting = 0
        """What `unfinished` last said, for other threads."""

    def __enter__(self) -> "Demo":
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="hookconsole-demo-"))
            secrets = {name: generate() for name in store.ROLES}
            moods = {name: MOODS[role.mood] for name, role in store.ROLES.items()}
            self._receiver = DemoReceiver(secrets, self._seed, moods)
            stack.callback(self._receiver.stop)
            self.port = self._receiver.start()
            self.home = store.create(Path(os.path.realpath(folder)), self.port, secrets)
            self._config = load(self.home.config)
            self._began = time.time()
            if self._week:
                self._past = past.write(self.home, self._config, self._seed, self._began)
            self._runtime = Runtime(self.home, "demo", on_attempt=self._ended.put)
            self._runtime.start()
            stack.callback(self._stop_sender)
            self._emitter = stack.enter_context(
                Emitter(config=self.home.config, state=self.home.state, source="api")
            )
            self._store = Store(self.home.journal)
            stack.callback(self._store.close)
            self._fold = self._store.fold()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def interrupt(self) -> None:
        """The person wants to end: no more traffic, little patience; at the second time none."""
        self._interrupted.append(time.monotonic())

    @property
    def interrupted(self) -> bool:
        """Whether somebody wants to end."""
        return bool(self._interrupted)

    @property
    def error(self) -> BaseException | None:
        """What ended the sender early."""
        return self._runtime.error

    @property
    def accepted(self) -> int:
        """How many events were accepted so far."""
        return len(self._types)

    def unfinished(self) -> int:
        """How many deliveries, and events not yet taken in, haven't come to their end."""
        self._store.catch_up(self._fold)
        self.waiting = len(self._fold.untaken) + sum(1 for _ in self._fold.unfinished())
        return self.waiting

    def live(self, seconds: float) -> Iterator[Ended]:
        """Emit for so long; every attempt as it ends."""
        happenings = traffic(self._seed)
        due = time.monotonic()
        until = due + seconds
        while (now := time.monotonic()) < until and not self._over():
            if now >= due:
                happening = next(happenings)
                self._types[self._emitter.emit(happening.type, happening.data)] = happening.type
                due = max(due, now - 1.0) + happening.wait * self._pace
            yield from self._next(min(due, until) - time.monotonic())

    def drain(self) -> Iterator[Ended]:
        """Wait until every delivery is final, for a minute at most; then end the sender."""
        until = time.monotonic() + DRAIN_SECONDS
        while self.unfinished() and not self._runtime.join(0):
            if self._interrupted:
                until = min(until, self._interrupted[0] + INTERRUPTED_SECONDS)
            if time.monotonic() >= until or len(self._interrupted) > 1:
                break
            yield from self._next(_LOOK_SECONDS)
        self._stop_sender()
        while not self._ended.empty():
            yield from self._next(0)

    def report(self) -> Report:
        """What the journal says beside what the receiver says; raises what ended the sender early."""
        if self._runtime.error is not None:
            raise self._runtime.error
        counts = self._receiver.snapshot()
        return report(self._types, self._config, self._of_today(), counts)

    def _of_today(self) -> Iterator[Entry]:
        """The deliveries of this run. What was made up doesn't count, unless somebody retried it."""
        for entry in entries(self._store, Window()):
            if entry.delivery.event in self._past:
                entry.attempts = [a for a in entry.attempts if parse_rfc3339(a.at) >= self._began]
                if not entry.attempts:
                    continue
            yield entry

    def _over(self) -> bool:
        return self.interrupted or self._runtime.join(0)

    def _next(self, timeout: float) -> Iterator[Ended]:
        try:
            attempt = self._ended.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            return
        yield Ended(attempt, self._type_of(attempt.event))

    def _type_of(self, event: str) -> str:
        """The type of an event of ours, or of another shell's."""
        if event not in self._types:
            story = of_event(self._store, event)
            return story.event.type if story else ""
        return self._types[event]

    def _stop_sender(self) -> None:
        self._runtime.stop()
        self._runtime.join()
