"""The judgement of one emitted event: what passes here is safe to keep, to sign and to send.

An accepted event has a known type, a well-formed id and time, and data that is strict JSON in
UTF-8, compact, with its numbers, key order and strings as they were emitted. Pure: the clock and
the known types are arguments. `hookconsole emit` starts with this module, a batch runs it 100,000
times: few imports, few steps.
"""

import re
from collections.abc import Collection
from itertools import accumulate
from typing import NamedTuple

import msgspec

from hookconsole.clock import parse_rfc3339, rfc3339_seconds
from hookconsole.errors import InputError
from hookconsole.events.catalogue import TEST_TYPE, nearest
from hookconsole.ids import is_event_id, new_event_id

BODY_BYTES_AT_MOST = 256 * 1024
LEVELS_AT_MOST = 128
"""Arrays and objects inside each other; parsers of receivers give up from a few hundred on."""

_BOM = b"\xef\xbb\xbf"
_STRINGS = rb'(?s)"[^"\\]*(?:\\.[^"\\]*)*"'
_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_AT_BYTE = r"(?:JSON is malformed: )?(.*) \(byte (\d+)\)"


class AcceptedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event that may be kept; `data` is its compact JSON."""

    id: str
    type: str
    created_at: str
    data: bytes


class BatchLine(NamedTuple):
    """One line of a batch, not yet judged by `accept`."""

    type: str
    data: bytes
    id: str | None
    created_at: str | None


class _Body(msgspec.Struct, gc=False):
    id: str
    type: str
    created_at: str
    data: msgspec.Raw


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    type: str
    data: msgspec.Raw
    id: str | None = None
    created_at: str | None = None


_encode = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(_Line).decode
_NAMES = [b'"%b"' % name.encode() for name in _Line.__struct_fields__]
_ESCAPED_NAME = rb"\\u00[567]"
"""A letter of a name as `\\u0074`, which nobody's serializer writes."""


def accept(
    type: str,  # noqa: A002  (the field's own name)
    data: bytes,
    *,
    id: str | None,  # noqa: A002
    created_at: str | None,
    known: Collection[str],
    now: float,
) -> AcceptedEvent:
    """The event that these make; InputError says in one line why they make none.

    `now` is in unix seconds, for an event without `created_at`; one without an id gets one.
    """
    if type not in known or type == TEST_TYPE:
        raise InputError(_unknown_type(type, known))
    if id is None:
        id = new_event_id()  # noqa: A001
    elif not is_event_id(id):
        raise InputError(f"id {_shown(id)} must be 1 to 64 characters of A-Z a-z 0-9 _ -")
    if created_at is None:
        created_at = rfc3339_seconds(now)
    else:
        try:
            parse_rfc3339(created_at)
        except ValueError:
            raise InputError(
                f"created_at {_shown(created_at)} must be an RFC 3339 time with an offset,"
                " such as 2026-04-15T14:32:00Z"
            ) from None
    compact = _compact(data)
    size = len(body(id, type, created_at, compact))
    if size > BODY_BYTES_AT_MOST:
        raise InputError(
            f"the event is too big: its body would be {size:,} bytes of at most"
            f" {BODY_BYTES_AT_MOST:,}; send a reference that the receiver can fetch"
        )
    return AcceptedEvent(id, type, created_at, compact)


def body(id: str, type: str, created_at: str, data: bytes) -> bytes:  # noqa: A002
    """The exact bytes that a receiver gets and that are signed; `data` is compact JSON."""
    return _encode(_Body(id, type, created_at, msgspec.Raw(data)))


def parse_batch_line(line: bytes) -> BatchLine:
    """One JSON line of a batch taken apart; InputError names what is wrong with it."""
    _check_text(line, "the line")
    try:
        parsed = _decode_line(line)
        if max(map(line.count, _NAMES)) > 1 or (b"\\u00" in line and re.search(_ESCAPED_NAME, line)):
            _check_names(line)
    except msgspec.ValidationError as error:
        from hookconsole.text import safe

        raise InputError(
            "the line must be an object of type, data and, if wanted, id and created_at: "
            + safe(str(error), 120)
        ) from None
    except msgspec.DecodeError as error:
        raise InputError(_not_json("the line", line, error)) from None
    except RecursionError:
        raise InputError(_too_deep("the line")) from None
    return BatchLine(parsed.type, bytes(parsed.data), parsed.id, parsed.created_at)


def _check_names(line: bytes) -> None:
    # msgspec takes the last of several, and what stood before it would be lost.
    import json

    # An integer of thousands of digits is a fine one, but not for int().
    pairs: list[tuple[str, object]] = json.loads(line, object_pairs_hook=list, parse_int=str)
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"the line has {name} twice; keep one")


def _compact(data: bytes) -> bytes:
    _check_text(data, "data")
    try:
        compact = msgspec.json.format(data, indent=-1)
    except msgspec.DecodeError as error:
        raise InputError(_not_json("data", data, error)) from None
    except RecursionError:
        raise InputError(_too_deep("data")) from None
    # No more opening brackets than levels allowed, in strings or not: it can't be too deep.
    if compact.count(b"{") + compact.count(b"[") > LEVELS_AT_MOST:
        brackets = re.sub(_STRINGS, b"", compact).translate(None, _BUT_BRACKETS)
        if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > LEVELS_AT_MOST:
            raise InputError(_too_deep("data"))
    return compact


def _check_text(raw: bytes, what: str) -> None:
    # msgspec passes over the strings inside a Raw without looking at their UTF-8.
    if raw.isascii():
        return
    if raw.startswith(_BOM):
        raise InputError(f"{what} begins with a byte order mark; save it as UTF-8 without one")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is not UTF-8 at byte {error.start}; encode it as UTF-8") from None


def _unknown_type(name: str, known: Collection[str]) -> str:
    if name == TEST_TYPE:
        return f"{TEST_TYPE} is not emitted by hand; hookconsole endpoints test NAME sends it"
    near = nearest(name, known)
    hint = f"; did you mean {near}?" if near else ""
    return (
        f"unknown event type {_shown(name)}{hint} (hookconsole emit --help lists them,"
        " [event_types] in the config file adds your own)"
    )


def _not_json(what: str, raw: bytes, error: msgspec.DecodeError) -> str:
    if not raw.strip():
        return f"{what} is empty; give JSON, such as {{}}"
    if match := re.fullmatch(_AT_BYTE, str(error)):
        from hookconsole.text import safe_bytes

        at = int(match[2])
        return f"{what} is not JSON: {match[1]} at byte {at}: '{safe_bytes(raw[at:], 12)}'"
    # msgspec reports half a surrogate pair as an early end, too.
    if rb"\ud" in raw.lower():
        return f"{what} is not JSON: it is cut short, or has half of a \\ud83d\\ude00 pair alone"
    return f"{what} is not JSON: it is cut short"


def _too_deep(what: str) -> str:
    return f"{what} is nested too deep: at most {LEVELS_AT_MOST} levels; flatten it"


def _shown(text: str) -> str:
    from hookconsole.text import safe  # only a refusal needs it

    return f"'{safe(text, 60)}'"
