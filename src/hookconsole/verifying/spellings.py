"""A signature as it was written down: its digest, and what is odd about the spelling.

Nothing here decides whether a signature is right; `verification` compares exact text for that.
"""

import re
from binascii import Error, a2b_base64, b2a_base64, unhexlify
from typing import NamedTuple

from hookconsole.text import safe

ALGORITHMS = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
"""The hash function of a digest, by its bytes."""

_NAMED = re.compile(r"[A-Za-z][A-Za-z0-9-]*:\s*(\S.*)")
_PREFIXED = re.compile(r"([A-Za-z0-9-]{1,12})=(?=[^=])(.*)")
_VERSIONED = re.compile(r"(v\d+a?)([,=:])(.*)")
_HEX = re.compile(r"[0-9A-Fa-f]+")


class Spelling(NamedTuple):
    """What was read: `digest` is None if the text can't be meant as a signature of the asked form."""

    digest: bytes | None
    faults: tuple[str, ...]


def read_body_signature(signature: str) -> Spelling:
    """An AccBooks signature, which should be `sha256=` and lower-case hex."""
    text, faults = _unwrapped(signature)
    if _VERSIONED.fullmatch(text):
        return Spelling(None, ("it is a webhook-signature of Standard Webhooks; check it as one",))
    if match := _PREFIXED.fullmatch(text):
        prefix, text = match.groups()
        if prefix.lower() != "sha256":
            faults.append(f"the prefix is {prefix}=, not sha256=")
        elif prefix != "sha256":
            faults.append("the prefix must be in lower case: sha256=")
    else:
        faults.append("the sha256= prefix is missing")
    if _HEX.fullmatch(text):
        if len(text) / 2 not in ALGORITHMS:
            return Spelling(None, (*faults, f"it has {len(text)} hex digits, not 64"))
        digest: bytes | None = unhexlify(text)
        if text != text.lower():
            faults.append("it is upper-case hex; write it in lower case")
    else:
        digest = _from_base64(text)
        faults.append("it is base64; write it as lower-case hex")
    if digest is None or len(digest) not in ALGORITHMS:
        return Spelling(None, (f"'{safe(signature, 80)}' isn't sha256= and 64 hex digits",))
    algorithm = ALGORITHMS[len(digest)]
    if algorithm != "sha256":
        faults.append(f"it is as long as {algorithm.upper()}; take SHA-256")
    return Spelling(digest, tuple(faults))


def read_standard_signature(value: str) -> Spelling:
    """One signature of a `webhook-signature` header, which should be `v1,` and base64."""
    text, faults = _unwrapped(value)
    if text.startswith("sha256="):
        return Spelling(None, ("it is a signature of the AccBooks form; check it as one",))
    if match := _VERSIONED.fullmatch(text):
        version, separator, text = match.groups()
        if version != "v1":
            return Spelling(None, (f"its version is {version}, not v1",))
        if separator != ",":
            faults.append(f"{separator} stands behind v1 where a comma belongs")
    else:
        faults.append("the v1, prefix is missing")
    if len(text) == 64 and _HEX.fullmatch(text):
        return Spelling(unhexlify(text), (*faults, "it is hex; write it as base64"))
    digest = _from_base64(text)
    if digest is None or len(digest) != 32:
        return Spelling(None, (f"'{safe(value, 80)}' isn't v1, and the base64 of 32 bytes",))
    if text != b2a_base64(digest, newline=False).decode():
        faults.append("its base64 is URL-safe or unpadded; take the standard alphabet and padding")
    return Spelling(digest, tuple(faults))


def _unwrapped(signature: str) -> tuple[str, list[str]]:
    faults = []
    text = signature.strip()
    if text != signature:
        faults.append("spaces or a line break stand around it")
    if match := _NAMED.fullmatch(text):
        text = match[1]
        faults.append("the header's name stands before it; give the value alone")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
        faults.append("quotes stand around it")
    return text, faults


def _from_base64(text: str) -> bytes | None:
    normal = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return a2b_base64(normal + "=" * (-len(normal) % 4), strict_mode=True)
    except (Error, ValueError):
        return None
