"""Identifiers: a prefix and a ULID (48 bits of milliseconds, 80 of chance), in order of creation.

Written out here because importing a ULID library takes as long as the whole of `hookconsole emit`.
"""

import os
import re
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def is_event_id(text: str) -> bool:
    """Whether an emitter may use it as an id."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) is not None


def ulid(at: float | None = None) -> str:
    """A new ULID of 26 Crockford base-32 characters, of now or of a time in unix seconds."""
    milliseconds = time.time_ns() // 1_000_000 if at is None else int(at * 1000)
    number = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join([_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)])


def new_event_id() -> str:
    """`evt_` and a new ULID."""
    return "evt_" + ulid()


def ulid_seconds(identifier: str) -> float | None:
    """The unix seconds at which a generated id was made; None for an emitter's own id."""
    prefix, _, text = identifier.rpartition("_")
    if prefix not in ("evt", "rpl") or len(text) != 26 or text[0] > "7":
        return None
    number = 0
    for character in text[:10]:
        digit = _ALPHABET.find(character)
        if digit < 0:
            return None
        number = number << 5 | digit
    return number / 1000
