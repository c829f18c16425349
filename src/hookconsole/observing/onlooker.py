"""One onlooker's knowledge: the journal folded as it grows, and snapshots of how things stand.

Belongs to one thread, which calls `open`, then `look` again and again. What it does is done in pieces, with
rests in between; no piece waits for another's end.
"""

import os
import time
from collections.abc import Collection, Iterator
from typing import NamedTuple

from msgspec import UNSET

from hookconsole.clock import parse_rfc3339
from hookconsole.delivery.lock import Note, sender_note
from hookconsole.events.catalogue import BUILT_IN, TEST_TYPE
from hookconsole.journal import records as r
from hookconsole.journal.fold import Untaken
from hookconsole.journal.tail import Tail
from hookconsole.observing import backlog
from hookconsole.observing.bulk import replay_rows
from hookconsole.observing.changes import Changes
from hookconsole.observing.endpoints import EndpointRows
from hookconsole.observing.live import LiveRows
from hookconsole.observing.pace import ALONE, BESIDE_A_SENDER, HASTE, Pace
from hookconsole.observing.pulse import Pulse, last_hour
from hookconsole.observing.registry import Registry, Route, nobody
from hookconsole.observing.values import SenderView, Snapshot
from hookconsole.operating import health
from hookconsole.operating.desk import Desk
from hookconsole.paths import Home

LOOK_SECONDS = 0.1
"""How long new records are taken in, if there are so many, before how things stand is told again."""

_NOTE_SECONDS = 0.25
_CONFIG_SECONDS = 0.5
_RELEASE_SECONDS = 60.0
_COUNT_SHARE = 7.0
"""What waits is counted again after so many times of what that took, rests and all."""

_ASKED_SECONDS = 2.0
"""For so long after they were asked for changes are made ready to be told."""

_PIECE_SECONDS = 0.05
_AT_ONCE = 200
"""Records taken in between two rests: a millisecond or two."""


class Known(NamedTuple):
    """What a search must know that the journal doesn't tell. Times in unix seconds."""

    types: Collection[str]
    endpoints: Collection[str]
    registry: Collection[str]
    route: Route
    running: bool
    horizon: float


class _Everyone(frozenset[str]):
    """A registry that isn't known yet: nobody is said to be gone."""

    def __contains__(self, _name: object) -> bool:
        return True


UNKNOWN = Known((), (), _Everyone(), nobody, running=True, horizon=0.0)
"""Before the journal has been read."""


