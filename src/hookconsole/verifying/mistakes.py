"""What receivers' builders get wrong: other keys, other bytes, other spellings of a signature.

Each list begins with what is right, its mistake empty, and goes on with one mistake each. `verification`
tries them against a signature that doesn't fit, and names the ones that make it fit.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from hookconsole.delivery.signing import STANDARD_PREFIX, decode_standard

_BOM = b"\xef\xbb\xbf"
_UNSET = ("", "undefined", "null", "None", "nil")
"""What languages hand over for a variable that isn't set."""


class Variant(NamedTuple):
    """Bytes that may have been used, and the mistake that they would be."""

    mistake: str
    value: bytes


class _Identified(msgspec.Struct):
    id: str


def body_keys(secret: str, previous: str | None) -> Iterator[Variant]:
    """Keys for the AccBooks form: the secret's text is right."""
    yield Variant("", secret.encode())
    if secret.startswith(STANDARD_PREFIX):
        bare = secret.removeprefix(STANDARD_PREFIX).encode()
        yield Variant("the secret was used without its whsec_ prefix, which belongs to it", bare)
    else:
        yield Variant("the secret given here lacks its whsec_ prefix", prefixed(secret).encode())
    if key := decode_standard(prefixed(secret)):
        yield Variant(
            "the base64-decoded key was used; this signature takes the secret's text as it stands",
            key,
        )
    yield from _other_secrets(secret, previous, str.encode)


def standard_keys(secret: str, previous: str | None) -> Iterator[Variant]:
    """Keys for the Standard Webhooks form: the bytes that the secret encodes are right."""
    if key := decode_standard(secret):
        yield Variant("", key)
    elif key := decode_standard(prefixed(secret)):
        yield Variant("the secret given here lacks its whsec_ prefix", key)
    undecoded = "the secret's text was used as the key; decode the base64 behind whsec_ first"
    yield Variant(undecoded, secret.encode())
    yield Variant(undecoded, secret.removeprefix(STANDARD_PREFIX).encode())
    yield from _other_secrets(secret, previous, decode_standard)


def bodies(body: bytes) -> Iterator[Variant]:
    """Bytes that may have been signed: the body as given is right."""
    yield Variant("", body)
    if body.endswith((b"\n", b"\r")):
        yield Variant(
            "the body has a trailing newline: the signature matches without it",
            body.rstrip(b"\r\n"),
        )
    yield Variant("a trailing newline was added to the body before signing", body + b"\n")
    if body.startswith(_BOM):
        yield Variant("the body has a byte order mark: the signature matches without it", body[3:])
    yield Variant("an empty body was signed: something had read it before", b"")
    yield from _other_encodings(body)
    yield from _rewritten(body)


def standard_contents(event_id: str, timestamp: str, body: bytes) -> Iterator[Variant]:
    """What may have been signed in the Standard Webhooks form: `id.timestamp.body` is right."""
    start = f"{event_id}.{timestamp}.".encode()
    for mistake, text in bodies(body):
        yield Variant(mistake, start + text)
    true_id = _identifier(body)
    if true_id is not None and true_id != event_id:
        yield Variant(
            "webhook-id differs: signed with the body's own id",
            f"{true_id}.{timestamp}.".encode() + body,
        )
    yield Variant("the body alone was signed; sign id.timestamp.body", body)
    yield Variant("signed without the id; sign id.timestamp.body", f"{timestamp}.".encode() + body)
    yield Variant("signed without the timestamp; sign id.timestamp.body", f"{event_id}.".encode() + body)
    yield Variant("dots are missing; sign id.timestamp.body", f"{event_id}{timestamp}".encode() + body)


def prefixed(secret: str) -> str:
    """The secret as it is when its prefix was lost on the way here."""
    return STANDARD_PREFIX + secret.removeprefix(STANDARD_PREFIX)


def compacted(body: bytes) -> bytes | None:
    """The body as compact JSON; None if it isn't JSON."""
    with suppress(msgspec.DecodeError, RecursionError):
        return msgspec.json.format(body, indent=-1)
    return None


def _other_secrets(
    secret: str, previous: str | None, key_of: Callable[[str], bytes | None]
) -> Iterator[Variant]:
    if previous and (key := key_of(previous)):
        yield Variant("the previous secret was used, from before the rotation", key)
    yield Variant("the secret was used with a trailing newline", f"{secret}\n".encode())
    yield Variant("the secret was used with a trailing line break", f"{secret}\r\n".encode())
    for quote in "\"'":
        yield Variant("the secret was used with quotes", f"{quote}{secret}{quote}".encode())
    for unset in _UNSET:
        yield Variant("an empty secret was used: its variable isn't set", unset.encode())


def _other_encodings(body: bytes) -> Iterator[Variant]:
    if body.isascii():
        return
    yield Variant(
        "the body was read as Latin-1 before signing; sign the raw bytes",
        body.decode("latin-1").encode(),
    )
    with suppress(UnicodeError):
        yield Variant(
            "the body was read as Latin-1 and saved as UTF-8; keep the raw bytes",
            body.decode().encode("latin-1"),
        )


def _rewritten(body: bytes) -> Iterator[Variant]:
    compact = compacted(body)
    if compact is None:
        return
    if compact != body:
        yield Variant(
            "the body was reformatted: the signature matches its compact form; keep the raw bytes",
            compact,
        )
    mistake = "the body was parsed and written again before signing; sign the raw bytes"
    with suppress(ValueError, RecursionError):
        for value in (json.loads(body), json.loads(body, parse_float=_as_javascript)):
            for text in _written(value):
                yield Variant(mistake, text.encode())


def _as_javascript(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _written(value: Any) -> Iterator[str]:
    compact = (",", ":")
    yield json.dumps(value)
    for ascii_only in (False, True):
        for in_order in (False, True):
            yield json.dumps(value, separators=compact, ensure_ascii=ascii_only, sort_keys=in_order)
    yield json.dumps(value, indent=2, ensure_ascii=False)


def _identifier(body: bytes) -> str | None:
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(body, type=_Identified).id
    return None
