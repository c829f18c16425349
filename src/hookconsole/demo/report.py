"""What the demo proved: the journal's view of every delivery beside the receiver's own counts. Pure.

An event is complete when each endpoint that it was for has a delivery of it in a final state. The two views
agree when every request that was made was received, and every event delivered was answered with a 2xx.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import NamedTuple

from hookconsole.config.model import Config
from hookconsole.demo.receiver import Counts
from hookconsole.journal.history import Entry
from hookconsole.journal.records import Attempt

_NOT_SENT = frozenset({"dns", "connect", "tls", "blocked", "config"})
"""Errors of attempts whose request never left."""


class Line(NamedTuple):
    """One endpoint, or all; the duration that 95 % of its attempts didn't exceed, None without attempts."""

    name: str
    events: int
    attempts: int
    delivered: int
    failed: int
    verified: int
    wrong: int
    p95_ms: float | None


class Report(NamedTuple):
    """`incomplete` are deliveries owed without a final state; `differences` is a line for each endpoint."""

    accepted: int
    lines: list[Line]
    total: Line
    incomplete: int
    differences: list[str]
    requests: int
    answered: int

    @property
    def succeeded(self) -> bool:
        """Whether every event is complete and every signature was right."""
        return not self.incomplete and not self.total.wrong


def report(
    accepted: Mapping[str, str], config: Config, entries: Iterable[Entry], counts: Mapping[str, Counts]
) -> Report:
    """The report on `accepted` events (id and type) that the entries tell of and the receiver counted."""
    by_endpoint: dict[str, list[Entry]] = {name: [] for name in config.endpoints}
    for entry in entries:
        by_endpoint.setdefault(entry.delivery.endpoint, []).append(entry)
    owed = {
        (event, endpoint.name)
        for event, event_type in accepted.items()
        for endpoint in config.endpoints.values()
        if endpoint.subscribes(event_type)
    }
    everything = [entry for found in by_endpoint.values() for entry in found]
    final = {_key(entry) for entry in everything if not entry.delivery.unfinished}
    unfinished = {_key(entry) for entry in everything} - final
    nothing = Counts(0, 0, 0, 0)
    differences = [
        difference
        for name, found in by_endpoint.items()
        if (difference := _difference(name, found, counts.get(name, nothing)))
    ]
    return Report(
        accepted=len(accepted),
        lines=[_line(name, found, [counts.get(name, nothing)]) for name, found in by_endpoint.items()],
        total=_line("all", everything, list(counts.values())),
        incomplete=len((owed - final) | unfinished),
        differences=differences,
        requests=_requests(everything),
        answered=sum(_answered(found) for found in by_endpoint.values()),
    )


def _key(entry: Entry) -> tuple[str, str]:
    return entry.delivery.event, entry.delivery.endpoint


def _line(name: str, entries: list[Entry], counts: list[Counts]) -> Line:
    attempts = _attempts(entries)
    durations = sorted(attempt.duration_ms for attempt in attempts)
    states = [entry.state for entry in entries]
    return Line(
        name=name,
        events=len({entry.delivery.event for entry in entries}),
        attempts=len(attempts),
        delivered=states.count("delivered"),
        failed=states.count("failed"),
        verified=sum(count.verified for count in counts),
        wrong=sum(count.wrong for count in counts),
        p95_ms=durations[ceil(0.95 * len(durations)) - 1] if durations else None,
    )


def _attempts(entries: list[Entry]) -> list[Attempt]:
    return [attempt for entry in entries for attempt in entry.attempts]


def _requests(entries: list[Entry]) -> int:
    """Requests that left: one for each attempt, two where a kept connection had hung up."""
    return sum(
        2 if attempt.resent is True else 1 for attempt in _attempts(entries) if attempt.error not in _NOT_SENT
    )


def _answered(entries: list[Entry]) -> int:
    return sum(any(attempt.outcome == "delivered" for attempt in entry.attempts) for entry in entries)


def _difference(name: str, entries: list[Entry], counts: Counts) -> str:
    requests, answered = _requests(entries), _answered(entries)
    if (requests, answered) == (counts.received, counts.answered):
        return ""
    return (
        f"{name}: the journal has {requests} requests and {answered} events delivered,"
        f" the receiver {counts.received} and {counts.answered}"
    )
