"""Endpoints as rows, kept up to date at a cost that depends on what happens, not on how many there are.

Invariant: a mapping that was handed out is never changed. A row is made whole again at most once a second;
what waits is put into it more often.
"""

import time
from collections.abc import Callable, Mapping
from math import inf

from msgspec.structs import replace

from hookconsole.clock import parse_rfc3339
from hookconsole.journal.fold import Fold
from hookconsole.observing.backlog import NOTHING, Backlog
from hookconsole.observing.registry import Registry
from hookconsole.observing.values import EndpointRow, Health
from hookconsole.operating.health import cause_of, health_of

STEPS = 28
STEP_HOURS = 6

_AGAIN_SECONDS = 1.0


class EndpointRows:
    """All endpoints of a registry, and those that are gone and have deliveries that are held."""

    def __init__(self, fold: Fold, registry: Registry) -> None:
        self.rows: Mapping[str, EndpointRow] = {}
        self._fold = fold
        self._registry = registry
        self._changes = -1
        self._hour = 0
        self._backlog = NOTHING
        self._next_due = inf
        self._stale: dict[str, None] = {}
        self._made: dict[str, float] = {}

    def touch(self, name: str) -> None:
        """An attempt at an endpoint ended."""
        self._stale[name] = None

    def refresh(self, backlog: Backlog, now: float, seconds: float, rest: Callable[[], None]) -> None:
        """Bring the rows up to date at `now` (unix seconds), as many as can be in so many `seconds`."""
        if self._changes != self._registry.changes:
            self._changes = self._registry.changes
            self._touch_changed(rest)
        if self._hour != int(now) // 3600:
            self._hour = int(now) // 3600
            self._stale.update(dict.fromkeys(self.rows))
        before, self._backlog = self._backlog, backlog
        if backlog is not before:
            self._stale.update(dict.fromkeys(backlog.waiting.keys() - self.rows.keys()))
        made = self._made_whole(now, seconds, rest)
        if backlog is not before or now >= self._next_due:
            self._next_due = min((due for due in backlog.due.values() if due > now), default=inf)
            for name in before.waiting.keys() | backlog.waiting.keys():
                self._put_waiting(made, name, now)
        if made:
            rows = dict(self.rows)
            for name, row in made.items():
                if row is not None:
                    rows[name] = row
                elif rows.pop(name, None) is not None:
                    self._made.pop(name, None)
            self.rows = rows

    def _put_waiting(self, made: dict[str, EndpointRow | None], name: str, now: float) -> None:
        row = made.get(name) or self.rows.get(name)
        if row is None:
            return
        if not self._exists(name):
            made[name] = None
            return
        waiting, overdue_since = _waits(self._backlog, name, now)
        if (row.waiting, row.overdue_since) != (waiting, overdue_since):
            made[name] = replace(row, waiting=waiting, overdue_since=overdue_since)

    def _touch_changed(self, rest: Callable[[], None]) -> None:
        """Endpoints that the registry has, or hasn't, otherwise than their rows; those that fail first."""
        changed: list[str] = []
        for name, active in self._registry.switches.items():
            row, url = self.rows.get(name), self._registry.url(name)
            if row is None or row.health == "gone" or (row.active, row.url) != (active, url):
                changed.append(name)
            rest()
        changed += [name for name in self.rows if name not in self._registry.switches]
        changed.sort(key=lambda name: not cause_of(self._fold.last.get(name)))
        for name in changed:
            self._made.pop(name, None)
        self._stale = dict.fromkeys(changed) | self._stale

    def _made_whole(
        self, now: float, seconds: float, rest: Callable[[], None]
    ) -> dict[str, EndpointRow | None]:
        """Rows that were stale; None for endpoints that are there no more."""
        made: dict[str, EndpointRow | None] = {}
        began = time.monotonic()
        for name in list(self._stale):
            if self._made.get(name, -inf) + _AGAIN_SECONDS > began:
                continue
            del self._stale[name]
            made[name] = None
            if self._exists(name):
                made[name] = endpoint_row(name, self._fold, self._registry, self._backlog, now)
                self._made[name] = began
            rest()
            if time.monotonic() - began > seconds:
                break
        return made

    def _exists(self, name: str) -> bool:
        return name in self._registry.switches or name in self._backlog.waiting


def endpoint_row(name: str, fold: Fold, registry: Registry, backlog: Backlog, now: float) -> EndpointRow:
    """One endpoint at `now` (unix seconds)."""
    last = fold.last.get(name)
    active = registry.switches.get(name)
    health: Health = "gone"
    if active is not None:
        health = health_of(active, last, now, registry.config.retention_days)
    hour = int(now) // 3600
    day = fold.totals.summary(name, hour - 23)
    volume, failures = _week(fold, name, hour)
    waiting, overdue_since = _waits(backlog, name, now)
    return EndpointRow(
        name=name,
        health=health,
        url=registry.url(name),
        active=bool(active),
        waiting=waiting,
        overdue_since=overdue_since,
        delivered=day.delivered,
        failed=day.failed,
        attempts_failed=day.attempts_failed,
        p50_ms=day.p50_ms,
        p95_ms=day.p95_ms,
        last_at=parse_rfc3339(last.at) if last else None,
        last_status=last.status if last else None,
        cause="" if health == "idle" else cause_of(last),
        detail=(last.detail or "") if last and health != "idle" else "",
        volume=volume,
        failures=failures,
    )


def _waits(backlog: Backlog, name: str, now: float) -> tuple[int, float | None]:
    due = backlog.due.get(name, inf)
    return backlog.waiting.get(name, 0), due if due <= now else None


def _week(fold: Fold, name: str, hour: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Attempts, and failed ones, of 28 steps that begin at whole multiples of six hours."""
    first = hour // STEP_HOURS - STEPS + 1
    volume, failures = [0] * STEPS, [0] * STEPS
    for found in fold.totals.hours(name, first * STEP_HOURS):
        step = found.hour // STEP_HOURS - first
        if step < STEPS:  # a clock had been ahead
            volume[step] += found.delivered + found.attempts_failed
            failures[step] += found.attempts_failed
    return tuple(volume), tuple(failures)
