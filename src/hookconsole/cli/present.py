"""Deliveries, attempts and endpoints as plain text. Whatever came from outside is made safe here."""

import time
from collections.abc import Iterator

from hookconsole.clock import parse_rfc3339, rfc3339_seconds
from hookconsole.config.model import Endpoint
from hookconsole.config.views import endpoint_view
from hookconsole.journal.history import Entry
from hookconsole.journal.records import Attempt
from hookconsole.operating.desk import Desk
from hookconsole.operating.health import endpoint_status, pending
from hookconsole.text import safe


def short_time(at: str) -> str:
    """An RFC 3339 time to the second, as `2026-04-15 14:32:00`."""
    return at[:10] + " " + at[11:19]


def milliseconds(value: float | None) -> str:
    """A duration for reading."""
    if value is None:
        return "-"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def attempt_text(attempt: Attempt) -> str:
    """One attempt in a few words: outcome, status or error, duration if it took any."""
    return f"{attempt.outcome}, {answer_text(attempt)}"


def answer_text(attempt: Attempt) -> str:
    """What came of an attempt, where its outcome is said already."""
    if attempt.error is not None:
        detail = f": {safe(attempt.error_detail, 200)}" if attempt.error_detail else ""
        what = safe(attempt.error, 40) + detail
    else:
        what = str(attempt.status)
    duration = f", {milliseconds(attempt.duration_ms)}" if attempt.duration_ms else ""
    return f"{what}{duration}"


def entry_view(entry: Entry, state: str) -> dict[str, object]:
    """A delivery for scripts."""
    return {
        "event": entry.event.event,
        "type": entry.event.type,
        "endpoint": entry.delivery.endpoint,
        "state": state,
        "created_at": entry.event.created_at,
        "attempts": [
            {
                "attempt": attempt.attempt,
                "at": attempt.at,
                "trigger": attempt.trigger,
                "outcome": attempt.outcome,
                "status": attempt.status,
                "error": attempt.error,
                "duration_ms": attempt.duration_ms,
            }
            for attempt in entry.attempts
        ],
        "next_attempt_at": entry.next_attempt_at if state == "retrying" else None,
    }


def entry_lines(entry: Entry, state: str) -> Iterator[str]:
    """A delivery and its attempts for reading."""
    reason = f" ({entry.cause})" if entry.cause and state in ("skipped", "canceled") else ""
    event, event_type, endpoint = entry.event.event, entry.event.type, entry.delivery.endpoint
    yield (
        f"{short_time(entry.accepted_at)}  {safe(event, 64)}  {safe(event_type, 128)}"
        f"  {safe(endpoint, 64)}  {state}{reason}"
    )
    for attempt in entry.attempts:
        when = f"{attempt.attempt:>2}  {short_time(attempt.at)}  {attempt.trigger:<6}"
        yield f"    {when}  {attempt_text(attempt)}"
    if state == "retrying" and entry.next_attempt_at:
        yield f"        next attempt at {short_time(entry.next_attempt_at)}"


def endpoint_lines(desk: Desk, endpoint: Endpoint) -> Iterator[str]:
    """An endpoint's settings and how it does."""
    for key, value in endpoint_view(endpoint).items():
        if value not in (None, "", {}):
            shown = ", ".join(map(str, value)) if isinstance(value, list | dict) else str(value)
            shown = {"True": "yes", "False": "no"}.get(shown, shown)
            yield f"{key:<22} {safe(shown)}"
    last = desk.fold.last.get(endpoint.name)
    found = endpoint_status(desk, endpoint.name, endpoint.active, pending(desk)[endpoint.name], time.time())
    cause = f" ({found.cause})" if found.health == "failing" else ""
    yield f"{'health':<22} {found.health}{cause}"
    if last is not None:
        yield f"{'last attempt':<22} {rfc3339_seconds(parse_rfc3339(last.at))} {last.outcome}"
        if last.detail:
            yield f"{'':<22} {safe(last.detail, 200)}"
    yield f"{'last 24 hours':<22} {found.delivered_24h} delivered, {found.failed_24h} failed"
    yield f"{'duration':<22} p50 {milliseconds(found.p50_ms)}, p95 {milliseconds(found.p95_ms)}"
    yield f"{'pending':<22} {found.pending}"
