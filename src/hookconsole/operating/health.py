"""How things stand, as values: the sender, the backlog, each endpoint. Pure but for reading the journal."""

import time
from collections import Counter
from collections.abc import Iterable
from math import inf
from typing import Literal

import msgspec

from hookconsole.clock import parse_rfc3339
from hookconsole.delivery.lock import Note, sender_note
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.records import LastAttempt
from hookconsole.journal.store import Store
from hookconsole.operating.desk import Desk

OVERDUE_ALARM_SECONDS = 60.0

IDLE_DAYS = 7.0
"""Since its newest attempt; less where `retention_days` is less, for no view shows what is older."""

Health = Literal["inactive", "idle", "ok", "failing"]


class SenderStatus(msgspec.Struct):
    """Whether there is a sender, and who; one that is `waiting` has no config yet that isn't refused."""

    running: bool
    pid: int | None = None
    mode: str | None = None
    since: str | None = None
    waiting: bool = False


class EndpointStatus(msgspec.Struct):
    """One endpoint at a glance; `pending` are its unfinished deliveries, durations in milliseconds."""

    name: str
    active: bool
    health: Health
    pending: int
    delivered_24h: int
    failed_24h: int
    p50_ms: float | None
    p95_ms: float | None
    cause: str


class Status(msgspec.Struct):
    """All of it; `alarms` are the reasons to wake somebody, one line each."""

    sender: SenderStatus
    backlog: int
    held: int
    oldest_overdue_seconds: float
    endpoints: list[EndpointStatus]
    alarms: list[str]


def health_of(active: bool, last: LastAttempt | None, now: float, retention_days: float) -> Health:
    """An endpoint's health at `now` (unix seconds), by its newest attempt if that isn't too old to count."""
    if not active:
        return "inactive"
    if last is None or parse_rfc3339(last.at) < now - min(retention_days, IDLE_DAYS) * 86400:
        return "idle"
    return "ok" if last.outcome == "delivered" else "failing"


def cause_of(last: LastAttempt | None) -> str:
    """Why the newest attempt failed; empty when it didn't."""
    if last is None or last.outcome == "delivered":
        return ""
    return last.error or f"status {last.status}"


def is_ours(last: LastAttempt | None) -> bool:
    """Whether what is overdue at an endpoint waits for us, not for its receiver: nothing has failed there,
    or a secret can't be read, which is ours to mend."""
    return cause_of(last) in ("", "config")


def due_since(deliveries: Iterable[Delivery]) -> float:
    """When (unix seconds) the first of these became due, or will; infinite where nothing waits."""
    return min((d.due for d in deliveries if d.state != "sending"), default=inf)


def untaken_since(fold: Fold, store: Store) -> float:
    """When the oldest event that no sender has taken in was accepted; infinite for none."""
    for event, untaken in fold.untaken.items():  # in the order of their acceptance
        record = store.event_at(event, untaken.segment, untaken.offset)
        if record is not None:
            return parse_rfc3339(record.at)
    return inf


def alarms(note: Note | None, refusal: str, overdue: float) -> list[str]:
    """The reasons to wake somebody, the worst first; `overdue` is for how many seconds."""
    found = [] if note is not None else ["nobody sends: start one with hookconsole --daemon"]
    if note is not None and note.halted:
        found.append(f"sending is halted: {note.halted}")
    if refusal:
        waits = note is not None and note.waiting
        found.append(f"{'nothing is sent, for ' if waits else ''}the config on disk is refused: {refusal}")
    if overdue > OVERDUE_ALARM_SECONDS:
        found.append(f"the oldest overdue delivery has waited for {overdue:.0f} s")
    return found


def status(desk: Desk) -> Status:
    """How things stand now."""
    note = sender_note(desk.home.state)
    now = time.time()
    overdue = max(now - _oldest_due(desk), 0.0)
    unfinished = pending(desk)
    return Status(
        sender=_sender_status(note),
        backlog=unfinished.total(),
        held=sum(len(d) for name, d in desk.fold.deliveries.items() if name not in desk.switches),
        oldest_overdue_seconds=round(overdue, 1),
        endpoints=[
            endpoint_status(desk, name, active, unfinished[name], now)
            for name, active in desk.switches.items()
        ],
        alarms=alarms(note, desk.refusal, overdue),
    )


def _sender_status(note: Note | None) -> SenderStatus:
    if note is None:
        return SenderStatus(False)
    return SenderStatus(True, note.pid, note.mode, note.since, note.waiting)


def pending(desk: Desk) -> Counter[str]:
    """How many unfinished deliveries each endpoint has, those of events that no sender has taken in too."""
    counts = desk.untaken()
    counts.update({name: len(d) for name, d in desk.fold.deliveries.items() if name in desk.switches})
    return counts


def _oldest_due(desk: Desk) -> float:
    since = [
        due_since(waiting.values())
        for name, waiting in desk.fold.deliveries.items()
        if name in desk.switches and is_ours(desk.fold.last.get(name))
    ]
    return min([*since, untaken_since(desk.fold, desk.store)])


def endpoint_status(desk: Desk, name: str, active: bool, pending: int, now: float) -> EndpointStatus:
    """One endpoint at `now` (unix seconds)."""
    last = desk.fold.last.get(name)
    health = health_of(active, last, now, desk.retention_days)
    day = desk.fold.totals.summary(name, int(now) // 3600 - 23)
    return EndpointStatus(
        name=name,
        active=active,
        health=health,
        pending=pending,
        delivered_24h=day.delivered,
        failed_24h=day.failed,
        p50_ms=day.p50_ms,
        p95_ms=day.p95_ms,
        cause="" if health == "idle" else cause_of(last),
    )
