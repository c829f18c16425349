"""The retry decision: the schedule, and what a receiver may add to a wait."""

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.delivery.retry import RETRY_AFTER_AT_MOST, Decision, decide, parse_retry_after

SCHEDULE = (1.0, 2.0, 4.0, 8.0, 16.0)
NOW = 1_776_263_520.0


def after_failure(slot: int, retry_after: float | None = None, *, canceling: bool = False) -> Decision:
    return decide(success=False, slot=slot, schedule=SCHEDULE, canceling=canceling, retry_after=retry_after)


def test_a_failure_waits_by_its_place_and_fails_behind_the_last() -> None:
    assert [after_failure(slot) for slot in range(7)] == [
        *(Decision("retrying", wait) for wait in SCHEDULE),
        Decision("failed"),
        Decision("failed"),
    ]


def test_an_empty_schedule_has_no_retries() -> None:
    assert decide(success=False, slot=0, schedule=(), canceling=False, retry_after=9.0) == Decision("failed")


@pytest.mark.parametrize("canceling", [True, False])
def test_a_success_delivers_even_when_it_was_to_be_canceled(canceling: bool) -> None:
    for slot in (0, 5, 9):
        assert decide(
            success=True, slot=slot, schedule=SCHEDULE, canceling=canceling, retry_after=None
        ) == Decision("delivered")


@pytest.mark.parametrize("slot", [0, 5])
def test_a_failure_of_one_to_be_canceled_cancels_it(slot: int) -> None:
    assert after_failure(slot, 9.0, canceling=True) == Decision("canceled")


def test_retry_after_lengthens_a_wait() -> None:
    assert after_failure(0, 30.0) == Decision("retrying", 30.0)


@given(slot=st.integers(0, 4), retry_after=st.none() | st.floats(0, RETRY_AFTER_AT_MOST))
def test_retry_after_never_shortens_a_wait(slot: int, retry_after: float | None) -> None:
    wait = after_failure(slot, retry_after).wait
    assert wait is not None
    assert SCHEDULE[slot] <= wait <= RETRY_AFTER_AT_MOST


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("999999999", 3600.0),
        ("1776263520", 3600.0),
        ("9" * 5000, 3600.0),
        ("0" * 5000, 0.0),
        ("Wed, 15 Apr 2026 14:33:00 GMT", 60.0),
        ("Wed, 15 Apr 2026 14:33:00", 60.0),
        ("Wednesday, 15-Apr-26 14:33:00 GMT", 60.0),
        ("Wed, 15 Apr 2026 14:31:00 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("Wed, 15 Apr 2026 16:33:00 +0200", 60.0),
    ],
)
def test_what_a_retry_after_asks_for(value: str, seconds: float) -> None:
    assert parse_retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", " ", "-1", "+5", "1_000", "1.5", "1e3", "0x10", "٣", "²", "NaN", "inf"),
        *("soon", "Wed", "Fri, 31 Dec 99999 23:59:59 GMT", "Sat, 30 Feb 2026 00:00:00 GMT", "\x1b[2J"),
    ],
)
def test_what_is_no_retry_after(value: str | None) -> None:
    assert parse_retry_after(value, NOW) is None


@given(
    st.text(max_size=40)
    | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} [\d:]{1,9} [A-Z+\-\d]{0,9}")
)
def test_no_value_does_harm(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0.0 <= seconds <= RETRY_AFTER_AT_MOST


def test_a_date_without_a_zone_is_gmt_wherever_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert parse_retry_after(formatdate(NOW + 60).removesuffix(" -0000"), NOW) == 60.0
        assert parse_retry_after(formatdate(NOW + 60), NOW) == 60.0
    finally:
        monkeypatch.undo()
        time.tzset()
