"""What is accepted as an event, what is refused with which words, and the body that is made of it."""

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hookconsole.clock import rfc3339_seconds
from hookconsole.errors import InputError
from hookconsole.events.accept import AcceptedEvent, accept, body, parse_batch_line
from hookconsole.events.catalogue import BUILT_IN

NOW = 1776263520.9
KIB = 1024


def taken(
    data: bytes,
    event_type: str = "invoice.paid",
    event_id: str | None = "inv-1",
    created_at: str | None = "2026-04-15T14:32:00Z",
) -> AcceptedEvent:
    return accept(event_type, data, id=event_id, created_at=created_at, known=BUILT_IN, now=NOW)


def refusal(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(InputError) as caught:
        taken(*args, **kwargs)
    line = str(caught.value)
    assert caught.value.exit_code == 2
    assert line.isprintable()
    assert len(line) < 300
    return line


def test_an_event_with_all_given_is_kept_as_given() -> None:
    assert taken(b'{"a": 1}') == AcceptedEvent("inv-1", "invoice.paid", "2026-04-15T14:32:00Z", b'{"a":1}')


def test_id_and_time_are_made_where_none_are_given() -> None:
    event = taken(b"{}", event_id=None, created_at=None)
    assert re.fullmatch(r"evt_[0-9A-HJKMNP-TV-Z]{26}", event.id)
    assert event.created_at == "2026-04-15T14:32:00Z" == rfc3339_seconds(NOW)


def test_the_body_is_the_promised_bytes() -> None:
    data = taken(b' {"amount" : 2500.00,\n"n":123456789012345678901234567890 } ').data
    assert body("evt_1", "invoice.paid", "2026-04-15T14:32:00Z", data) == (
        b'{"id":"evt_1","type":"invoice.paid","created_at":"2026-04-15T14:32:00Z",'
        b'"data":{"amount":2500.00,"n":123456789012345678901234567890}}'
    )


@pytest.mark.parametrize(
    "data",
    [
        b'{"z":1,"a":2,"z":3}',
        b'{"n":[-0,0.10,1E+05,1e999999,2500.00]}',
        b'{"n":' + b"7" * 6000 + b"}",
        '{"s":"\u2028\u2029 \u00fc \U0001f600"}'.encode(),
        b'{"s":"\\u2028\\n\\/\\u0000\\ud83d\\ude00\\u00FC\x7f"}',
        b'"text"',
        b'{"n":[1e999,-1e-999,123456789012345678901234567890,-0.0,0e0,1E-7]}',
        b'{"":{"":""},"__proto__":{"a":[]},"\\u0000":"\\u0000"}',
        b'{"s":"\\uD83D\\uDE00 \\uFFFE \\b\\f"}',
        '"\ufeff\u202e\ufffe"'.encode(),
        b"null",
        b"false",
        b"[]",
        b"12.50",
        b"-0",
    ],
)
def test_numbers_strings_and_order_stay(data: bytes) -> None:
    assert taken(data).data == data


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.integers(0, 3), st.booleans())
def test_only_insignificant_space_goes(value: Any, indent: int, ascii_only: bool) -> None:
    spread = json.dumps(value, indent=indent, ensure_ascii=ascii_only, separators=(" ,\t", "\r\n: "))
    compact = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    data = taken(spread.encode()).data
    assert data == compact.encode()
    assert json.loads(body("i", "invoice.paid", "2026-04-15T14:32:00Z", data))["data"] == value


