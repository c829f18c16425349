"""Signatures: a pure function of secrets, id, time and body, in the two forms that receivers check.

The AccBooks form signs the body with the secret's text as it stands. The Standard Webhooks form signs
id, time and body with the bytes that a `whsec_` secret encodes. What is signed is what is sent.
"""

import hmac
from binascii import Error, a2b_base64, b2a_base64

STANDARD_PREFIX = "whsec_"
STANDARD_KEY_BYTES = range(24, 65)


class SigningKeys:
    """An endpoint's keys, scheduled once: of the current secret and, while a rotation overlaps, the old.

    The Standard Webhooks keys are those of the secrets that have its form, the current one's first.
    """

    __slots__ = ("body", "standard")

    def __init__(self, current: str, previous: str | None = None) -> None:
        self.body = _keyed(current.encode())
        decoded = (decode_standard(secret) for secret in (current, previous) if secret)
        self.standard = tuple(_keyed(key) for key in decoded if key)

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
    return _body_signature(_keyed(key), body)


def standard_signature(key: bytes, event_id: str, timestamp: int | str, body: bytes) -> str:
    """The Standard Webhooks signature by one key: `v1,` and base64."""
    return _standard_signature(_keyed(key), _signed_standard(event_id, timestamp, body))


def signature_headers(
    keys: SigningKeys, header: str, standard: bool, event_id: str, timestamp: int, body: bytes
) -> list[tuple[bytes, bytes]]:
    """The headers that sign one attempt made at `timestamp` (unix seconds).

    `header` names the AccBooks one; `standard` says whether Standard Webhooks' stand beside it.
    """
    headers = [(header.encode(), _body_signature(keys.body, body).encode())]
    if standard and keys.standard:
        signed = _signed_standard(event_id, timestamp, body)
        signatures = [_standard_signature(key, signed) for key in keys.standard]
        headers += (
            (b"webhook-id", event_id.encode()),
            (b"webhook-timestamp", b"%d" % timestamp),
            (b"webhook-signature", " ".join(signatures).encode()),
        )
    return headers


def _keyed(key: bytes) -> hmac.HMAC:
    """A key's part of the work; a copy of it signs one message at half the cost."""
    return hmac.new(key, digestmod="sha256")


def _body_signature(key: hmac.HMAC, body: bytes) -> str:
    mac = key.copy()
    mac.update(body)
    return "sha256=" + mac.hexdigest()


def _standard_signature(key: hmac.HMAC, signed: bytes) -> str:
    mac = key.copy()
    mac.update(signed)
    return "v1," + b2a_base64(mac.digest(), newline=False).decode()


def _signed_standard(event_id: str, timestamp: int | str, body: bytes) -> bytes:
    return f"{event_id}.{timestamp}.".encode() + body
