"""The language behind `/`: what its words mean, that each is understood or refused with the nearest one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.errors import InputError
from hookconsole.events.catalogue import BUILT_IN, TEST_TYPE
from hookconsole.observing.filter import CHARACTERS_AT_MOST, ERRORS, STATES, Filter, Needle, means_deliveries
from hookconsole.observing.values import DeliveryRow

NOW = 1_776_263_520.0
TYPES = (*BUILT_IN, TEST_TYPE, "stock.low")
ENDPOINTS = ("acme", "acme-test", "bolt")
EVENT = "evt_01KP8V2Q4ZJ6N3W5X7Y9A1B3C5"


def row(state: str = "failed", **fields: Any) -> DeliveryRow:
    known: dict[str, Any] = {
        "event": EVENT,
        "endpoint": "acme",
        "type": "invoice.paid",
        "accepted": NOW - 3600,
    }
    known |= {"segment": 1, "offset": 0, "attempts": 1, "status": 503}
    return DeliveryRow(state=state, **(known | fields))


def parse(text: str) -> Filter:
    return Filter.parse(text, TYPES, ENDPOINTS, NOW)


# What words mean


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("acm", True),
        ("ACM", True),
        ("voice.pa", True),
        ("2q4zj6", True),
        ("core", False),
        ("acme invoice", True),
        ("acme core", False),
        ("state:failed", True),
        ("State:Failed", True),
        ("state:delivered", False),
        ("state:delivered,failed", True),
        ("code:503", True),
        ("code:500", False),
        ("code:5xx", True),
        ("code:4xx,500", False),
        ("code:404,5XX", True),
        ("code:timeout", False),
        ("endpoint:acme", True),
        ("endpoint:acme-test", False),
        ("endpoint:acme-test,acme", True),
        ("type:invoice.paid", True),
        ("type:invoice.*", True),
        ("type:*", True),
        ("type:stock.low", False),
        ("type:stock.low,*.paid", True),
        ("invoice.*", True),
        ("vat.*", False),
        (EVENT, True),
        (f"event:{EVENT}", True),
        ("event:evt_01KP8V2Q4", False),
        ("evt_01KP8V2Q4ZJ6N3W5X7Y9A1B3C6", False),
        ("since:2h", True),
        ("since:30m", False),
        ("since:2026-04-15T13:31:00Z", True),
        ("acme state:failed code:5xx invoice.*", True),
        ("acme state:failed code:4xx invoice.*", False),
    ],
)
def test_a_word_holds_or_its_inverse_does(text: str, found: bool) -> None:
    assert parse(text).matches(row()) is found
    if text and " " not in text:
        assert parse("!" + text).matches(row()) is not found


@pytest.mark.parametrize("state", ["pending", "sending", "retrying"])
def test_waiting_is_what_goes_on(state: str) -> None:
    assert parse("state:waiting").matches(row(state))
    assert not parse("!state:waiting,held").matches(row(state))


@pytest.mark.parametrize("state", ["held", "delivered", "failed", "skipped", "canceled"])
def test_waiting_is_nothing_else(state: str) -> None:
    assert not parse("state:waiting").matches(row(state))


def test_an_error_is_a_code() -> None:
    assert parse("code:timeout,dns").matches(row(status=None, error="timeout"))
    assert not parse("code:5xx").matches(row(status=None, error="timeout"))


def test_a_known_type_is_that_type_and_no_part_of_another() -> None:
    types = ("stock.low", "stock.lower")
    assert not Filter.parse("stock.low", types).matches(row(type="stock.lower"))
    assert Filter.parse("stock.lo", types).matches(row(type="stock.lower"))


def test_without_known_names_any_is_taken() -> None:
    assert Filter.parse("type:nobody.knows endpoint:gone").matches(row(type="nobody.knows", endpoint="gone"))


# What can't be meant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stat:failed", "no filter 'stat:'; did you mean state:?"),
        ("state:faild", "no state 'faild'; did you mean failed?"),
        ("!state:delivered,wating", "no state 'wating'; did you mean waiting?"),
        ("state:", "state: lacks a value; write state:failed"),
        ("code:503,", "code: lacks a value; write code:5xx"),
        ("code:timeuot", "no code 'timeuot'; did you mean timeout?"),
        ("code:5x", "no code '5x'; did you mean 5xx?"),
        ("endpoint:acmee", "no endpoint 'acmee'; did you mean acme?"),
        ("type:invoice.payed", "no event type 'invoice.payed'; did you mean invoice.paid?"),
        ("invoce.*", "no event type 'invoce.*'; did you mean invoice.*?"),
        ("event:?", "'?' is no event id; copy one from a delivery with y"),
        ("acme since:" + "y" * 99, f"'{'y' * 59}…' is no time"),
        ("acme since:yesterday", "'yesterday' is no time: give 90s, 30m, 2h, 7d, 2026-04-15 or"),
        ("!", "'!' turns the word behind it round, as in !state:delivered; write one"),
        ("!!acme", "'!' turns the word behind it round, as in !state:delivered; write one"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(text)
    assert str(refused.value).startswith(message)


def test_a_refusal_is_one_safe_line() -> None:
    with pytest.raises(InputError) as refused:
        parse("state:\x1b[31m\x9b")
    assert str(refused.value).isprintable()


def test_a_filter_is_bounded() -> None:
    assert parse("a" * CHARACTERS_AT_MOST)
    # What is said twice in a list is said once.
    assert parse("state:" + ",".join(["failed"] * CHARACTERS_AT_MOST))
    for text in ("a" * (CHARACTERS_AT_MOST + 1), "a " * CHARACTERS_AT_MOST, "*" * CHARACTERS_AT_MOST):
        with pytest.raises(InputError, match="the filter is longer than 2000 characters; shorten it"):
            parse(text)


# What a scan can go by


@pytest.mark.parametrize(
    ("text", "deliveries"),
    [
        ("acme state:failed", True),
        ("!Code:5xx", True),
        ("invoice.*", True),
        (EVENT, True),
        ("acme failing !503", False),
        ("erp.example:8443/hooks https://", False),
        ("", False),
    ],
)
def test_what_only_deliveries_have_is_known_from_what_endpoints_have_too(text: str, deliveries: bool) -> None:
    assert means_deliveries(text) is deliveries


def test_a_needle_has_what_all_have_in_common() -> None:
    assert parse("endpoint:acme state:failed since:1h since:2h").needle == Needle("acme", None, NOW - 3600)
    assert parse(EVENT).needle == Needle(None, EVENT, 0.0)
    assert parse("acme code:5xx").needle == Needle()


def test_a_needle_has_nothing_of_lists_and_inverses() -> None:
    assert parse("endpoint:acme,bolt !endpoint:acme-test !since:2h").needle == Needle()
    assert parse(f"!{EVENT}").needle == Needle()


def test_only_an_empty_filter_leaves_nothing_out() -> None:
    assert not parse("  ")
    assert parse("type:*")


# Any text

WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["acme", "invoice.*", "stock.low", EVENT, "*", "[a", "evt_", "since:0001-01-01"]),
    st.builds("state:{}".format, st.lists(st.sampled_from(STATES), max_size=3).map(",".join)),
    st.builds("code:{}".format, st.lists(st.sampled_from(["5xx", "404", "99", *ERRORS])).map(",".join)),
    st.builds(
        "{}:{}".format,
        st.sampled_from(["state", "code", "endpoint", "type", "event", "since", "x"]),
        st.text(max_size=6) | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    ),
)
TEXTS = st.lists(st.builds("{}{}".format, st.sampled_from(["", "", "!"]), WORDS), max_size=4).map(" ".join)
ROWS = st.builds(
    DeliveryRow,
    event=st.sampled_from([EVENT, "inv_1-paid"]),
    endpoint=st.sampled_from(ENDPOINTS),
    type=st.sampled_from(TYPES),
    segment=st.just(1),
    offset=st.just(0),
    accepted=st.sampled_from([NOW - 10, NOW - 7200]),
    state=st.sampled_from(STATES[:-1]),
    status=st.sampled_from([None, 200, 404, 503]),
    error=st.sampled_from([None, "timeout"]),
)


@given(TEXTS, ROWS)
def test_any_text_is_understood_or_refused_in_one_line(text: str, delivery: DeliveryRow) -> None:
    try:
        found = parse(text)
    except InputError as error:
        refusal = str(error)
    else:
        refusal = ""
    assert "\n" not in refusal
    if refusal:
        return
    again = parse(str(found))
    assert str(again) == str(found)
    assert again.needle == found.needle
    assert found.matches(delivery) is again.matches(delivery)
    # All words must hold.
    assert found.matches(delivery) is all(parse(word).matches(delivery) for word in text.split())
    needle = found.needle
    if found.matches(delivery):
        assert needle.endpoint in (None, delivery.endpoint)
        assert needle.event in (None, delivery.event)
        assert needle.since <= delivery.accepted


@given(st.text(alphabet="ab*?[]", max_size=40))
def test_no_pattern_takes_long(pattern: str) -> None:
    delivery = row(type="a" * 128)
    found = Filter.parse("*" + pattern)
    if "," not in pattern:
        assert found.matches(delivery) in (True, False)
