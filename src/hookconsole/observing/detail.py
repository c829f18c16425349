"""One delivery whole, as values: every attempt, who interfered, the request, and where it didn't go.

Texts are as they came, unsafe; times are unix seconds. Nothing private is in here (see `request`).
"""

from collections.abc import Mapping

from msgspec import UNSET, Struct

from hookconsole.clock import parse_rfc3339
from hookconsole.config.load import ConfigError
from hookconsole.delivery.lock import sender_note
from hookconsole.events.accept import body
from hookconsole.journal import records as r
from hookconsole.journal.history import Entry, EventStory
from hookconsole.observing.request import Request, may_have_changed, request_of
from hookconsole.observing.values import Key, Snapshot
from hookconsole.operating.desk import Desk
from hookconsole.operating.steering import story
from hookconsole.operating.tracing import Step, is_untaken, trace_of, why_untaken


class AttemptDetail(Struct, frozen=True):
    """One ended attempt. `timings` are its phases in milliseconds, `next_at` when the next was to follow."""

    number: int
    trigger: str
    at: float
    outcome: str
    status: int | None
    error: str | None
    error_detail: str
    duration_ms: float
    timings: Mapping[str, float]
    remote: str
    resent: bool
    next_at: float | None
    headers: Mapping[str, str]
    body: str
    truncated: bool

    @property
    def wait(self) -> float | None:
        """Seconds from its end to the next one; None where none was to follow."""
        return None if self.next_at is None else max(self.next_at - self.at - self.duration_ms / 1000, 0.0)


class Happening(Struct, frozen=True):
    """What happened to a delivery between its attempts."""

    at: float
    what: str


class DeliveryDetail(Struct, frozen=True):
    """One delivery. `steps` are its attempts and what happened between, the oldest first.

    `request` is that of the newest attempt at `signed_at`, or why none can be made; `changed` says that URL,
    headers or secret may be others now than they were then. `body` is the event's, as it is signed and sent.
    `why` it stands as it does, `next_at` when its next attempt is due, `began` when the running one did.
    `not_sent` are the endpoints that have no delivery of the event, each with the reason.
    """

    key: Key
    type: str
    source: str
    created_at: str
    accepted: float
    state: str
    why: str
    next_at: float | None
    began: float | None
    steps: tuple[AttemptDetail | Happening, ...]
    body: bytes
    request: Request | str
    signed_at: float
    changed: bool
    not_sent: Mapping[str, str]

    @property
    def attempts(self) -> list[AttemptDetail]:
        """Its ended attempts, the oldest first."""
        return [step for step in self.steps if isinstance(step, AttemptDetail)]


def detail(desk: Desk, key: Key, now: float) -> DeliveryDetail:
    """All about one delivery; InputError for an event that the journal doesn't know.

    `now` is when a request is signed of which no attempt was made yet.
    """
    found = story(desk, key.event)
    event = found.event
    entry = next((one for one in found.entries if one.delivery.endpoint == key.endpoint), None)
    told = trace_of(desk, found)
    mine = next((one for one in told.deliveries if one.endpoint == key.endpoint), None)
    steps = _steps(entry, mine.steps if mine else [])
    last = next((step.at for step in reversed(steps) if isinstance(step, AttemptDetail)), now)
    content = _body(event)
    request, changed = _request(desk, key, content, last)
    next_at = mine.next_attempt_at if mine and mine.state == "retrying" else None
    sending = entry is not None and mine is not None and mine.state == "sending"
    return DeliveryDetail(
        key=key,
        type=event.type,
        source=event.source,
        created_at=event.created_at,
        accepted=parse_rfc3339(event.accepted_at or event.at),
        state=mine.state if mine else "pending",
        why=mine.why if mine else _why_none(desk, found, told.not_sent.get(key.endpoint)),
        next_at=parse_rfc3339(next_at) if next_at else None,
        began=entry.delivery.due if sending and entry is not None else None,
        steps=steps,
        body=content,
        request=request,
        signed_at=last,
        changed=changed,
        not_sent={name: why for name, why in told.not_sent.items() if name != key.endpoint},
    )


def know(desk: Desk, snapshot: Snapshot) -> None:
    """Tell a desk of the registry what is known: else it reads the journal from its last checkpoint on."""
    if snapshot.version:
        rows = snapshot.endpoints
        desk.refusal = snapshot.refusal
        desk.switches = {name: row.active for name, row in rows.items() if row.health != "gone"}


def is_on(desk: Desk, snapshot: Snapshot, name: str) -> bool:
    """Whether an endpoint is active by what is known, and by the file as it is, too."""
    row = snapshot.endpoints.get(name)
    try:
        endpoint = desk.config.endpoints.get(name)
    except ConfigError:
        return False
    return row is not None and row.active and endpoint is not None and endpoint.active


def sent_body(desk: Desk, key: Key) -> bytes:
    """What receivers get of the event, to the byte."""
    return _body(story(desk, key.event).event)


def signed(desk: Desk, key: Key, now: float) -> Request | str:
    """The request as it would be made now: receivers refuse a signature of long ago."""
    return _request(desk, key, sent_body(desk, key), now)[0]


def _body(event: r.Event) -> bytes:
    return body(event.event, event.type, event.created_at, bytes(event.data))


def _request(desk: Desk, key: Key, content: bytes, at: float) -> tuple[Request | str, bool]:
    try:
        endpoint = desk.config.endpoints.get(key.endpoint)
    except ConfigError as error:
        return f"the config file is refused: {error}", True
    if endpoint is None:
        return "its endpoint is gone from the registry", True
    changed = may_have_changed(endpoint, desk.home.config_name, at)
    return request_of(endpoint, desk.config, key.event, content, at), changed


def _why_none(desk: Desk, found: EventStory, reason: str | None) -> str:
    """Why there is no delivery for the endpoint yet, or at all."""
    if is_untaken(found):
        return reason or why_untaken(running=sender_note(desk.home.state) is not None)
    return reason or "it isn't in the journal any more"


def _steps(entry: Entry | None, steps: list[Step]) -> tuple[AttemptDetail | Happening, ...]:
    """Attempts as records have them, and between them what else happened, by the order of the journal."""
    attempts = entry.attempts if entry else []
    starts = tuple(f"attempt {attempt.attempt} started" for attempt in attempts)
    every: list[AttemptDetail | Happening] = [
        Happening(parse_rfc3339(step.at), step.what)
        for step in steps
        if step.duration_ms is None and not step.what.startswith(starts)
    ]
    every += map(_attempt, attempts)
    return tuple(sorted(every, key=lambda step: step.at))


def _attempt(record: r.Attempt) -> AttemptDetail:
    response = record.response
    return AttemptDetail(
        number=record.attempt,
        trigger=record.trigger,
        at=parse_rfc3339(record.at),
        outcome=record.outcome,
        status=record.status,
        error=record.error,
        error_detail=record.error_detail or "",
        duration_ms=record.duration_ms,
        timings=dict(record.timings_ms),
        remote=record.remote or "",
        resent=record.resent is not UNSET and record.resent,
        next_at=parse_rfc3339(record.next_attempt_at) if record.next_attempt_at else None,
        headers=dict(response.headers) if response else {},
        body=response.body if response else "",
        truncated=response is not None and response.truncated,
    )
