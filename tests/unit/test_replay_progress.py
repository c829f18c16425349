"""Bulk retries as they are shown: how far, how fast, how long yet."""

import pytest

from hookconsole.console.cells import Line, width_of
from hookconsole.console.replayrows import Pace, ReplayRows, to_start
from hookconsole.observing.values import ReplayRow

NOW = 1_776_263_520.0
RUNNING = ReplayRow("rpl_1", "running", NOW - 60, "ann", "acme failed", 1000, 400, 300, 90, 10, 10.0)


def text(line: Line) -> str:
    return "".join(cell.text for cell in line)


def rows_of(*replays: ReplayRow, sending: bool = True) -> ReplayRows:
    rows = ReplayRows()
    rows.take(replays, NOW, sending=sending)
    return rows


def test_what_was_left_alone_neednt_start() -> None:
    assert to_start(RUNNING) == 590


def test_time_left_is_by_the_rate_asked_for_until_a_pace_has_been_seen() -> None:
    pace = Pace()
    pace.note([RUNNING], NOW)
    assert pace.seconds_left(RUNNING) == 59
    faster = RUNNING._replace(started=500)
    pace.note([faster], NOW + 10)
    assert pace.per_second(faster) == 10
    slower = RUNNING._replace(started=520)
    pace.note([slower], NOW + 40)
    assert pace.per_second(slower) == 3
    assert pace.seconds_left(slower) == pytest.approx(470 / 3)


def test_only_the_last_minute_counts() -> None:
    pace = Pace()
    for second in range(0, 200, 2):
        pace.note([RUNNING._replace(started=400 + (second if second < 100 else 100))], NOW + second)
    assert pace.per_second(RUNNING) == 0


def test_what_stands_still_has_no_end_in_sight() -> None:
    pace = Pace()
    pace.note([RUNNING], NOW)
    pace.note([RUNNING], NOW + 30)
    assert pace.seconds_left(RUNNING) is None
    assert pace.seconds_left(RUNNING._replace(state="paused")) is None


def test_what_is_all_under_way_has_no_end_in_sight() -> None:
    assert Pace().seconds_left(RUNNING._replace(started=990)) is None


def test_a_pause_begins_a_new_pace() -> None:
    pace = Pace()
    pace.note([RUNNING], NOW)
    pace.note([RUNNING._replace(state="paused")], NOW + 30)
    pace.note([RUNNING], NOW + 60)
    assert pace.per_second(RUNNING) is None


@pytest.mark.parametrize("width", [58, 78, 118, 138, 198])
def test_rows_stand_under_their_titles(width: int) -> None:
    rows = rows_of(RUNNING, RUNNING._replace(replay="rpl_2", state="done", chosen="x" * 300))
    assert width_of(rows.heading(width)) == width
    assert {width_of(rows.line(index, width)) for index in range(2)} == {width}


def test_progress_is_a_gauge_with_figures() -> None:
    line = text(rows_of(RUNNING).line(0, 138))
    for part in (
        "↻ running",
        "acme failed",
        "██████░░░░░░░░░░   40%",
        "1,000",
        "300",
        " 90 ",
        "590",
        "10/s",
        "59s",
    ):
        assert part in line, part


def test_nothing_ends_while_nobody_sends() -> None:
    assert "59s" not in text(rows_of(RUNNING, sending=False).line(0, 138))


def test_all_is_said_of_one_at_any_width() -> None:
    hostile = RUNNING._replace(user="\x1b[2J", chosen="acme " + "invoice.paid, " * 20)
    for width in (60, 80, 200):
        lines = rows_of(hostile).about(hostile, width)
        assert max(map(width_of, lines)) <= width
        said = " ".join(text(line).strip() for line in lines)
        assert "300 delivered, 90 failed, 10 left alone, 10 under way, 590 to start" in said
        assert "\x1b" not in said


def test_a_replay_of_nothing_is_done() -> None:
    empty = ReplayRow("rpl_3", "done", NOW, "ann", "acme failed", 0, 0, 0, 0, 0, 10.0)
    assert "████████████████  100%" in text(rows_of(empty).line(0, 78))
