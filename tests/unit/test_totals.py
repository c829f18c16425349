"""Hourly totals: what is counted, for how long it is kept, and how exact percentiles are."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.journal.records import Hours
from hookconsole.journal.totals import (
    DURATION_HOURS_KEPT,
    HOURS_KEPT,
    Hour,
    Totals,
    bucket_ms,
    duration_bucket,
    percentile,
)
from support import RIGHT_WITHIN_PERCENT, T0, attempt

NOW = int(T0) // 3600
HOUR = 3600.0
RIGHT = RIGHT_WITHIN_PERCENT / 100


def totals(*attempts: tuple[float, str]) -> Totals:
    """Totals of attempts at acme: hours after T0, and the outcome."""
    made = Totals()
    for hours, outcome in attempts:
        made.add(attempt("evt_1", "acme", outcome, seconds=hours * HOUR))  # type: ignore[arg-type]
    return made


def test_deliveries_that_ended_and_attempts_that_failed_are_counted_by_the_hour() -> None:
    made = totals((0, "retrying"), (0, "delivered"), (1, "failed"), (1, "canceled"))
    assert made.hours("acme", 0) == [Hour(NOW, 1, 0, 1), Hour(NOW + 1, 0, 1, 2)]
    summary = made.summary("acme", NOW)
    assert (summary.delivered, summary.failed, summary.attempts_failed) == (1, 1, 3)


def test_an_endpoint_without_attempts_has_none() -> None:
    assert Totals().hours("acme", 0) == []
    assert Totals().summary("acme", 0) == (0, 0, 0, None, None)


def test_a_summary_begins_with_its_hour() -> None:
    assert totals((0, "delivered"), (5, "delivered")).summary("acme", NOW + 1).delivered == 1


def test_what_is_older_than_a_week_falls_out() -> None:
    made = totals((0, "delivered"), (HOURS_KEPT - 1, "delivered"))
    assert [hour.hour for hour in made.hours("acme", 0)] == [NOW, NOW + HOURS_KEPT - 1]
    made = totals((0, "delivered"), (HOURS_KEPT, "delivered"))
    assert [hour.hour for hour in made.hours("acme", 0)] == [NOW + HOURS_KEPT]


def test_hours_in_which_nothing_happened_count_nothing_when_the_ring_comes_round() -> None:
    made = totals((0, "delivered"), (HOURS_KEPT - 10, "delivered"), (HOURS_KEPT + 5, "delivered"))
    assert made.summary("acme", 0).delivered == 2


def test_durations_are_kept_for_a_day() -> None:
    made = totals((0, "delivered"), (DURATION_HOURS_KEPT + 1, "delivered"))
    (hours,) = made.dump().values()
    assert [hour for hour, _ in hours.durations] == [NOW + DURATION_HOURS_KEPT + 1]


def test_a_clock_that_was_a_year_ahead_stops_no_counting() -> None:
    made = totals((24 * 365, "failed"), (0, "delivered"), (1, "delivered"))
    assert made.summary("acme", NOW - 23).delivered == 2
    assert [hour.hour for hour in made.hours("acme", 0)] == [NOW, NOW + 1]


@pytest.mark.parametrize("error", ["blocked", "config"])
def test_an_attempt_that_wasnt_made_has_no_duration(error: str) -> None:
    made = Totals()
    made.add(attempt("evt_1", "acme", "failed", status=None, error=error, duration_ms=0.0))
    assert made.summary("acme", 0) == (0, 1, 1, None, None)


def test_forgetting_an_endpoint() -> None:
    made = totals((0, "delivered"))
    made.forget("acme")
    made.forget("acme")
    assert made.dump() == {}


@given(st.floats(0.1, 1e6))
def test_a_bucket_is_as_right_as_it_says(duration_ms: float) -> None:
    assert bucket_ms(duration_bucket(duration_ms)) == pytest.approx(duration_ms, rel=RIGHT, abs=0.001)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_buckets_are_in_the_order_of_durations(one: float, other: float) -> None:
    if one <= other:
        assert duration_bucket(one) <= duration_bucket(other)


@given(st.lists(st.floats(1.0, 60_000), min_size=1, max_size=50), st.floats(0.01, 1.0))
def test_a_percentile_is_one_of_the_durations(durations: list[float], share: float) -> None:
    buckets: dict[int, int] = {}
    for duration in durations:
        bucket = duration_bucket(duration)
        buckets[bucket] = buckets.get(bucket, 0) + 1
    found = percentile(buckets, share)
    assert found is not None
    exact = sorted(durations)[ceil(share * len(durations)) - 1]
    assert found == pytest.approx(exact, rel=RIGHT)


def test_each_hour_of_the_last_day_has_its_own_slowness() -> None:
    made = Totals()
    for hours, duration in ((0, 20.0), (0, 20.0), (2, 400.0), (DURATION_HOURS_KEPT + 1, 60.0)):
        made.add(attempt("evt_1", "acme", seconds=hours * HOUR, duration_ms=duration))
    slow = made.p95s("acme")
    assert slow == {
        NOW + 2: pytest.approx(400, rel=0.1),
        NOW + DURATION_HOURS_KEPT + 1: pytest.approx(60, rel=0.1),
    }
    assert made.p95s("nobody") == {}


def test_no_percentile_of_nothing() -> None:
    assert percentile({}, 0.5) is None


@given(
    st.lists(
        st.tuples(
            st.integers(-200, 400), st.sampled_from(["delivered", "failed", "retrying"]), st.floats(0, 9000)
        ),
        max_size=30,
    )
)
def test_a_dump_is_all_of_it(attempts: list[tuple[int, str, float]]) -> None:
    made, loaded = Totals(), Totals()
    for hours, outcome, duration in attempts:
        made.add(
            attempt("evt_1", "acme", outcome, seconds=hours * HOUR, duration_ms=duration)  # type: ignore[arg-type]
        )
    loaded.load({name: Hours(hours.totals, hours.durations) for name, hours in made.dump().items()})
    assert loaded.dump() == made.dump()
    later = attempt("evt_2", "acme", seconds=500 * HOUR)
    made.add(later)
    loaded.add(later)
    assert loaded.dump() == made.dump()
    assert loaded.summary("acme", 0) == made.summary("acme", 0)
