"""The journal's records: one Struct a kind, exactly the JSON objects that `docs/journal.md` specifies.

Readers ignore kinds they don't know and fields they don't know, and refuse a segment of a newer version.
Optional fields are absent, not null, except in `event` and `attempt`, whose promised fields are always there.
"""

from typing import Any, Literal, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

from hookconsole.journal.event_records import VERSION as VERSION
from hookconsole.journal.event_records import Event as Event
from hookconsole.journal.event_records import Record as Record
from hookconsole.journal.event_records import Segment as Segment
from hookconsole.journal.event_records import Standing as Standing
from hookconsole.journal.event_records import Trigger as Trigger
from hookconsole.journal.event_records import to_line as to_line

Outcome = Literal["delivered", "retrying", "failed", "canceled", "interrupted"]


class Taken(Struct, kw_only=True, omit_defaults=True):
    """One event taken in: where its record is, who gets it, who would but is inactive."""

    event: str
    segment: int
    offset: int
    to: list[str] = []
    skipped: list[str] = []


class Intake(Record, kw_only=True):
    """The sender took these events in: from here on they are deliveries."""

    events: list[Taken]


class Started(Struct, kw_only=True, omit_defaults=True):
    """One attempt about to be made; `slot` is its place in the schedule, 0 the first."""

    event: str
    endpoint: str
    attempt: int
    slot: int = 0
    trigger: Trigger = "event"
    replay: str = ""


class Start(Record, kw_only=True):
    """Written before these requests leave the machine."""

    attempts: list[Started]


class Response(Struct, kw_only=True):
    """What is kept of a receiver's answer: headers and at most 4 KiB of body, as text."""

    headers: dict[str, str]
    body: str
    truncated: bool


class Attempt(Record, kw_only=True):
    """One attempt that ended; `at` is when it began."""

    event: str
    endpoint: str
    attempt: int
    trigger: Trigger
    outcome: Outcome
    status: int | None
    error: str | None
    error_detail: str | None
    duration_ms: float
    timings_ms: dict[str, float]
    remote: str | None
    next_attempt_at: str | None
    response: Response | None
    slot: int = 0
    replay: str | UnsetType = UNSET
    resent: bool | UnsetType = UNSET
    test: bool | UnsetType = UNSET


class Canceled(Record, kw_only=True):
    """Waiting deliveries of one endpoint that ended because it was switched off."""

    endpoint: str
    events: list[str]


class Retry(Record, kw_only=True):
    """An operator's retry of one delivery, as it stood after `attempts` attempts."""

    event: str
    endpoint: str
    segment: int
    offset: int
    attempts: int
    user: str


class Cancel(Record, kw_only=True):
    """An operator's end to one waiting or held delivery."""

    event: str
    endpoint: str
    user: str


class ReplayItem(Struct, array_like=True, gc=False):
    """One delivery to replay: where its event is, and how many attempts it has had."""

    event: str
    endpoint: str
    segment: int
    offset: int
    attempts: int


class ReplayItems(Record, kw_only=True, tag="replay_items"):
    """Some of the deliveries of a replay; nothing happens before its `replay` record."""

    replay: str
    items: list[ReplayItem]


class Replay(Record, kw_only=True):
    """An operator's bulk retry begins: what was chosen, how many, at how many a second."""

    replay: str
    chosen: dict[str, Any]
    total: int
    rate: float
    user: str


class ReplayControl(Record, kw_only=True, tag="replay_control"):
    """An operator pauses, resumes or cancels a replay."""

    replay: str
    action: Literal["pause", "resume", "cancel"]
    user: str


class ReplayPassed(Record, kw_only=True, tag="replay_passed"):
    """Deliveries that a replay left alone, each with the reason."""

    replay: str
    items: list[tuple[str, str, str]]


class Known(Struct, kw_only=True, omit_defaults=True):
    """What the journal knows of an endpoint: its switch, when it was last switched off, and the fingerprint
    of the URL that was last tested (or whose test was waived)."""

    active: bool = True
    off_since: str = ""
    tested: str = ""


