"""Trimming: whole segments go, what is unfinished is carried forward before, no jump of a clock deletes."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from writing import Clock, Journal

from hookconsole.delivery.inbox import Inbox
from hookconsole.delivery.upkeep import Upkeep
from hookconsole.journal import records as r
from hookconsole.journal import trimming
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Appender, Position
from hookconsole.journal.store import Store
from hookconsole.journal.tail import Tail
from hookconsole.journal.trimming import DOUBT_SECONDS, ROTATE_SECONDS, ClockTrust
from simulation import STEPS, Simulation
from support import T0, at, attempt, event, intake, item, registry, replay, snapshot, standing, start

DAY = 86400.0
WEEK = 7 * DAY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal")


class Keeper:
    """A sender's upkeep of a journal, from a start on."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.fold = self.store.fold()
        self.appender = Appender(folder)
        self.tail = Tail(self.store, self.fold.position)
        self.upkeep = Upkeep(self.fold, self.store, self.appender, self.tail, Inbox(self.fold, self.tail))

    def run(self) -> None:
        self.tail.drain_into(self.fold)
        self.upkeep.run(WEEK)


def told(fold: Fold) -> dict[str, Any]:
    """What a fold knows, but for where events are."""
    known = snapshot(fold)
    known["deliveries"] = {
        key: {name: value for name, value in each.items() if name not in ("segment", "offset")}
        for key, each in known["deliveries"].items()  # type: ignore[attr-defined]
    }
    known["untaken"] = list(fold.untaken)
    return known


def held(journal: Journal, name: str, endpoint: str = "gone") -> Position:
    """A delivery that waits, and its event's place."""
    (place,) = journal.put(event(name, data=Raw(b'{"total":2500.00}')))
    journal.put(
        intake(name, endpoint, place=place),
        start(name, endpoint),
        attempt(name, endpoint, "retrying", wait=1.0),
    )
    return place


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


def segments_of_days(journal: Journal, clock: Clock, days: int) -> None:
    """A segment a day with an event each; the newest was opened now."""
    for number in range(days):
        journal.put(event(f"evt_{number}", clock.wall - T0))
        clock.pass_time(DAY)
        journal.appender.rotate()


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


# What is carried forward


def carried(journal: Journal, going: set[int], fold: Fold | None = None) -> tuple[Fold, list[r.Event]]:
    """The fold after carrying, and the copies that were appended."""
    store, appender = Store(journal.folder), Appender(journal.folder)
    fold = fold or store.fold()
    places = trimming.carry(fold, store, appender, going)
    copies = [store.record_at(*place) for place, _ in places]
    return fold, [copy for copy in copies if isinstance(copy, r.Event)]


def test_a_held_delivery_is_carried_with_its_event_as_it_stands(journal: Journal) -> None:
    held(journal, "evt_1")
    journal.appender.rotate()
    fold, (copy,) = carried(journal, {1})
    assert copy.carried == {"gone": r.Standing(1, 1, "retry")}
    assert (copy.accepted_at, bytes(copy.data)) == (at(), b'{"total":2500.00}')
    delivery = fold.delivery("evt_1", "gone")
    assert delivery is not None
    assert Store(journal.folder).event_at("evt_1", delivery.segment, delivery.offset) == copy
    assert delivery.segment == 2


def test_several_deliveries_of_an_event_are_carried_by_one_copy(journal: Journal) -> None:
    (place,) = journal.put(event("evt_1"))
    journal.put(intake("evt_1", "acme", "beta", "core", place=place))
    journal.put(start("evt_1", "core"), attempt("evt_1", "core"))
    _, (copy,) = carried(journal, {1})
    assert copy.carried == {"acme": r.Standing(0, 0, "event"), "beta": r.Standing(0, 0, "event")}


def test_a_copy_that_is_carried_again_keeps_the_time_of_acceptance(journal: Journal) -> None:
    held(journal, "evt_1")
    fold, (first,) = carried(journal, {1})
    journal.appender.rotate()
    _, (second,) = carried(journal, {1}, fold)
    assert (second.accepted_at, second.carried) == (at(), first.carried)


def test_an_event_that_no_sender_took_in_is_carried(journal: Journal) -> None:
    journal.put(event("evt_1"))
    fold, (copy,) = carried(journal, {1})
    assert copy.carried == {}
    assert fold.untaken["evt_1"].segment == 1


