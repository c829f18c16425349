"""Values as words and figures."""

import pytest

from hookconsole.console import present


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (-1, "0s"),
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (7199, "119m"),
        (7200, "2h"),
        (172800, "2d"),
    ],
)
def test_ages(seconds: float | None, text: str) -> None:
    assert present.age(seconds) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "-"),
        (0.84, "0.8 ms"),
        (9.96, "10 ms"),
        (41.5, "42 ms"),
        (999.4, "999 ms"),
        (999.5, "1.0 s"),
        (1500, "1.5 s"),
        (9960, "10 s"),
        (30_000, "30 s"),
    ],
)
def test_durations_fit_six_columns(ms: float | None, text: str) -> None:
    assert present.duration(ms) == text
    assert len(text) <= 6


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (9999, "9,999"),
        (12_340, "12.3k"),
        (999_949, "999.9k"),
        (999_950, "1.0M"),
        (1_200_000, "1.2M"),
    ],
)
def test_counts_fit_six_columns(number: int, text: str) -> None:
    assert present.count(number) == text
    assert len(text) <= 6


@pytest.mark.parametrize(
    ("part", "text"),
    [(None, "-"), (1.0, "100%"), (0.0, "0%"), (0.99999, "99.9%"), (0.00001, "0.1%"), (0.5, "50.0%")],
)
def test_a_share_is_never_all_or_nothing_by_rounding(part: float | None, text: str) -> None:
    assert present.share(part) == text


def test_a_moment_of_another_day_has_its_day() -> None:
    now = 1_776_263_520.0
    assert present.clock(now, now) == "14:32:00"
    assert present.clock(now - 86_400, now) == "04-14 14:32:00"


def test_a_state_is_a_glyph_and_a_word() -> None:
    assert present.state("failed").text == "✗ failed"
    assert present.state("unheard-of").text == "? unheard-of"


# Bars


def test_columns_share_a_scale_and_anything_is_seen() -> None:
    assert present.column_bars([1, 1000, 0], 1) == ["▁█ "]
    assert present.column_bars([4, 8], 2) == [" █", "██"]
    assert present.column_bars([0, 0], 2) == ["  ", "  "]


def test_a_bar_is_as_long_as_its_share_and_anything_is_seen() -> None:
    assert present.bar(1.0, 4) == "━━━━"
    assert present.bar(0.4, 4) == "━╸"
    assert present.bar(0.0001, 4) == "╸"
    assert present.bar(0.0, 4) == ""


@pytest.mark.parametrize(("part", "text"), [(0.0, "░░░░"), (0.5, "██░░"), (0.999, "███░"), (1.0, "████")])
def test_a_gauge_is_full_only_when_all_is_done(part: float, text: str) -> None:
    assert present.gauge(part, 4) == text


def test_a_week_says_where_more_failed_than_not() -> None:
    assert present.week((4, 8, 8, 0), (0, 4, 5, 0), 4) == "▄▇✗ "
    assert present.week((1, 3, 4, 4), (0, 0, 0, 8), 2) == "▄✗"
    assert present.week((), (), 3) == "   "
    assert present.week((7,), (0,), 3) == "  ▇"


def test_shares_are_on_the_scale_of_all() -> None:
    assert present.shares((8, 8, 8, 0), (0, 4, 8, 0), 4) == "▇▄✗ "


def test_the_highest_of_neighbours_is_shown() -> None:
    assert present.highest([1.0, 8.0, 4.0, 0.0], 2) == "▇▄"