def is_strict_json(raw: bytes) -> bool:
    def refuse(_: str) -> None:
        raise ValueError

    try:
        json.dumps(json.loads(raw.decode(), parse_constant=refuse), ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


@given(st.text(alphabet='{}[]",:\\u0dDe1+-.truefalsn \n\ufeff', max_size=12))
@example('"\\ud800"')
@example('"\\ud83d\\ude00"')
@example('"\\ude00\\ud83d"')
@example("01")
@example("1.")
@example("-")
@example("tru")
@example('{"a":1,}')
@example("nullx")
def test_what_is_accepted_is_what_a_strict_parser_reads(text: str) -> None:
    raw = text.encode()
    if is_strict_json(raw):
        taken(raw)
    else:
        refusal(raw)


SPLICES = st.sampled_from(
    [
        *(bytes([byte]) for byte in b'{}[]",:\\u0-.eE+ \n\x00\xff'),
        b"NaN",
        b"\\ud800",
        b"1e999",
        b"\xef\xbb\xbf",
        b"//",
    ]
)


@given(JSON, st.booleans(), st.lists(st.tuples(st.integers(0), st.integers(0, 2), SPLICES), max_size=3))
def test_json_with_some_bytes_changed_is_taken_as_it_is_or_refused(
    value: Any, ascii_only: bool, changes: list[tuple[int, int, bytes]]
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":")).encode()
    for number, gone, new in changes:
        at = number % (len(raw) + 1)
        raw = raw[:at] + new + raw[at + gone :]
    try:
        strict = is_strict_json(raw)
    except ValueError:  # an integer that Python doesn't read; JSON sets no bound
        return
    if strict:
        kept = taken(raw).data
        assert kept == raw or json.loads(kept) == json.loads(raw)
        assert taken(kept).data == kept
    else:
        refusal(raw)


