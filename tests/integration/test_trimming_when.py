"""When segments are begun and when they go: by the clock, but for one that can't be believed."""

import os
from pathlib import Path

import pytest
from writing import Clock, Journal, segments_of_days

from hookconsole.journal import trimming
from hookconsole.journal.store import Store
from hookconsole.journal.trimming import DOUBT_SECONDS, ROTATE_SECONDS, ClockTrust
from support import T0, event

DAY = 86400.0
WEEK = 7 * DAY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal")


# Whether the clock is believed


def test_an_even_clock_is_trusted() -> None:
    trust = ClockTrust(T0, 1000.0, T0 - 60, WEEK)
    assert all(trust.trusted(T0 + n * 60.01, 1000.0 + n * 60) for n in range(1000))


@pytest.mark.parametrize("jump", [301.0, -301.0, 365 * DAY, -DAY, -T0])
def test_after_a_jump_it_is_believed_when_it_has_run_evenly_for_an_hour(jump: float) -> None:
    trust = ClockTrust(T0, 1000.0, T0 - 60, WEEK)
    assert trust.trusted(T0 + 60, 1060.0)
    wall, ticks = T0 + jump + 80, 1080.0
    assert not trust.trusted(wall, ticks)
    assert not trust.trusted(wall + DOUBT_SECONDS - 1, ticks + DOUBT_SECONDS - 1)
    assert trust.trusted(wall + DOUBT_SECONDS, ticks + DOUBT_SECONDS)


def test_a_journal_that_rested_for_longer_than_its_days_is_doubted_at_first() -> None:
    trust = ClockTrust(T0, 1000.0, T0 - WEEK - 1, WEEK)
    assert not trust.trusted(T0, 1000.0)
    assert trust.trusted(T0 + DOUBT_SECONDS, 1000.0 + DOUBT_SECONDS)
    assert ClockTrust(T0, 1000.0, T0 - WEEK + 1, WEEK).trusted(T0, 1000.0)


def test_a_new_journal_is_not_doubted(tmp_path: Path) -> None:
    assert trimming.newest_sign(Store(tmp_path / "nowhere")) == 0.0
    assert ClockTrust(T0, 1000.0, 0.0, WEEK).trusted(T0, 1000.0)


def test_the_newest_sign_of_life_is_a_records_time_or_a_files(journal: Journal) -> None:
    journal.put(event("evt_1", seconds=60))
    os.utime(journal.path(1), (T0, T0))
    assert trimming.newest_sign(Store(journal.folder)) == T0 + 60
    os.utime(journal.path(1), (T0 + 90, T0 + 90))
    assert trimming.newest_sign(Store(journal.folder)) == T0 + 90


# When a segment is followed by a new one


def test_a_segment_with_records_is_followed_by_a_new_one_in_time(journal: Journal, clock: Clock) -> None:
    store = Store(journal.folder)
    assert not trimming.is_rotation_due(store, clock.wall)
    journal.put(event("evt_1"))
    assert not trimming.is_rotation_due(store, T0 + ROTATE_SECONDS - 1)
    assert trimming.is_rotation_due(store, T0 + ROTATE_SECONDS)
    clock.pass_time(ROTATE_SECONDS)
    journal.appender.rotate()
    assert not trimming.is_rotation_due(store, clock.wall + WEEK)


def test_one_with_a_damaged_header_is_followed_at_once(journal: Journal) -> None:
    journal.folder.mkdir(parents=True)
    journal.path(1).write_bytes(b"damaged\n")
    journal.put(event("evt_1"))
    assert trimming.is_rotation_due(Store(journal.folder), T0)


# Which segments are older than their days


def test_a_segment_goes_when_the_next_was_opened_before_the_horizon(journal: Journal, clock: Clock) -> None:
    segments_of_days(journal, clock, 5)
    store = Store(journal.folder)
    assert trimming.expired(store, T0 + DAY - 1) == []
    assert trimming.expired(store, T0 + DAY) == [1]
    assert trimming.expired(store, T0 + 3.5 * DAY) == [1, 2, 3]
    assert trimming.expired(store, T0 + 99 * DAY) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("damaged", [1, 2, 3])
def test_a_damaged_header_keeps_nothing_for_longer(journal: Journal, clock: Clock, damaged: int) -> None:
    segments_of_days(journal, clock, 5)
    raw = journal.raw(damaged)
    journal.path(damaged).write_bytes(b"{" + raw[1:].replace(b"segment", b"sXgment", 1))
    assert trimming.expired(Store(journal.folder), T0 + 4.5 * DAY) == [1, 2, 3, 4]


def test_a_header_from_a_clock_that_stood_wrong_deletes_nothing(journal: Journal, clock: Clock) -> None:
    journal.put(event("evt_1"))
    clock.jump(-T0)
    journal.appender.rotate()
    clock.jump(T0)
    journal.put(event("evt_2"))
    assert trimming.expired(Store(journal.folder), T0 - WEEK) == []
