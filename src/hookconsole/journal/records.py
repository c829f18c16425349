"""The journal's records: one Struct a kind, exactly the JSON objects that `docs/journal.md` specifies.

Readers ignore kinds they don't know and fields they don't know, and refuse a segment of a newer version. A
record whose values can't be is damage, whatever its checksum says: what passes here breaks no reader.
Optional fields are absent, not null, except in `event` and `attempt`, whose promised fields are always there.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

from hookconsole.clock import parse_rfc3339
from hookconsole.journal.checkpoint_records import Checkpoint as Checkpoint
from hookconsole.journal.checkpoint_records import Hours as Hours
from hookconsole.journal.checkpoint_records import Known as Known
from hookconsole.journal.checkpoint_records import LastAttempt as LastAttempt
from hookconsole.journal.checkpoint_records import Number as Number
from hookconsole.journal.checkpoint_records import Outcome as Outcome
from hookconsole.journal.checkpoint_records import ReplayItem as ReplayItem
from hookconsole.journal.checkpoint_records import ReplayState as ReplayState
from hookconsole.journal.checkpoint_records import Standby as Standby
from hookconsole.journal.checkpoint_records import Waiting as Waiting
from hookconsole.journal.event_records import VERSION as VERSION
from hookconsole.journal.event_records import Count as Count
from hookconsole.journal.event_records import Event as Event
from hookconsole.journal.event_records import Place as Place
from hookconsole.journal.event_records import Record as Record
from hookconsole.journal.event_records import Segment as Segment
from hookconsole.journal.event_records import Standing as Standing
from hookconsole.journal.event_records import Trigger as Trigger
from hookconsole.journal.event_records import to_line as to_line


class Taken(Struct, kw_only=True, omit_defaults=True):
    """One event taken in: where its record is, who gets it, who would but is inactive."""

    event: str
    segment: Place
    offset: Place
    to: list[str] = []
    skipped: list[str] = []


class Intake(Record, kw_only=True):
    """The sender took these events in: from here on they are deliveries."""

    events: list[Taken]


class Started(Struct, kw_only=True, omit_defaults=True):
    """One attempt about to be made; `slot` is its place in the schedule, 0 the first."""

    event: str
    endpoint: str
    attempt: Count
    slot: Count = 0
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
    attempt: Count
    trigger: Trigger
    outcome: Outcome
    status: Count | None
    error: str | None
    error_detail: str | None
    duration_ms: Number
    timings_ms: dict[str, float]
    remote: str | None
    next_attempt_at: str | None
    response: Response | None
    slot: Count = 0
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
    segment: Place
    offset: Place
    attempts: Count
    user: str


class Cancel(Record, kw_only=True):
    """An operator's end to one waiting or held delivery."""

    event: str
    endpoint: str
    user: str


class ReplayItems(Record, kw_only=True, tag="replay_items"):
    """Some of the deliveries of a replay; nothing happens before its `replay` record."""

    replay: str
    items: list[ReplayItem]


class Replay(Record, kw_only=True):
    """An operator's bulk retry begins: what was chosen, how many, at how many a second."""

    replay: str
    chosen: dict[str, Any]
    total: Count
    rate: Number
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
    pid: Count
    mode: str
    user: str


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
    except msgspec.ValidationError as error:
        if _decode_kind(line).kind not in _KINDS:
            raise UnknownKindError(str(error)) from None
        raise
    more = _MORE_TIMES.get(type(record))
    if not is_time(record.at) or (more is not None and not all(map(is_time, more(record)))):
        raise ValueError("a record's time is no time")
    return record


def is_time(text: str) -> bool:
    """Whether it is an RFC 3339 time, since 1970."""
    try:
        return parse_rfc3339(text) >= 0
    except ValueError:
        return False


def _of_attempt(record: Attempt) -> tuple[str, ...]:
    return () if record.next_attempt_at is None else (record.next_attempt_at,)


def _of_event(record: Event) -> tuple[str, ...]:
    return () if record.accepted_at is UNSET else (record.accepted_at,)


def _of_registry(record: Registry) -> Iterator[str]:
    return (known.off_since for known in record.endpoints.values() if known.off_since)


def _of_checkpoint(record: Checkpoint) -> Iterator[str]:
    yield from (known.off_since for known in record.endpoints.values() if known.off_since)
    yield from (last.at for last in record.last.values())
    yield from (replay.at for replay in record.replays.values())


_MORE_TIMES: dict[type, Callable[[Any], Iterable[str]]] = {
    Attempt: _of_attempt,
    Event: _of_event,
    Registry: _of_registry,
    Checkpoint: _of_checkpoint,
}
