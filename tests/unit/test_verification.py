"""Wrong signatures and the reasons that are given: each likely mistake is named, nothing is called right."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.verifying.verification import StandardHeaders, why_standard_wrong, why_wrong

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = base64.b64decode(SECRET[6:])
PREVIOUS = "whsec_" + base64.b64encode(bytes(range(32))).decode()
BODY = (
    '{"id":"evt_1","type":"invoice.paid","created_at":"2026-04-15T14:32:00Z",'
    '"data":{"total":2500.00,"name":"Café"}}'
).encode()
NOW = 1776263520.0
ID = "evt_1"
TIMESTAMP = "1776263500"


def hexed(key: bytes | str, body: bytes = BODY, algorithm: str = "sha256") -> str:
    key = key.encode() if isinstance(key, str) else key
    return hmac.new(key, body, algorithm).hexdigest()


def signed(key: bytes | str = SECRET, body: bytes = BODY) -> str:
    return "sha256=" + hexed(key, body)


def reason(signature: str, body: bytes = BODY, secret: str = SECRET) -> str:
    wrong = why_wrong(secret, body, signature, PREVIOUS)
    assert wrong is not None
    assert wrong.isprintable()
    assert SECRET[6:] not in wrong
    return wrong


def test_a_right_signature() -> None:
    assert why_wrong(SECRET, BODY, signed()) is None
    assert why_wrong("pässword", b"", signed("pässword", b"")) is None


KEYS = [
    (SECRET[6:], "without its whsec_ prefix"),
    (KEY, "base64-decoded key"),
    (PREVIOUS, "the previous secret"),
    (SECRET + "\n", "the secret was used with a trailing newline"),
    (SECRET + "\r\n", "the secret was used with a trailing line break"),
    (f'"{SECRET}"', "with quotes"),
    ("", "variable isn't set"),
    ("undefined", "variable isn't set"),
]


@pytest.mark.parametrize(("key", "words"), KEYS)
def test_another_key_is_named(key: bytes | str, words: str) -> None:
    assert words in reason(signed(key))


def test_a_secret_given_without_its_prefix_is_named() -> None:
    assert "given here lacks its whsec_" in reason(signed(), secret=SECRET[6:])


def rewritten(body: bytes, **options: object) -> bytes:
    return json.dumps(json.loads(body), **options).encode()  # type: ignore[arg-type]


BODIES: list[tuple[bytes, bytes, str]] = [
    (BODY + b"\n", BODY, "the body has a trailing newline: the signature matches without it"),
    (BODY + b"\r\n", BODY, "the body has a trailing newline"),
    (BODY, BODY + b"\n", "a trailing newline was added to the body"),
    (b"\xef\xbb\xbf" + BODY, BODY, "byte order mark"),
    (BODY, b"", "an empty body was signed"),
    (BODY.replace(b",", b",\n  "), BODY, "reformatted: the signature matches its compact form"),
    (BODY, rewritten(BODY), "parsed and written again"),
    (BODY, rewritten(BODY, separators=(",", ":")), "parsed and written again"),
    (BODY, rewritten(BODY, separators=(",", ":"), sort_keys=True), "parsed and written again"),
    (BODY, rewritten(BODY, indent=2, ensure_ascii=False), "parsed and written again"),
    (BODY, BODY.replace(b"2500.00", b"2500"), "parsed and written again"),
    (BODY, BODY.decode("latin-1").encode(), "read as Latin-1 before signing"),
    (BODY.decode("latin-1").encode(), BODY, "read as Latin-1 and saved as UTF-8"),
]


@pytest.mark.parametrize(("body", "signed_body", "words"), BODIES)
def test_another_body_is_named(body: bytes, signed_body: bytes, words: str) -> None:
    assert words in reason(signed(SECRET, signed_body), body)


FORMS = [
    (hexed(SECRET), "the sha256= prefix is missing"),
    ("sha256=" + hexed(SECRET).upper(), "upper-case hex"),
    ("SHA256=" + hexed(SECRET), "lower case: sha256="),
    ("sha1=" + hexed(SECRET), "the prefix is sha1=, not sha256="),
    ("sha1=" + hexed(SECRET, algorithm="sha1"), "take SHA-256"),
    ("sha256=" + hexed(SECRET, algorithm="sha512"), "as long as SHA512"),
    (signed() + "\n", "spaces or a line break"),
    ("AccBooks-Signature: " + signed(), "header's name"),
    (f'"{signed()}"', "quotes stand around it"),
    ("sha256=" + base64.b64encode(bytes.fromhex(hexed(SECRET))).decode(), "it is base64"),
    (base64.b64encode(bytes.fromhex(hexed(SECRET))).decode(), "it is base64"),
    (signed()[:-2], "it has 62 hex digits, not 64"),
    (signed()[:-1], "it has 63 hex digits, not 64"),
    ("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "webhook-signature of Standard Webhooks"),
    ("", "isn't sha256= and 64 hex digits"),
    ("sha256=", "isn't sha256= and 64 hex digits"),
    ("nonsense \x1b[2J" + "x" * 1000, r"isn't sha256= and 64 hex digits"),
    ("sha256=" + "٣" * 64, "isn't sha256= and 64 hex digits"),
    ("\udce9", "isn't sha256="),
]


@pytest.mark.parametrize(("signature", "words"), FORMS)
def test_another_spelling_is_named(signature: str, words: str) -> None:
    assert words in reason(signature)


def test_two_mistakes_are_both_named() -> None:
    wrong = reason(hexed(KEY, BODY).upper(), BODY + b"\n")
    for words in ("prefix is missing", "upper-case", "base64-decoded key", "trailing newline"):
        assert words in wrong


def plain(hashed: bytes) -> str:
    return "sha256=" + hashlib.sha256(hashed).hexdigest()


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (signed(BODY, SECRET.encode()), "swapped"),
        (plain(SECRET.encode() + BODY), "HMAC is another function"),
        (plain(BODY + SECRET.encode()), "HMAC is another function"),
        (plain(BODY), "without the secret"),
    ],
)
def test_another_function_is_named(signature: str, words: str) -> None:
    assert words in reason(signature)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (BODY, "signed with another secret, or the body was changed"),
        (b"", "this one is empty"),
        (BODY[:-9], "isn't whole JSON"),
        (BODY.replace(b":", b": "), "isn't compact JSON"),
    ],
)
def test_what_no_mistake_explains(body: bytes, words: str) -> None:
    assert words in reason(signed("someone else's"), body)


@given(st.text(max_size=100))
def test_no_other_text_is_right(signature: str) -> None:
    assert why_wrong(SECRET, BODY, signature)
    headers = StandardHeaders(ID, TIMESTAMP, signature)
    assert why_standard_wrong(SECRET, BODY, headers, NOW)


def v1(
    key: bytes | str = KEY,
    body: bytes = BODY,
    event_id: str = ID,
    timestamp: str = TIMESTAMP,
    content: bytes | None = None,
) -> str:
    key = key.encode() if isinstance(key, str) else key
    content = content if content is not None else f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def standard_reason(
    signature: str,
    *,
    body: bytes = BODY,
    event_id: str = ID,
    timestamp: str = TIMESTAMP,
    secret: str = SECRET,
    now: float = NOW,
) -> str:
    headers = StandardHeaders(event_id, timestamp, signature)
    wrong = why_standard_wrong(secret, body, headers, now, PREVIOUS)
    assert wrong is not None
    assert wrong.isprintable()
    assert SECRET[6:] not in wrong
    return wrong


@pytest.mark.parametrize(
    "signature",
    [v1(), f"{v1(PREVIOUS)} {v1()}", f"{v1()} {v1(PREVIOUS)}", f"v1a,xyz {v1()}", f"x {v1()}"],
)
@pytest.mark.parametrize("away", [-300, 0, 300])
def test_right_standard_headers(signature: str, away: int) -> None:
    headers = StandardHeaders(ID, TIMESTAMP, signature)
    assert why_standard_wrong(SECRET, BODY, headers, int(TIMESTAMP) + away) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (301, "5 minutes old"),
        (7 * 60, "the signature is right, but its timestamp is 7 minutes old"),
        (-7 * 60, "7 minutes ahead"),
        (3 * 3600, "3 hours old"),
        (72 * 3600, "3 days old"),
    ],
)
def test_a_timestamp_too_far_away(seconds: int, words: str) -> None:
    assert words in standard_reason(v1(), now=int(TIMESTAMP) + seconds)


def test_age_is_told_beside_another_mistake() -> None:
    wrong = standard_reason(v1(SECRET), now=int(TIMESTAMP) + 420)
    assert "text was used as the key" in wrong
    assert "7 minutes old" in wrong


@pytest.mark.parametrize(
    ("timestamp", "words"),
    [
        ("1776263500000", "in milliseconds"),
        ("2026-04-15T14:32:00Z", "unix seconds"),
        ("1776263500.5", "unix seconds"),
        ("", "webhook-timestamp must be printable ASCII and not empty"),
        ("1\udce9", "webhook-timestamp must be printable ASCII"),
    ],
)
def test_a_timestamp_of_another_form(timestamp: str, words: str) -> None:
    assert words in standard_reason(v1(), timestamp=timestamp)


def altered(value: str, change: Callable[[str], str]) -> str:
    return "v1," + change(value.removeprefix("v1,"))


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (v1(SECRET), "text was used as the key"),
        (v1(SECRET[6:]), "text was used as the key"),
        (v1(base64.b64decode(PREVIOUS[6:])), "the previous secret"),
        (v1(""), "variable isn't set"),
        (v1(event_id="evt_2"), "another secret"),
        (v1(timestamp="1776263516"), "signed at 1776263516, not at webhook-timestamp"),
        (v1(content=BODY), "the body alone was signed"),
        (v1(content=TIMESTAMP.encode() + b"." + BODY), "signed without the id"),
        (v1(content=ID.encode() + b"." + BODY), "signed without the timestamp"),
        (v1(content=(ID + TIMESTAMP).encode() + BODY), "dots are missing"),
        (v1(body=BODY + b"\n"), "a trailing newline was added"),
        (v1().removeprefix("v1,"), "the v1, prefix is missing"),
        (v1().replace(",", "="), "where a comma belongs"),
        (v1().replace("v1", "v1a"), "its version is v1a"),
        (altered(v1(), lambda text: text.rstrip("=")), "unpadded"),
        (altered(v1(), lambda text: base64.b64decode(text).hex()), "it is hex"),
        (signed(), "a signature of the AccBooks form"),
        ("", "isn't v1, and the base64 of 32 bytes"),
        ("v1,AAAA", "isn't v1, and the base64 of 32 bytes"),
        (f"v1,AAAA {v1(SECRET)}", "text was used as the key"),
        (v1(b"someone else's"), "signed with another secret, or the body was changed"),
    ],
)
def test_wrong_standard_headers(signature: str, words: str) -> None:
    assert words in standard_reason(signature)


def test_a_webhook_id_that_differs_from_the_body_s() -> None:
    assert "webhook-id differs" in standard_reason(v1(), event_id="evt_2")
    assert "webhook-id must be" in standard_reason(v1(), event_id="")


def test_a_body_with_a_trailing_newline() -> None:
    assert "matches without it" in standard_reason(v1(), body=BODY + b"\n")


def test_a_secret_that_can_make_no_standard_headers() -> None:
    assert "24 to 64 bytes" in standard_reason(v1(b"plain"), secret="plain")
    assert "given here lacks its whsec_" in standard_reason(v1(), secret=SECRET[6:])