@given(st.binary(max_size=6))
@example(b"\xc0\x80")
@example(b"\xed\xa0\x80")
@example(b"\xf5\x80\x80\x80")
def test_text_that_is_not_utf_8_is_refused(raw: bytes) -> None:
    data = b'{"x":"' + raw.translate(None, bytes(range(32)) + b'"\\') + b'"}'
    try:
        data.decode()
    except UnicodeDecodeError:
        assert "not UTF-8 at byte" in refusal(data)
    else:
        assert taken(data).data == data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "data is empty"),
        (b"  \n", "data is empty"),
        (b"hello", "not JSON: invalid character at byte 0: 'hello'"),
        (b'{"a":NaN}', "invalid character at byte 5: 'NaN}'"),
        (b'{"a":-Infinity}', "not JSON"),
        (b'{"a":1}{"b":2}', "trailing characters"),
        (b'{"a":1', "cut short"),
        (b'{"a":"\\ud83d"}', "pair"),
        (b'{"a":"\\ude00"}', "surrogate"),
        (b'{"a":"\\ud800\\ud800"}', "surrogate"),
        (b'{"a":"\\ud83d\\u0041"}', "surrogate"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8 at byte 6"),
        (b'{"a":"\xc0\xaf"}', "not UTF-8 at byte 6"),
        (b'{"a":"\xf4\x90\x80\x80"}', "not UTF-8 at byte 6"),
        (b'{"a":"\x00"}', "not JSON"),
        (b'{"a":"\n"}', "not JSON"),
        (b"{}\x00", "trailing characters"),
        (b"{}\x1a", "trailing characters"),
        (b"\x0c{}", "not JSON"),
        (b"\xa0{}", "not UTF-8 at byte 0"),
        (b"1 2", "trailing characters"),
        (b"0x10", "not JSON"),
        (b"+1", "not JSON"),
        (b".5", "not JSON"),
        (b"Infinity", "not JSON"),
        (b"[1,]", "comma"),
        (b'{"a":1}//x', "trailing characters"),
        (b"/**/{}", "not JSON"),
        (b"{1:2}", "not JSON"),
        (b'"\\x41"', "escape"),
        (b'"\\u00zz"', "escape"),
        (b'{"a":"\xff"}', "not UTF-8 at byte 6"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b'{"a":"\x1b[2J"}', r"""'\x1b[2J"}'"""),
        (b"{'a':1}", "not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deep"),
        (b'{"a":' * 129 + b"1" + b"}" * 129, "nested too deep"),
    ],
)
def test_data_that_is_refused(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_a_refusal_shows_no_more_than_a_glimpse_of_the_data() -> None:
    assert "topsecret" not in refusal(b'{"a":xx1234567890topsecret}')


def test_128_levels_are_accepted() -> None:
    data = b'[{"a":' * 64 + b"1" + b"}]" * 64
    assert taken(data).data == data


def test_brackets_side_by_side_or_in_strings_are_no_levels() -> None:
    data = b'[["' + b'[{\\"\\\\' * 500 + b'"]' + b",[],{}" * 500 + b"]"
    assert taken(data).data == data


def test_depth_counts_behind_a_string_of_brackets() -> None:
    for pair in (b"[]", b"{}"):
        beside = b"[" + (pair + b",") * 300
        assert "nested too deep" in refusal(beside + b"[" * 128 + b"]" * 129)
    assert "nested too deep" in refusal(b'["]]]\\"' + b"]" * 300 + b'",' + b"[" * 128 + b"]" * 129)


def envelope(event_id: str = "inv-1", event_type: str = "invoice.paid") -> int:
    return len(body(event_id, event_type, "2026-04-15T14:32:00Z", b""))


def test_a_body_of_256_kib_is_the_biggest() -> None:
    room = 256 * KIB - envelope() - 2
    data = taken(b'"' + b"x" * room + b'"').data
    assert len(body("inv-1", "invoice.paid", "2026-04-15T14:32:00Z", data)) == 256 * KIB
    assert "262,145 bytes of at most 262,144" in refusal(b'"' + b"x" * (room + 1) + b'"')


def test_the_limit_is_on_the_compact_body() -> None:
    assert taken(b" " * 300 * KIB + b"{}").data == b"{}"


@pytest.mark.parametrize("event_id", ["a", "A-Z_09", "x" * 64])
def test_an_emitter_s_own_id(event_id: str) -> None:
    assert taken(b"{}", event_id=event_id).id == event_id


@pytest.mark.parametrize("event_id", ["", "x" * 65, "a.b", "a/b", "a\n", "a b", "é", "٣", "\x1b[2J"])
def test_an_id_that_is_refused(event_id: str) -> None:
    assert "1 to 64 characters" in refusal(b"{}", event_id=event_id)


@pytest.mark.parametrize(
    "created_at",
    [
        *("2026-04-15T14:32:00Z", "2026-04-15t14:32:00.123456789z", "2026-04-15T14:32:00.5+02:00"),
        *("2026-04-15T14:32:00-00:00", "2024-02-29T23:59:59+23:59", "0001-01-01T00:00:00+23:59"),
        *("9999-12-31T23:59:59.999999999-23:59", "1969-12-31T23:59:59.5Z"),
    ],
)
def test_a_time_is_kept_as_given(created_at: str) -> None:
    assert taken(b"{}", created_at=created_at).created_at == created_at


@pytest.mark.parametrize(
    "created_at",
    [
        *("", "now", "2026-04-15", "2026-04-15T14:32:00", "2026-02-30T00:00:00Z", "2026-04-15T14:32:00Z\n"),
        *("2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2025-02-29T00:00:00Z"),
        *("2026-04-15T14:32:00.1234567890Z", "2026-04-15T14:32:00,5Z", "2026-04-15T14:32:00+0200"),
        *("2026-04-15T14:32:00+24:00", "2026-04-15T24:00:00Z", "2026-04-15 14:32:00Z"),
        *("2026-04-15T14:32:00+00:60", "2026-04-15T14:32:00-01:99"),
        *("2026-W16-3T14:32:00Z", " 2026-04-15T14:32:00Z", "2026-04-15T14:32:00Z\x1b[2J"),
        *("2026-04-15T14:32:00\u221202:00", "\ud800"),
    ],
)
def test_a_time_that_is_refused(created_at: str) -> None:
    assert "RFC 3339" in refusal(b"{}", created_at=created_at)


@pytest.mark.parametrize(
    ("event_type", "words"),
    [
        ("invoice.payed", "unknown event type 'invoice.payed'; did you mean invoice.paid?"),
        ("Invoice.Paid", "did you mean invoice.paid?"),
        ("invoice.*", "unknown event type"),
        ("webhook.test", "hookconsole endpoints test NAME"),
        ("x\x1b]0;y\x07", r"'x\x1b]0;y\x07'"),
        ("y" * 100_000, "unknown event type"),
    ],
)
def test_a_type_that_is_refused(event_type: str, words: str) -> None:
    assert words in refusal(b"{}", event_type=event_type)


def test_the_test_event_is_refused_even_if_a_config_names_it() -> None:
    with pytest.raises(InputError, match=r"endpoints test"):
        accept("webhook.test", b"{}", id=None, created_at=None, known=["webhook.test"], now=NOW)


def test_a_refusal_without_known_types_names_none() -> None:
    with pytest.raises(InputError, match=r"unknown event type 'a' \("):
        accept("a", b"{}", id=None, created_at=None, known=[], now=NOW)


def test_a_batch_line_is_taken_apart() -> None:
    line = b'{"type":"invoice.paid","data": {"a" : 2500.00},"id":"i","created_at":"t"} \r\n'
    assert parse_batch_line(line) == ("invoice.paid", b'{"a" : 2500.00}', "i", "t")


def test_what_a_payload_calls_by_the_names_of_a_line_is_the_payloads() -> None:
    line = b'{"data":{"id":"a","data":{"id":1,"type":2},"type":"b"},"type":"x"}'
    assert parse_batch_line(line) == ("x", b'{"id":"a","data":{"id":1,"type":2},"type":"b"}', None, None)


@pytest.mark.parametrize(
    "written", ["type", "data", "id", "created_at", "\\u0074ype", "i\\u0064", "created\\u005Fat"]
)
def test_a_line_that_says_one_thing_twice_is_refused(written: str) -> None:
    """Which of the two was meant, nobody knows."""
    line = f'{{"type":"x","data":"d","id":"i","created_at":"t","{written}":"other"}}'.encode()
    name = json.loads(f'"{written}"')
    with pytest.raises(InputError, match=f"the line has {name} twice; keep one"):
        parse_batch_line(line)


@pytest.mark.parametrize("number", ["9" * 6000, "-0", "1e999999", "2500.00"])
def test_a_line_whose_payload_has_its_names_keeps_any_number(number: str) -> None:
    data = f'{{"id":{number}}}'
    line = f'{{"type":"x","id":"i","data":{data}}}'
    assert parse_batch_line(line.encode()).data == data.encode()


@pytest.mark.parametrize("levels", range(900, 1100, 5))
def test_a_line_of_any_depth_is_taken_or_refused(levels: int) -> None:
    line = f'{{"type":"x","id":"i","data":{{"id":{"[" * levels}{"]" * levels}}}}}'
    with contextlib.suppress(InputError):
        parse_batch_line(line.encode())


def test_a_batch_line_needs_a_type_and_data() -> None:
    assert parse_batch_line(b'{"type":"x","data":null}') == ("x", b"null", None, None)
    with pytest.raises(InputError, match="field `data`"):
        parse_batch_line(b'{"type":"x"}')


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "empty"),
        (b"{}", "`type`"),
        (b"[]", "object"),
        (b"{", "not JSON"),
        (b'{"type":1}', "`str`"),
        (b'{"type":"x","creted_at":"t"}', "`creted_at`"),
        (b'{"type":"x","id":7}', "$.id"),
        (b'{"type":null}', "$.type"),
        (b'{"type":["x"]}', "$.type"),
        (b'{"type":"x","created_at":1776263520}', "$.created_at"),
        (b'{"type":"x","Data":{}}', "`Data`"),
        (b'[{"type":"x"}]', "object"),
        (b'"x"', "object"),
        (b'{"type":"\\ud800"}', "pair"),
        (b'{"type":"x","data":"\\ud800"}', "pair"),
        (b'\xef\xbb\xbf{"type":"x"}', "byte order mark"),
        (b'{"type":"x","data":1}\x00', "not JSON"),
        ('{"type":"x"}'.encode("utf-16"), "not UTF-8"),
        (b'{"type":"x","data":tru}', "not JSON"),
        (b'{"type":"x","data":1} {}', "not JSON"),
        (b'{"type":"x","data":"\xff"}', "not UTF-8 at byte 20"),
        (b'{"type":"x","data":' + b"[" * 100_000, "nested too deep"),
        (b'{"type":"x","\\u001b[2J":1}', r"\x1b[2J"),
    ],
)
def test_a_batch_line_that_is_refused(line: bytes, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_batch_line(line)
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