class Registry(Record, kw_only=True):
    """The sender adopted a changed config: endpoints new or changed, endpoints gone, own event types."""

    endpoints: dict[str, Known]
    removed: list[str]
    event_types: list[str]


class Change(Record, kw_only=True):
    """An operator changed one endpoint; `tested` waives the test of the URL with that fingerprint."""

    endpoint: str
    action: Literal["added", "edited", "removed", "enabled", "disabled", "rotated"]
    user: str
    keys: list[str] | UnsetType = UNSET
    tested: str | UnsetType = UNSET


class Consent(Record, kw_only=True):
    """An operator lets a config in that loses these endpoints."""

    removed: list[str]
    user: str


class Sender(Record, kw_only=True):
    """A sender started or stopped."""

    state: Literal["started", "stopped"]
    pid: int
    mode: str
    user: str


class Standby(Struct, array_like=True, gc=False):
    """One unfinished delivery in a checkpoint; `due` and `wait` in unix seconds and seconds."""

    event: str
    endpoint: str
    segment: int
    offset: int
    state: str
    attempts: int
    slot: int
    trigger: Trigger
    due: float
    wait: float
    replay: str
    canceling: bool


class Waiting(Struct, array_like=True, gc=False):
    """An event in a checkpoint that no sender has taken in; `seen` are endpoints that had it all the same."""

    event: str
    type: str
    segment: int
    offset: int
    seen: list[str]


class LastAttempt(Struct, array_like=True, gc=False):
    """The newest attempt at an endpoint: when (RFC 3339), outcome, status, error, detail."""

    at: str
    outcome: Outcome
    status: int | None
    error: str | None
    detail: str | None


class ReplayState(Struct, kw_only=True, omit_defaults=True):
    """One replay in a checkpoint, without its remaining items."""

    at: str = ""
    chosen: dict[str, Any] = {}
    total: int = 0
    rate: float = 0.0
    user: str = ""
    state: str = "incoming"
    delivered: int = 0
    failed: int = 0
    passed: int = 0


class Hours(Struct, array_like=True, gc=False):
    """Hourly totals of one endpoint: [hour, delivered, failed, attempts failed], [hour, {bucket: count}]."""

    totals: list[tuple[int, int, int, int]]
    durations: list[tuple[int, dict[int, int]]]


class Checkpoint(Record, kw_only=True):
    """One part of a snapshot of the fold over all records before (`segment`, `offset`)."""

    checkpoint: str
    part: int
    parts: int
    segment: int
    offset: int
    deliveries: list[Standby] = []
    waiting: list[Waiting] = []
    endpoints: dict[str, Known] = {}
    last: dict[str, LastAttempt] = {}
    hours: dict[str, Hours] = {}
    replays: dict[str, ReplayState] = {}
    items: dict[str, list[ReplayItem]] = {}
    event_types: list[str] = []
    consented: list[str] = []
    sender_ran: bool = False


AnyRecord = (
    Segment
    | Event
    | Intake
    | Start
    | Attempt
    | Canceled
    | Retry
    | Cancel
    | ReplayItems
    | Replay
    | ReplayControl
    | ReplayPassed
    | Registry
    | Change
    | Consent
    | Sender
    | Checkpoint
)

_decode = msgspec.json.Decoder(AnyRecord).decode
_KINDS = frozenset(str(kind.__struct_config__.tag) for kind in get_args(AnyRecord))


class _Kind(Struct):
    kind: str


_decode_kind = msgspec.json.Decoder(_Kind).decode


class UnknownKindError(ValueError):
    """A sound line of a kind that this version doesn't know: to be ignored."""


def from_line(line: bytes) -> AnyRecord:
    """The record of a sound line. UnknownKindError to be ignored, ValueError for a damaged record."""
    try:
        record: AnyRecord = _decode(line)
        return record
    except msgspec.ValidationError as error:
        if _decode_kind(line).kind not in _KINDS:
            raise UnknownKindError(str(error)) from None
        raise
