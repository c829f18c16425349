"""The charts of the overview, as text."""

import pytest

from hookconsole.console import chart
from hookconsole.console.cells import Line, width_of
from hookconsole.observing.values import EndpointRow, Minute

HOUR = tuple(Minute(60 * at, 40 + at, 2 if at == 59 else 0) for at in range(60))


def texts(lines: list[Line]) -> list[str]:
    return ["".join(cell.text for cell in line) for line in lines]


def test_delivered_and_failed_are_told_by_glyphs_scales_and_figures() -> None:
    title, first, _second, failed, axis = texts(chart.flow(HOUR, 80, 5))
    assert title == " Last hour  ● 4,170 delivered  ✗ 2 failed attempts  99.9% success"
    assert first.startswith(" ●    99 ")
    assert failed.startswith(" ✗     2 ")
    assert failed[9:].rstrip() == " " * 59 + "█ 0/min"
    assert axis.split() == ["-60m", "-45m", "-30m", "-15m", "now"]


def test_the_minute_that_goes_on_isnt_called_the_present_rate() -> None:
    assert texts(chart.flow(HOUR, 80, 5))[2].endswith("█ 98/min")


@pytest.mark.parametrize("width", [20, 40, 60, 79, 80, 130, 140, 200, 300])
@pytest.mark.parametrize("height", [1, 5, 9])
def test_the_chart_keeps_to_its_place(width: int, height: int) -> None:
    lines = chart.flow(HOUR, width, height)
    assert len(lines) <= height
    if width >= 60:
        assert max(map(width_of, lines)) <= width


def test_the_hour_is_as_broad_as_whole_minutes_can_be() -> None:
    assert chart.gathered([1, 2], 5) == [1, 1, 2, 2]
    assert chart.gathered([1, 2, 3, 5], 2) == [1.5, 4]
    assert len(chart.gathered(range(60), 59)) == 30


def test_in_one_line_both_stand_side_by_side() -> None:
    [line] = texts(chart.flow(HOUR, 60, 1))
    assert line.startswith(" 1h ● ")
    assert " 4,170 ✗ " in line
    assert line.endswith(" 2 ")


@pytest.mark.parametrize("height", [1, 5])
def test_an_hour_of_nothing_is_said_not_drawn(height: int) -> None:
    assert texts(chart.flow((Minute(0, 0, 0),) * 60, 80, height)) == [" Last hour  nothing was sent"]
    assert texts(chart.flow((), 80, height)) == [" Last hour  nothing was sent"]


def test_causes_are_listed_with_bars_and_made_safe() -> None:
    lines = texts(chart.causes((("timeout", 20), ("a\x1b", 10)), 43, 5))
    assert lines[1] == " timeout          20  " + "━" * 20
    assert lines[2] == " a\\x1b            10  " + "━" * 10
    assert len(chart.causes((("a", 3), ("b", 2), ("c", 1)), 60, 3)) == 3
    assert texts(chart.causes((), 60, 3))[1] == " none did"


def test_the_slowest_come_first_and_those_without_attempts_dont() -> None:
    endpoints = [EndpointRow(name, "ok", p95_ms=p95) for name, p95 in (("a", 5.0), ("b", 900.0), ("c", None))]
    slow = chart.slowest_of(endpoints, 2)
    assert [line.split()[:3] for line in texts(chart.slowest(slow, 40, 5))[1:]] == [
        ["b", "900", "ms"],
        ["a", "5.0", "ms"],
    ]
    assert texts(chart.slowest([], 40, 5))[1] == " no attempt yet"
