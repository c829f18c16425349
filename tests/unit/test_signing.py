"""Signatures against fixed vectors, the reference verifier, and the receiver's documented check."""

import hashlib
import hmac
import time
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from hookconsole.delivery.signing import (
    SigningKeys,
    body_signature,
    decode_standard,
    signature_headers,
    standard_signature,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + b64encode(bytes(range(32))).decode()
BODY = b'{"test": 2432232314}'
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
ACCBOOKS = "sha256=80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c"
STANDARD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_headers_of_the_vector() -> None:
    keys = SigningKeys(SECRET)
    assert signature_headers(keys, "AccBooks-Signature", True, ID, TIMESTAMP, BODY) == [
        (b"AccBooks-Signature", ACCBOOKS.encode()),
        (b"webhook-id", ID.encode()),
        (b"webhook-timestamp", b"1614265330"),
        (b"webhook-signature", STANDARD.encode()),
    ]


def test_single_signatures_of_the_vector() -> None:
    key = decode_standard(SECRET)
    assert key is not None
    assert body_signature(SECRET.encode(), BODY) == ACCBOOKS
    assert standard_signature(key, ID, TIMESTAMP, BODY) == STANDARD


def test_the_header_has_the_name_of_the_setting() -> None:
    headers = signature_headers(SigningKeys(SECRET), "X-Sig", False, ID, TIMESTAMP, BODY)
    assert headers == [(b"X-Sig", ACCBOOKS.encode())]


@pytest.mark.parametrize("secret", ["plain", "whsec_plain", "whsec_", "pässword", SECRET[6:]])
def test_a_secret_of_another_form_signs_the_body_alone(secret: str) -> None:
    headers = signature_headers(SigningKeys(secret), "S", True, ID, TIMESTAMP, BODY)
    assert [name for name, _ in headers] == [b"S"]


def documented_check(secret: str, payload: bytes, signature: str) -> bool:
    """As in AccBooks' own documentation for receivers."""
    expected = "sha256=" + hmac.new(secret.encode("utf-8"), payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1), st.binary())
def test_the_documented_check_passes(secret: str, body: bytes) -> None:
    headers = signature_headers(SigningKeys(secret), "S", False, ID, TIMESTAMP, body)
    assert documented_check(secret, body, headers[0][1].decode())


def standard_headers(keys: SigningKeys) -> dict[str, str]:
    signed = signature_headers(keys, "S", True, "evt_1", int(time.time()), BODY)
    return {name.decode(): value.decode() for name, value in signed}


@pytest.mark.parametrize(
    ("keys", "secret"),
    [
        (SigningKeys(SECRET), SECRET),
        (SigningKeys(SECRET, OTHER), SECRET),
        (SigningKeys(SECRET, OTHER), OTHER),
        (SigningKeys("a new one of another form", OTHER), OTHER),
        (SigningKeys(SECRET, "an old one of another form"), SECRET),
    ],
)
def test_the_reference_verifier_agrees_also_while_a_rotation_overlaps(keys: SigningKeys, secret: str) -> None:
    assert Webhook(secret).verify(BODY, standard_headers(keys)) == {"test": 2432232314}


def test_the_reference_verifier_refuses_the_old_secret_after_the_overlap() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(BODY, standard_headers(SigningKeys(SECRET)))


def test_in_a_rotation_the_new_secret_signs_first_and_the_body_alone() -> None:
    signed = dict(signature_headers(SigningKeys(SECRET, OTHER), "S", True, ID, TIMESTAMP, BODY))
    assert signed[b"S"].decode() == ACCBOOKS
    new, old = signed[b"webhook-signature"].decode().split(" ")
    assert new == STANDARD
    assert old == standard_signature(bytes(range(32)), ID, TIMESTAMP, BODY)


@given(st.binary(min_size=24, max_size=64))
def test_a_standard_secret_of_24_to_64_bytes_is_decoded(key: bytes) -> None:
    assert decode_standard("whsec_" + b64encode(key).decode()) == key


@pytest.mark.parametrize(
    "secret",
    [
        "whsec_" + b64encode(bytes(23)).decode(),
        "whsec_" + b64encode(bytes(65)).decode(),
        "whsec_" + b64encode(bytes(32)).decode().rstrip("="),
        "whsec_" + b64encode(bytes(32)).decode() + "=",
        "whsec_" + "A" * 42 + "B=",
        "whsec_" + b64encode(b"\xff" * 24).decode().replace("/", "_"),
        SECRET + "\n",
        SECRET[:20] + " " + SECRET[20:],
        SECRET.upper(),
        "WHSEC_" + SECRET[6:],
        "whsec_é" + SECRET[7:],
        SECRET[6:],
        "",
    ],
)
def test_other_spellings_are_no_standard_secret(secret: str) -> None:
    assert decode_standard(secret) is None


def test_no_repr_shows_a_key() -> None:
    assert repr(SigningKeys(SECRET, OTHER)) == str(SigningKeys(SECRET, OTHER)) == "SigningKeys(***)"