def test_what_has_ended_or_is_elsewhere_isnt_carried(journal: Journal) -> None:
    (place,) = journal.put(event("evt_1"))
    journal.put(intake("evt_1", "acme", place=place), start("evt_1", "acme"), attempt("evt_1", "acme"))
    journal.appender.rotate()
    held(journal, "evt_2")
    assert carried(journal, {1})[1] == []


def test_what_a_replay_is_to_start_isnt_carried(journal: Journal) -> None:
    (place,) = journal.put(event("evt_1"))
    journal.put(intake("evt_1", "acme", place=place), start("evt_1", "acme"), attempt("evt_1", "acme"))
    journal.put(*replay("rpl_1", item("evt_1", "acme", place=place)))
    fold = Store(journal.folder).fold()
    fed = Delivery("evt_1", "acme", *place, "replay", 1)
    fed.replay = "rpl_1"
    fold.add(fed)
    assert carried(journal, {1}, fold)[1] == []


def test_a_damaged_event_keeps_nothing_from_being_trimmed(journal: Journal) -> None:
    held(journal, "evt_1")
    held(journal, "evt_2")
    fold = Store(journal.folder).fold()
    journal.path(1).write_bytes(journal.raw().replace(b'"event":"evt_1","type"', b'"event":"evt_X","type"'))
    assert [copy.event for copy in carried(journal, {1}, fold)[1]] == ["evt_2"]


# All of it


def test_a_week_of_a_journal_is_kept(journal: Journal, clock: Clock) -> None:
    held(journal, "evt_held")
    segments_of_days(journal, clock, 10)
    keeper = Keeper(journal.folder)
    keeper.fold.untaken.clear()
    before = told(keeper.fold)["deliveries"]
    keeper.run()
    # Opened 7 days ago, or later; and the one before it.
    assert journal.numbers == [4, 5, 6, 7, 8, 9, 10, 11]
    assert told(keeper.fold)["deliveries"] == before
    keeper.run()
    assert journal.numbers[0] == 4


def test_without_the_checkpoint_what_was_carried_is_still_there(journal: Journal, clock: Clock) -> None:
    held(journal, "evt_held")
    segments_of_days(journal, clock, 10)
    keeper = Keeper(journal.folder)
    keeper.fold.untaken.clear()
    keeper.run()
    last = journal.numbers[-1]
    journal.path(last).write_bytes(journal.raw(last).replace(b'"kind":"checkpoint"', b'"kind":"checkpoinX"'))
    (delivery,) = Store(journal.folder).fold().unfinished()
    assert (delivery.event, delivery.attempts, delivery.slot) == ("evt_held", 1, 1)


def test_an_event_that_waits_for_its_intake_keeps_its_segment(journal: Journal, clock: Clock) -> None:
    segments_of_days(journal, clock, 10)
    keeper = Keeper(journal.folder)
    for name in list(keeper.fold.untaken)[:1]:
        del keeper.fold.untaken[name]
    keeper.run()
    assert journal.numbers[0] == 2


def test_a_jump_of_the_clock_trims_nothing(journal: Journal, clock: Clock) -> None:
    journal.put(registry())
    clock.pass_time(DAY)
    journal.appender.rotate()
    journal.put(registry())
    keeper = Keeper(journal.folder)
    keeper.run()
    clock.jump(365 * DAY)
    for _ in range(179):
        clock.pass_time(20)
        keeper.run()
    assert journal.numbers[0] == 1
    clock.jump(-365 * DAY)
    clock.pass_time(20)
    keeper.run()
    clock.pass_time(2 * DOUBT_SECONDS)
    keeper.run()
    assert journal.numbers[0] == 1


def test_a_clock_that_stays_is_believed_in_the_end(journal: Journal, clock: Clock) -> None:
    segments_of_days(journal, clock, 2)
    keeper = Keeper(journal.folder)
    keeper.fold.untaken.clear()
    keeper.run()
    clock.jump(365 * DAY)
    keeper.run()
    assert journal.numbers[0] == 1
    clock.pass_time(DOUBT_SECONDS)
    keeper.run()
    assert journal.numbers[0] > 1


