"""The last hour's flow: what counts, where, and for how long."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watching import opened
from writing import Journal

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.journal import records as r
from hookconsole.journal.segments import Position
from hookconsole.observing import pulse
from hookconsole.observing.moments import Moments
from hookconsole.observing.pulse import Pulse, last_hour
from support import T0, attempt, event

NOW = T0 + 30.0
"""Half a minute after a whole one."""


def beating(*attempts: r.Attempt, now: float = NOW) -> Pulse:
    made = Pulse()
    for one in attempts:
        made.add(one, now)
    return made


def test_an_attempt_counts_in_the_minute_in_which_it_ended() -> None:
    found = beating(
        attempt("a", "acme", seconds=0.0),
        attempt("b", "acme", seconds=-0.05),  # it took 100 ms
        attempt("c", "acme", "failed", seconds=-1.0),
        attempt("d", "acme", "retrying", seconds=-60.2),
    ).minutes(NOW)
    assert len(found) == 60
    assert [minute.start for minute in found] == [int(T0) - 60 * back for back in range(59, -1, -1)]
    assert [(m.delivered, m.failed) for m in found[-3:]] == [(0, 1), (0, 1), (2, 0)]


def test_what_is_older_than_the_hour_is_gone() -> None:
    one = beating(attempt("a", "acme", "failed", seconds=-59 * 60))
    assert sum(minute.failed for minute in one.minutes(NOW)) == 1
    assert one.causes(NOW) == (("status 503", 1),)
    later = NOW + 60
    assert sum(minute.failed for minute in one.minutes(later)) == 0
    assert one.causes(later) == ()
    assert sum(minute.failed for minute in one.minutes(NOW)) == 0, "its memory is given back"
    assert beating(attempt("a", "acme", seconds=-60 * 60)).minutes(NOW)[0].delivered == 0


def test_what_a_clock_set_into_the_future_counts_now() -> None:
    one = beating(attempt("a", "acme", seconds=86400))
    assert one.minutes(NOW)[-1].delivered == 1


def test_the_most_frequent_cause_comes_first() -> None:
    one = beating(
        attempt("a", "acme", "failed", error="timeout", status=None),
        attempt("b", "acme", "retrying", error="timeout", status=None, seconds=-120),
        attempt("c", "acme", "failed"),
        attempt("d", "acme", "failed", error="dns", status=None),
        attempt("e", "acme"),
    )
    assert one.causes(NOW) == (("timeout", 2), ("dns", 1), ("status 503", 1))


def test_the_rate_is_that_of_the_last_ten_whole_seconds() -> None:
    ends = (-11.0, -10.0, -5.5, -1.0, 0.0)
    one = beating(*(attempt(f"e{end}", "acme", seconds=30 + end - 0.1, duration_ms=200.0) for end in ends))
    assert one.per_second(NOW) == pytest.approx(0.3)
    assert one.per_second(NOW + 1) == pytest.approx(0.3), "the one of this second has become whole"
    assert one.per_second(NOW + 60) == 0.0
    assert one.per_second(NOW) == 0.0, "its memory is given back"


@given(st.lists(st.floats(0, 4e9), max_size=5), st.booleans())
def test_times_are_read_as_the_clock_reads_them(times: list[float], zulu: bool) -> None:
    read = Moments()
    for seconds in times:
        for near in (seconds, seconds + 0.25):
            text = rfc3339(near) if zulu else rfc3339(near)[:-1] + "+05:30"
            assert read(text) == pytest.approx(parse_rfc3339(text), abs=1e-6)


def hour_of(folder: Path, *records: r.AnyRecord, before: Position | None = None) -> list[str]:
    journal = Journal(folder)
    journal.put(*records)
    journal.appender.close()
    end = before or Position(1, 1 << 30)
    return [one.event for one in last_hour(str(folder), end, NOW, lambda: None)]


def test_the_hour_is_read_back_from_a_position_the_newest_first(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    journal = Journal(folder)
    journal.put(attempt("old", "acme", seconds=-3700), attempt("first", "acme", seconds=-3500), event("e"))
    (place,) = journal.put(attempt("second", "acme", seconds=-10, test=True))
    (after,) = journal.put(attempt("third", "acme"))
    assert hour_of(folder, before=after) == ["second", "first"]
    assert hour_of(folder, before=place) == ["first"]


def test_an_attempt_that_was_interrupted_long_ago_does_not_end_the_hour(tmp_path: Path) -> None:
    found = hour_of(
        tmp_path / "journal",
        attempt("first", "acme", seconds=-100),
        attempt("cut", "acme", "interrupted", seconds=-9000),
        attempt("last", "acme"),
    )
    assert found == ["last", "first"]


def test_no_more_than_so_many_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "READ_BACK_AT_MOST", 2)
    found = hour_of(tmp_path / "journal", *(attempt(f"e{n}", "acme") for n in range(4)))
    assert found == ["e3", "e2"]
    assert str(tmp_path) not in opened()
