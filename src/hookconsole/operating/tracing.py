"""One event's story as values: what was sent, what wasn't and why, who interfered.

What no sender has taken in yet is `pending` where the registry would deliver it now, as in the log.
"""

from msgspec import Raw, Struct

from hookconsole.delivery.lock import sender_note
from hookconsole.events.catalogue import TEST_TYPE
from hookconsole.journal import records as r
from hookconsole.journal.history import Entry, EventStory
from hookconsole.operating.desk import Desk
from hookconsole.operating.logbook import state_of
from hookconsole.operating.steering import story


class Step(Struct, kw_only=True):
    """Something that happened to a delivery; the fields behind `what` are an attempt's."""

    at: str
    what: str
    duration_ms: float | None = None
    timings_ms: dict[str, float] = {}
    remote: str | None = None
    response_body: str = ""


class DeliveryTrace(Struct, kw_only=True):
    """One delivery; `why` it isn't delivered."""

    endpoint: str
    state: str
    why: str
    next_attempt_at: str | None
    steps: list[Step]


class Trace(Struct, kw_only=True):
    """One event; `not_sent` has the endpoints that have no delivery of it, with the reason."""

    event: str
    type: str
    created_at: str
    accepted_at: str
    source: str
    data: Raw
    deliveries: list[DeliveryTrace]
    not_sent: dict[str, str]


def trace(desk: Desk, event: str) -> Trace:
    """All about one event; InputError for one that the journal doesn't know."""
    return trace_of(desk, story(desk, event))


def trace_of(desk: Desk, found: EventStory) -> Trace:
    """The same, of an event that was read already."""
    running = sender_note(desk.home.state) is not None
    deliveries = []
    if is_untaken(found):
        why = why_untaken(running=running)
        deliveries += [
            DeliveryTrace(endpoint=name, state="pending", why=why, next_attempt_at=None, steps=[])
            for name in sorted(desk.route(found.event.type)[0])
        ]
    for entry in sorted(found.entries, key=lambda entry: entry.delivery.endpoint):
        state = state_of(desk, entry, running=running)
        deliveries.append(
            DeliveryTrace(
                endpoint=entry.delivery.endpoint,
                state=state,
                why=_why(desk, entry),
                next_attempt_at=entry.next_attempt_at if state == "retrying" else None,
                steps=_steps(found, entry),
            )
        )
    return Trace(
        event=found.event.event,
        type=found.event.type,
        created_at=found.event.created_at,
        accepted_at=found.event.accepted_at or found.event.at,
        source=found.event.source,
        data=found.event.data,
        deliveries=deliveries,
        not_sent=_not_sent(desk, found, {delivery.endpoint for delivery in deliveries}),
    )


def is_untaken(found: EventStory) -> bool:
    """Whether no sender has taken the event in; of one that was carried forward the intake may be gone."""
    return found.taken is None and not found.entries


def why_untaken(*, running: bool) -> str:
    """What an event waits for that is untaken."""
    return "no sender has taken the event in yet" + ("" if running else "; nobody sends now")


def _why(desk: Desk, entry: Entry) -> str:
    if entry.delivery.unfinished and entry.delivery.endpoint not in desk.switches:
        return "its endpoint is gone from the registry; it waits until that returns, or cancel"
    if entry.state == "skipped":
        return "the endpoint was inactive when the event was taken in"
    if entry.state == "canceled":
        return f"by {entry.canceled_by}" if entry.canceled_by else "the endpoint was switched off"
    return entry.cause


def _steps(found: EventStory, entry: Entry) -> list[Step]:
    name = entry.delivery.endpoint
    steps: list[Step] = []
    for record in found.records:
        if isinstance(record, r.Attempt) and record.endpoint == name:
            steps.append(_attempt_step(record))
        elif isinstance(record, r.Intake) and found.taken is not None:
            if name in found.taken.to:
                steps.append(Step(at=record.at, what="taken in"))
            elif name in found.taken.skipped:
                steps.append(Step(at=record.at, what="skipped: the endpoint was inactive"))
        elif isinstance(record, r.Start):
            steps += [
                Step(at=record.at, what=f"attempt {s.attempt} started ({s.trigger})")
                for s in record.attempts
                if s.event == found.event.event and s.endpoint == name
            ]
        elif isinstance(record, r.Canceled) and record.endpoint == name:
            steps.append(Step(at=record.at, what="canceled: the endpoint was switched off"))
        elif isinstance(record, r.Cancel) and record.endpoint == name:
            steps.append(Step(at=record.at, what=f"canceled by {record.user}"))
        elif isinstance(record, r.Retry) and record.endpoint == name:
            steps.append(Step(at=record.at, what=f"retry by {record.user}"))
        elif isinstance(record, r.ReplayPassed):
            steps += [
                Step(at=record.at, what=f"left alone by {record.replay}: {reason}")
                for event, endpoint, reason in record.items
                if event == found.event.event and endpoint == name
            ]
    return steps


def _attempt_step(attempt: r.Attempt) -> Step:
    what = f"status {attempt.status}" if attempt.error is None else attempt.error
    if attempt.error_detail:
        what += f": {attempt.error_detail}"
    return Step(
        at=attempt.at,
        what=f"attempt {attempt.attempt} {attempt.outcome}, {what}",
        duration_ms=attempt.duration_ms,
        timings_ms=attempt.timings_ms,
        remote=attempt.remote,
        response_body=attempt.response.body if attempt.response else "",
    )


def _not_sent(desk: Desk, found: EventStory, had: set[str]) -> dict[str, str]:
    if found.event.type == TEST_TYPE or desk.refusal:
        return {}
    to, inactive = desk.route(found.event.type)
    would_get_it = {*to, *inactive}
    why = "not subscribed, or not there, when the event was taken in"
    if is_untaken(found):
        why = "inactive, and no sender has taken the event in yet"
    elif found.taken is None:
        why = "ended before what is kept, or not subscribed, or not there, when the event was taken in"
    return {
        name: why if name in would_get_it else "not subscribed" for name in desk.switches if name not in had
    }