def test_a_doubt_is_said_once(journal: Journal, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    journal.put(registry())
    keeper = Keeper(journal.folder)
    clock.jump(365 * DAY)
    for _ in range(5):
        clock.pass_time(20)
        keeper.run()
    assert len([one for one in caplog.records if "clock" in one.getMessage()]) == 1


def test_what_is_older_than_its_days_is_forgotten(journal: Journal, clock: Clock) -> None:
    journal.put(attempt("evt_1", "acme"), attempt("evt_1", "beta", seconds=2 * DAY))
    journal.put(*replay("rpl_1"), *replay("rpl_2", item("evt_1", "acme")))
    keeper = Keeper(journal.folder)
    clock.pass_time(WEEK + DAY)
    keeper.run()
    clock.pass_time(DOUBT_SECONDS)
    keeper.run()
    assert list(keeper.fold.last) == ["beta"]
    assert list(keeper.fold.totals.dump()) == ["beta"]
    assert list(keeper.fold.replays) == ["rpl_2"]


# Crashes


class CrashError(Exception):
    """The machine stopped."""


ACTS: tuple[tuple[Any, str], ...] = (
    (Appender, "append_locked"),
    (Appender, "sync"),
    (os, "unlink"),
    (trimming, "sync_folder"),
)


def crash_at(patch: pytest.MonkeyPatch, last: int) -> list[str]:
    """Stop before the act of number `last`; the list says which acts were done."""
    done: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any, **options: Any) -> Any:
            if len(done) == last:
                raise CrashError
            done.append(name)
            return real(*args, **options)

        return act

    for owner, name in ACTS:
        patch.setattr(owner, name, counted(name, getattr(owner, name)))
    return done


def trimmed_until(
    steps: list[tuple[str, int]], last: int
) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """What is known before a trim and after it was stopped before an act, and the acts."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as place:
        clock = Clock(patch)
        journal = Journal(Path(place) / "journal")
        simulation = Simulation(append=journal.appender.append)
        for number, step in enumerate(steps):
            simulation.run([step])
            if number % 15 == 14:
                clock.pass_time(DAY)
                journal.appender.rotate()
        simulation.take_in(5)
        clock.pass_time(DAY)
        journal.appender.rotate()
        clock.pass_time(3 * DAY)
        keeper = Keeper(journal.folder)
        before = told(keeper.fold)
        patch.setattr(keeper.upkeep, "_forget", lambda _: None)
        with pytest.MonkeyPatch.context() as machine:
            done = crash_at(machine, last)
            try:
                keeper.upkeep._trim(T0 + 2.5 * DAY)
            except CrashError:
                pass
            else:
                assert len(done) <= last
        for one in (keeper.appender, journal.appender, keeper.store):
            one.close()
        store = Store(journal.folder)
        after = told(store.fold())
        store.close()
        return before, after, done


@given(STEPS, st.integers(0, 30))
def test_a_crash_between_any_two_acts_changes_nothing(steps: list[tuple[str, int]], last: int) -> None:
    before, after, _ = trimmed_until(steps, last)
    assert after == before


def test_the_order_of_acts() -> None:
    """Nothing is unlinked before what was carried is durable."""
    steps = [("emit", 0), ("take_in", 7), *[("read", 0)] * 13]
    done = trimmed_until(steps, 99)[2]
    carrying = ["append_locked"] * 2  # the event, and a checkpoint
    assert done == [*carrying, "sync", "unlink", "unlink", "sync_folder"]


def test_a_segment_that_is_gone_already_is_no_matter(journal: Journal) -> None:
    journal.put(event("evt_1"))
    journal.appender.rotate()
    trimming.unlink(Store(journal.folder), [7, 1])
    assert journal.numbers == [2]


def test_distances() -> None:
    with TemporaryDirectory() as place:
        journal = Journal(Path(place) / "journal")
        journal.put(event("evt_1"))
        journal.appender.rotate()
        size = len(journal.raw(1))
        store = Store(journal.folder)
        assert trimming.distance(store, Position(1, 10), Position(1, 30)) == 20
        assert trimming.distance(store, Position(1, 10), Position(2, 30)) == size + 20
        assert trimming.distance(store, Position(9, 0), Position(1, 0)) == 0
        assert standing(Delivery("evt_1", "acme", 1, 0))["state"] == "pending"
