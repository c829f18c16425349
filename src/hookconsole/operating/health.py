"""How things stand, as values: the sender, the backlog, each endpoint. Pure but for reading the journal."""

import time
from typing import Literal

import msgspec

from hookconsole.clock import parse_rfc3339
from hookconsole.delivery.lock import Note, sender_note
from hookconsole.journal.records import LastAttempt
from hookconsole.operating.desk import Desk

OVERDUE_ALARM_SECONDS = 60.0

Health = Literal["inactive", "idle", "ok", "failing"]


class SenderStatus(msgspec.Struct):
    """Whether somebody delivers, and who."""

    running: bool
    pid: int | None
    mode: str | None
    since: str | None


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


def health_of(active: bool, last: LastAttempt | None, horizon: float) -> Health:
    """An endpoint's health by its newest attempt; attempts before `horizon` (unix seconds) don't count."""
    if not active:
        return "inactive"
    if last is None or parse_rfc3339(last.at) < horizon:
        return "idle"
    return "ok" if last.outcome == "delivered" else "failing"


def cause_of(last: LastAttempt | None) -> str:
    """Why the newest attempt failed; empty when it didn't."""
    if last is None or last.outcome == "delivered":
        return ""
    return last.error or f"status {last.status}"


def status(desk: Desk) -> Status:
    """How things stand now."""
    note = sender_note(desk.home.state)
    alarms = [] if note is not None else ["nobody sends: start one with hookconsole --daemon"]
    if desk.refusal:
        alarms.append(f"the config on disk is refused: {desk.refusal}")
    if note is not None and note.halted:
        alarms.append(f"sending is halted: {note.halted}")
    now = time.time()
    overdue = _oldest_overdue(desk, now)
    if overdue > OVERDUE_ALARM_SECONDS:
        alarms.append(f"the oldest overdue delivery has waited for {overdue:.0f} s")
    pending = _pending(desk)
    endpoints = [
        _endpoint_status(desk, name, active, pending.get(name, 0), now)
        for name, active in desk.switches.items()
    ]
    held = sum(len(d) for name, d in desk.fold.deliveries.items() if name not in desk.switches)
    return Status(_sender_status(note), sum(pending.values()), held, round(overdue, 1), endpoints, alarms)


def _sender_status(note: Note | None) -> SenderStatus:
    if note is None:
        return SenderStatus(False, None, None, None)
    return SenderStatus(True, note.pid, note.mode, note.since)


def _pending(desk: Desk) -> dict[str, int]:
    pending = {name: len(d) for name, d in desk.fold.deliveries.items() if name in desk.switches}
    for untaken in desk.fold.untaken.values():
        for name in desk.route(untaken.type)[0]:
            pending[name] = pending.get(name, 0) + 1
    return pending


def _oldest_overdue(desk: Desk, now: float) -> float:
    def fails(name: str) -> bool:
        """Whether what waits for it waits for the receiver; a secret that can't be read is ours to mend."""
        return cause_of(desk.fold.last.get(name)) not in ("", "config")

    since = [
        d.due
        for d in desk.fold.unfinished()
        if d.state != "sending" and d.due <= now and d.endpoint in desk.switches and not fails(d.endpoint)
    ]
    for event, untaken in desk.fold.untaken.items():
        record = desk.store.event_at(event, untaken.segment, untaken.offset)
        if record is not None:
            since.append(parse_rfc3339(record.at))
            break  # they are in the order of their acceptance
    return max(now - min(since), 0.0) if since else 0.0


def _endpoint_status(desk: Desk, name: str, active: bool, pending: int, now: float) -> EndpointStatus:
    last = desk.fold.last.get(name)
    day = desk.fold.totals.summary(name, int(now) // 3600 - 23)
    return EndpointStatus(
        name=name,
        active=active,
        health=health_of(active, last, desk.horizon),
        pending=pending,
        delivered_24h=day.delivered,
        failed_24h=day.failed,
        p50_ms=day.p50_ms,
        p95_ms=day.p95_ms,
        cause=cause_of(last),
    )
