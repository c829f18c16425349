"""Times as text and back."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole import clock
from hookconsole.clock import parse_rfc3339, parse_since, rfc3339, rfc3339_seconds
from hookconsole.errors import InputError

NOW = 1_776_263_520.0


def test_how_times_are_written() -> None:
    assert rfc3339(NOW + 0.123456) == "2026-04-15T14:32:00.123456Z"
    assert rfc3339(NOW) == "2026-04-15T14:32:00.000000Z"
    assert rfc3339_seconds(NOW + 0.999) == "2026-04-15T14:32:00Z"


@given(st.floats(0, 253_402_300_000))
def test_a_time_survives_its_text_to_the_microsecond(seconds: float) -> None:
    assert parse_rfc3339(rfc3339(seconds)) == pytest.approx(seconds, abs=1e-6)


@given(st.floats(0, 4e9), st.floats(0, 4e9))
def test_texts_are_in_the_order_of_times(one: float, other: float) -> None:
    if one <= other:
        assert rfc3339(one) <= rfc3339(other)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-04-15T14:32:00Z", NOW),
        ("2026-04-15t14:32:00z", NOW),
        ("2026-04-15T16:32:00+02:00", NOW),
        ("2026-04-15T14:32:00.5Z", NOW + 0.5),
        ("2026-04-15T14:32:00.123456789Z", NOW + 0.123456),
        ("1970-01-01T00:00:00Z", 0.0),
    ],
)
def test_what_is_read(text: str, seconds: float) -> None:
    assert parse_rfc3339(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-04-15", "2026-04-15T14:32:00", "2026-04-15 14:32:00Z", "2026-04-15T14:32Z"),
        *("2026-02-30T00:00:00Z", "2026-04-15T24:32:00Z", "2026-04-15T14:32:00Z\n", "20260415T143200Z"),
        *("2026-04-15T14:32:00+25:00", "٢٠٢٦-04-15T14:32:00Z", "2026-04-15T14:32:00.Z"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rfc3339(text)


@pytest.mark.parametrize(
    ("text", "ago"),
    [("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5h", 5400), ("7d", 604_800), ("2w", 1_209_600), ("0s", 0)],
)
def test_so_long_ago(text: str, ago: float) -> None:
    assert parse_since(text, NOW) == NOW - ago


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("999999w", "1970-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+23:59", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999999-23:59", "9999-12-31T23:59:59Z"),
    ],
)
def test_what_is_before_all_events_or_behind_them_can_be_written(text: str, written: str) -> None:
    assert rfc3339_seconds(parse_since(text, NOW)) == written


ENDS = ["", "T00:00:00Z", "T23:59:60Z", "T23:59:59.999999Z", "T24:00:00Z", "T00:00:00+23:59", "T1"]
YEARS = st.sampled_from(["0000", "0001", "1969", "1970", "2026", "9999", "10000"])
DATES = st.builds(
    "{}-{:02}-{:02}{}".format, YEARS, st.integers(0, 13), st.integers(0, 32), st.sampled_from(ENDS)
)
TIMES = st.text(max_size=12) | DATES | st.builds("{}{}".format, st.integers(0), st.sampled_from("smhdwy"))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@given(text=TIMES)
def test_any_text_is_a_time_that_can_be_written_or_one_line(zone: str, text: str) -> None:
    refusal, since = "", 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        try:
            since = parse_since(text, NOW)
        except InputError as error:
            refusal = str(error)
    time.tzset()
    assert refusal.isprintable() or not refusal
    assert len(refusal) < 200
    assert parse_rfc3339(rfc3339(since)) == pytest.approx(since, abs=1e-6)


def outcome(parse: Callable[[str], float], text: str) -> float | None:
    try:
        return parse(text)
    except ValueError:
        return None


@given(
    st.integers(0, 253_402_300_799),
    st.integers(0, 999_999),
    st.integers(0, 27),
    st.sampled_from(["", "٣", " ", "_", "-", "+", "6", ".", "z", "Z", "00"]),
)
def test_a_time_of_the_journals_form_is_read_as_any_other(
    seconds: int, micros: int, at: int, odd: str
) -> None:
    """It is read by a shorter way than all others, to the last bit."""
    text = f"{rfc3339_seconds(seconds)[:-1]}.{micros:06}Z"
    assert parse_rfc3339(text) == clock._any_rfc3339(text)
    changed = text[:at] + odd + text[at + 1 :]
    assert outcome(parse_rfc3339, changed) == outcome(clock._any_rfc3339, changed)


def test_a_point_in_time() -> None:
    assert parse_since("2026-04-15T14:32:00Z", 0.0) == NOW


def test_a_date_is_its_local_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Stockholm")
    time.tzset()
    try:
        assert rfc3339_seconds(parse_since("2026-04-15", NOW)) == "2026-04-14T22:00:00Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "2 h", "2y", "1e3s", "yesterday", "2026-04-31", "٢h"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_since(text, NOW)
    assert "2h" in str(raised.value)
