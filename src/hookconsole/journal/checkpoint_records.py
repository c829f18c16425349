"""The record of a checkpoint and what it is made of, some of which other records have too.

`records` has them, with the rest.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from hookconsole.journal.event_records import Count, Place, Record, Trigger

Outcome = Literal["delivered", "retrying", "failed", "canceled", "interrupted"]
Number = Annotated[float, Meta(ge=0, le=1e12)]
Bucket = Annotated[int, Meta(ge=0, le=400)]


class ReplayItem(Struct, array_like=True, gc=False):
    """One delivery to replay: where its event is, and how many attempts it has had."""

    event: str
    endpoint: str
    segment: Place
    offset: Place
    attempts: Count


class Known(Struct, kw_only=True, omit_defaults=True):
    """What the journal knows of an endpoint: its switch, when it was last switched off, and the fingerprint
    of the URL that was last tested (or whose test was waived)."""

    active: bool = True
    off_since: str = ""
    tested: str = ""


class Standby(Struct, array_like=True, gc=False):
    """One unfinished delivery in a checkpoint; `due` and `wait` in unix seconds and seconds."""

    event: str
    endpoint: str
    segment: Place
    offset: Place
    state: Literal["pending", "sending", "retrying"]
    attempts: Count
    slot: Count
    trigger: Trigger
    due: Number
    wait: Number
    replay: str
    canceling: bool


class Waiting(Struct, array_like=True, gc=False):
    """An event in a checkpoint that no sender has taken in; `seen` are endpoints that had it all the same."""

    event: str
    type: str
    segment: Place
    offset: Place
    seen: list[str]


class LastAttempt(Struct, array_like=True, gc=False):
    """The newest attempt at an endpoint: when (RFC 3339), outcome, status, error, detail."""

    at: str
    outcome: Outcome
    status: Count | None
    error: str | None
    detail: str | None


class ReplayState(Struct, kw_only=True, omit_defaults=True):
    """One replay in a checkpoint, without its remaining items."""

    at: str = ""
    chosen: dict[str, Any] = {}
    total: Count = 0
    rate: Number = 0.0
    user: str = ""
    state: str = "incoming"
    delivered: Count = 0
    failed: Count = 0
    passed: Count = 0


class Hours(Struct, array_like=True, gc=False):
    """Hourly totals of one endpoint: [hour, delivered, failed, attempts failed], [hour, {bucket: count}]."""

    totals: list[tuple[Count, Count, Count, Count]]
    durations: list[tuple[Count, dict[Bucket, Count]]]


class Checkpoint(Record, kw_only=True):
    """One part of a snapshot of the fold over all records before (`segment`, `offset`)."""

    checkpoint: str
    part: Count
    parts: Count
    segment: Place
    offset: Place
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