class Onlooker:
    """Reads one hookconsole. Deliveries that change are told to `changes`."""

    def __init__(self, home: Home, changes: Changes, pace: Pace) -> None:
        self._changes = changes
        self._pace = pace
        self._desk = desk = Desk(home)
        self._fold = fold = desk.fold = desk.store.checkpointed()
        self._tail = Tail(desk.store, fold.position)
        self._registry = Registry(desk)
        self._rows = LiveRows(fold, desk.store, self._registry)
        self._endpoints = EndpointRows(fold, self._registry)
        self._pulse = Pulse()
        self._past: Iterator[r.Attempt] = iter(())
        self._note: Note | None = None
        self._backlog = backlog.NOTHING
        self._is_new = True
        self._due = dict.fromkeys(("note", "config", "count", "release"), 0.0)

    @property
    def untaken(self) -> dict[str, Untaken]:
        """Events that no sender has taken in, as of now; may be asked for from any thread."""
        return self._fold.untaken.copy()

    def known(self) -> Known:
        """What a search that begins now must know."""
        fold, registry = self._fold, self._registry
        return Known(
            types={*BUILT_IN, TEST_TYPE, *registry.config.event_types, *fold.event_types},
            endpoints={*registry.switches, *fold.known, *fold.last, *fold.deliveries},
            registry=registry.switches,
            route=registry.route,
            running=self._note is not None,
            horizon=time.time() - registry.config.retention_days * 86400,
        )

    def open(self) -> None:
        """Come to the journal's end, quickly."""
        self._pace.share = HASTE
        while records := self._tail.read():
            for position, record in records:
                self._fold.apply(record, *position)
            self._pace.rest()
        self._pace.share = ALONE
        self._registry.derive()
        self._changes.look_anew()  # what came since the checkpoint wasn't told
        self._past = last_hour(self._desk.home.journal, self._tail.position, time.time(), self._pace.rest)

    def close(self) -> None:
        """Give the descriptors back."""
        self._past = iter(())
        self._desk.close()

    def look(self, *, config: bool = False) -> bool:
        """Bring all up to date; whether more is there to be done at once. `config`: read the file now."""
        monotonic = time.monotonic()
        before, names = self._registry.changes, self._registry.switches.keys()
        if config:
            self._registry.look()
        elif self._is_due("config", monotonic, _CONFIG_SECONDS):
            self._registry.poll(monotonic)
        more = self._take_in(monotonic + LOOK_SECONDS)
        if self._registry.changes != before:
            self._is_new = True
            if self._fold.untaken or self._registry.switches.keys() != names:
                self._rows.touch_all()  # others get what waits, or it isn't held any more
        if self._is_due("note", monotonic, _NOTE_SECONDS):
            self._read_note()
        self._tell()
        if self._is_new and monotonic >= self._due["count"]:
            self._count()
        self._endpoints.refresh(self._backlog, time.time(), _PIECE_SECONDS, self._pace.rest)
        if self._is_due("release", monotonic, _RELEASE_SECONDS):
            self._desk.store.close()  # a segment that is kept open stays on the disk when it is deleted
        return more

    def look_back(self) -> bool:
        """Fill in the hour that was before, a piece at a time; whether there is more of it."""
        until = time.monotonic() + _PIECE_SECONDS
        now = time.time()
        for attempt in self._past:
            self._rows.remember(attempt)
            if attempt.test is UNSET:
                self._pulse.add(attempt, now)
            if time.monotonic() > until:
                return True
        return False

    def snapshot(self) -> Snapshot:
        """How things stand."""
        now = time.time()
        since = self._backlog.overdue_since
        overdue = max(now - since, 0.0)
        refusal = self._registry.refusal
        return Snapshot(
            now=now,
            version=0,
            sender=_view(self._note),
            backlog=self._backlog.total,
            held=self._backlog.held,
            overdue_since=since if since <= now else None,
            alarms=tuple(health.alarms(self._note, refusal, overdue)),
            refusal=refusal,
            endpoints=self._endpoints.rows,
            minutes=self._pulse.minutes(now),
            causes=self._pulse.causes(now),
            replays=replay_rows(self._fold.replays),
            per_second=self._pulse.per_second(now),
        )

    def _is_due(self, chore: str, now: float, every: float) -> bool:
        if now < self._due[chore]:
            return False
        self._due[chore] = now + every
        return True

    def _take_in(self, until: float) -> bool:
        """Take in what is new; whether there is more of it."""
        while records := self._tail.read():
            self._pace.rest()
            self._is_new = True
            now = time.time()
            judged_anew = False
            for number, ((segment, offset), record) in enumerate(records, 1):
                if isinstance(record, r.Attempt):
                    self._take_attempt(record, segment, offset, now)
                else:
                    self._rows.take(record, segment, offset)
                    judged_anew = judged_anew or isinstance(record, r.Registry | r.Change | r.Consent)
                if not number % _AT_ONCE:
                    self._pace.rest()
            if judged_anew:
                self._registry.derive()
            if time.monotonic() > until:
                return True
        return False

    def _take_attempt(self, attempt: r.Attempt, segment: int, offset: int, now: float) -> None:
        before = self._fold.last.get(attempt.endpoint)
        self._rows.take(attempt, segment, offset)
        # The fold knows which ones count: no tests, none that is written a second time.
        if self._fold.last.get(attempt.endpoint) is not before:
            self._pulse.add(attempt, now)
            self._endpoints.touch(attempt.endpoint)

    def _read_note(self) -> None:
        before, self._note = self._note, sender_note(self._desk.home.state)
        self._pace.share = BESIDE_A_SENDER if _view(self._note).own else ALONE
        if (before is None) != (self._note is None):
            for number, delivery in enumerate(self._fold.unfinished()):
                if delivery.state == "sending":
                    self._rows.touch(delivery)
                if not number % 1000:
                    self._pace.rest()

    def _tell(self) -> None:
        self._rows.settle()
        if time.monotonic() - self._changes.asked_at > _ASKED_SECONDS:
            return
        rows = self._rows.rows(running=self._note is not None)
        if rows is None:
            self._changes.look_anew()
        else:
            self._changes.put(rows)

    def _count(self) -> None:
        self._is_new = False
        began = time.monotonic()
        self._backlog = backlog.count(self._fold, self._desk.store, self._registry, self._pace.rest)
        ended = time.monotonic()
        self._due["count"] = ended + (ended - began) * _COUNT_SHARE


def _view(note: Note | None) -> SenderView:
    if note is None:
        return SenderView()
    try:
        since = parse_rfc3339(note.since)
    except ValueError:
        since = 0.0  # it has just begun, and its note isn't whole
    own = note.pid == os.getpid()
    return SenderView(True, own, note.pid, note.mode, note.user, since, note.halted, note.waiting)
