"""The records that an emitter writes, apart from all others: `emit` pays for what it imports.

`records` has them too, with the rest.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from hookconsole.journal.line import seal

VERSION = 1

Source = Literal["cli", "api", "console", "test"]
Trigger = Literal["event", "retry", "manual", "replay", "test"]

# Bounds that nothing written here reaches: what is beyond them is damage, whatever its checksum says.
Place = Annotated[int, Meta(ge=0, le=1 << 53)]
Count = Annotated[int, Meta(ge=0, le=1 << 31)]


class Record(Struct, tag_field="kind", tag=str.lower, gc=False):
    """What every record has: its kind (the tag) and a time (RFC 3339 UTC, microseconds)."""

    at: str


class Segment(Record, kw_only=True):
    """Opens a segment: the format's version and the segment's number."""

    version: int
    segment: Place


class Event(Record, kw_only=True):
    """An accepted event. `endpoint` and `url` only on a test; `carried` only on a copy made by trim."""

    event: str
    type: str
    created_at: str
    data: Raw
    source: Source
    endpoint: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    accepted_at: str | UnsetType = UNSET
    carried: dict[str, "Standing"] | UnsetType = UNSET


class Standing(Struct, array_like=True, gc=False):
    """How far a carried delivery had come: attempts made, place in the schedule, trigger of the next."""

    attempts: Count
    slot: Count
    trigger: Trigger


_encode = msgspec.json.Encoder().encode


def to_line(record: Record) -> bytes:
    """The checksummed line of a record."""
    return seal(_encode(record))
