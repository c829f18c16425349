"""Signatures: a pure function of secrets, id, time and body, in the two forms that receivers check.

The AccBooks form signs the body with the secret's text as it stands. The Standard Webhooks form signs
id, time and body with the bytes that a `whsec_` secret encodes. What is signed is what is sent.
"""

import hmac
from binascii import Error, a2b_base64, b2a_base64

STANDARD_PREFIX = "whsec_"
STANDARD_KEY_BYTES = range(24, 65)


class SigningKeys:
    """An endpoint's key bytes, made once: of the current secret and, while a rotation overlaps, the old.

    The Standard Webhooks keys are those of the secrets that have its form, the current one's first.
    """

    __slots__ = ("body", "standard")

    def __init__(self, current: str, previous: str | None = None) -> None:
        self.body = current.encode()
        decoded = (decode_standard(secret) for secret in (current, previous) if secret)
        self.standard = tuple(key for key in decoded if key)

    def __repr__(self) -> str:
        return "SigningKeys(***)"


def decode_standard(secret: str) -> bytes | None:
    """The Standard Webhooks key of a secret; None unless it is `whsec_` + base64 of 24 to 64 bytes."""
    if not secret.startswith(STANDARD_PREFIX):
        return None
    encoded = secret.removeprefix(STANDARD_PREFIX)
    try:
        key = a2b_base64(encoded)
    except (Error, ValueError):
        return None
    # Only the one canonical spelling: decoders differ on stray bits and missing padding.
    if len(key) not in STANDARD_KEY_BYTES or b2a_base64(key, newline=False) != encoded.encode():
        return None
    return key


def body_signature(key: bytes, body: bytes) -> str:
    """The AccBooks signature: `sha256=` and lower-case hex."""
    return "sha256=" + hmac.digest(key, body, "sha256").hex()


def standard_signature(key: bytes, event_id: str, timestamp: int | str, body: bytes) -> str:
    """The Standard Webhooks signature by one key: `v1,` and base64."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + b2a_base64(hmac.digest(key, signed, "sha256"), newline=False).decode()


def signature_headers(
    keys: SigningKeys, header: str, standard: bool, event_id: str, timestamp: int, body: bytes
) -> list[tuple[bytes, bytes]]:
    """The headers that sign one attempt made at `timestamp` (unix seconds).

    `header` names the AccBooks one; `standard` says whether Standard Webhooks' stand beside it.
    """
    headers = [(header.encode(), body_signature(keys.body, body).encode())]
    if standard and keys.standard:
        signatures = [standard_signature(key, event_id, timestamp, body) for key in keys.standard]
        headers += (
            (b"webhook-id", event_id.encode()),
            (b"webhook-timestamp", b"%d" % timestamp),
            (b"webhook-signature", " ".join(signatures).encode()),
        )
    return headers
