"""Is a signature right, and if not, why: for the people who build receivers.

A signature is right in its exact spelling only. For any other the likely mistakes are tried, and
the ones that make it fit are named. No reason ever shows a secret.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from hookconsole.delivery.signing import body_signature, decode_standard, standard_signature
from hookconsole.verifying import mistakes
from hookconsole.verifying.mistakes import Variant
from hookconsole.verifying.spellings import ALGORITHMS, read_body_signature, read_standard_signature

TOLERANCE_SECONDS = 300
"""How far a `webhook-timestamp` may be from now, as in the Standard Webhooks libraries."""

_NEAR_SECONDS = 120
"""How far apart the attempts of a series are looked for: a whole schedule is 31 s by default."""
_UNIX_SECONDS = re.compile(r"[0-9]{1,12}")


class StandardHeaders(NamedTuple):
    """The values of `webhook-id`, `webhook-timestamp` and `webhook-signature`."""

    id: str
    timestamp: str
    signature: str


class _Explanation(NamedTuple):
    reason: str
    certain: bool


def why_wrong(secret: str, body: bytes, signature: str, previous: str | None = None) -> str | None:
    """Why an AccBooks signature isn't `secret`'s over `body`, in one line; None if it is.

    `previous` is the secret of before a rotation, to tell when that was used.
    """
    if _same(body_signature(secret.encode(), body), signature):
        return None
    read = read_body_signature(signature)
    if read.digest is None:
        return "; ".join(read.faults)
    found = _fitting(read.digest, mistakes.body_keys(secret, previous), mistakes.bodies(body))
    if found is None:
        found = _without_hmac(read.digest, secret.encode(), body) or (_unexplained(body),)
    return "; ".join((*read.faults, *found))


def why_standard_wrong(
    secret: str, body: bytes, headers: StandardHeaders, now: float, previous: str | None = None
) -> str | None:
    """Why the Standard Webhooks headers aren't right for `body`, in one line; None if they are.

    `now` is in unix seconds; `previous` as for `why_wrong`.
    """
    event_id, timestamp, signature = headers
    for name, value in (("webhook-id", event_id), ("webhook-timestamp", timestamp)):
        if not value or not (value.isascii() and value.isprintable()):
            return f"{name} must be printable ASCII and not empty"
    untimely = _why_untimely(timestamp, now)
    key = decode_standard(secret)
    values = signature.split(" ")
    if key and any(_same(standard_signature(key, event_id, timestamp, body), v) for v in values):
        return f"the signature is right, but {untimely}" if untimely else None
    if decode_standard(mistakes.prefixed(secret)) is None:
        return "this secret isn't whsec_ and the base64 of 24 to 64 bytes: it can't make these"
    judged = [_explained(value, secret, previous, headers, body) for value in values]
    reason = min(judged, key=lambda each: not each.certain).reason
    return f"{reason}; {untimely}" if untimely else reason


def _explained(
    value: str, secret: str, previous: str | None, headers: StandardHeaders, body: bytes
) -> _Explanation:
    read = read_standard_signature(value)
    if read.digest is None:
        return _Explanation("; ".join(read.faults), certain=False)
    contents = mistakes.standard_contents(headers.id, headers.timestamp, body)
    found = _fitting(read.digest, mistakes.standard_keys(secret, previous), contents)
    if found is None:
        found = _of_another_attempt(read.digest, secret, headers, body)
    reasons = (_unexplained(body),) if found is None else found
    return _Explanation("; ".join((*read.faults, *reasons)), certain=found is not None)


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def _fitting(digest: bytes, keys: Iterable[Variant], contents: Iterable[Variant]) -> tuple[str, ...] | None:
    """The mistakes of key and content that make this digest, the fewest first; None if none do."""
    pairs = sorted(product(keys, contents), key=_mistakes_made)
    algorithm = ALGORITHMS[len(digest)]
    for key, content in pairs:
        if hmac.digest(key.value, content.value, algorithm) == digest:
            return tuple(part for part in (key.mistake, content.mistake) if part)
    return None


def _mistakes_made(pair: tuple[Variant, Variant]) -> int:
    return sum(1 for variant in pair if variant.mistake)


def _without_hmac(digest: bytes, key: bytes, body: bytes) -> tuple[str, ...] | None:
    algorithm = ALGORITHMS[len(digest)]
    if hmac.digest(body, key, algorithm) == digest:
        return ("key and body were swapped in the call of HMAC",)
    if digest in (hashlib.new(algorithm, both).digest() for both in (key + body, body + key)):
        return ("secret and body were hashed together; HMAC is another function",)
    if hashlib.new(algorithm, body).digest() == digest:
        return ("the body was hashed without the secret; take HMAC-SHA256",)
    return None


def _of_another_attempt(
    digest: bytes, secret: str, headers: StandardHeaders, body: bytes
) -> tuple[str, ...] | None:
    key = decode_standard(secret)
    if key is None or not _UNIX_SECONDS.fullmatch(headers.timestamp):
        return None
    given = int(headers.timestamp)
    for timestamp in range(given - _NEAR_SECONDS, given + _NEAR_SECONDS + 1):
        signed = f"{headers.id}.{timestamp}.".encode() + body
        if hmac.digest(key, signed, "sha256") == digest:
            return (f"signed at {timestamp}, not at webhook-timestamp: take both from one attempt",)
    return None


def _why_untimely(timestamp: str, now: float) -> str | None:
    if not _UNIX_SECONDS.fullmatch(timestamp):
        unit = "milliseconds" if re.fullmatch(r"[0-9]{13}", timestamp) else "another form"
        return f"webhook-timestamp is in {unit}; it must be unix seconds"
    age = now - int(timestamp)
    if abs(age) <= TOLERANCE_SECONDS:
        return None
    minutes = abs(age) / 60
    if minutes < 120:
        span = f"{minutes:.0f} minutes"
    elif minutes < 48 * 60:
        span = f"{minutes / 60:.0f} hours"
    else:
        span = f"{minutes / 1440:.0f} days"
    return f"its timestamp is {span} {'old' if age > 0 else 'ahead'}: more than 5 minutes"


def _unexplained(body: bytes) -> str:
    if not body:
        return "signed over another body: this one is empty"
    compact = mistakes.compacted(body)
    if compact is None:
        return "signed over another body, or with another secret: this body isn't whole JSON"
    if compact != body:
        return (
            "signed over another body, or with another secret: this body isn't compact JSON as it"
            " is sent; keep the raw bytes"
        )
    return "signed with another secret, or the body was changed"
