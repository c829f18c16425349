"""Trimming: whole segments go, what is unfinished is carried forward before, no jump of a clock deletes."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import Clock, Journal, failing, held, segments_of_days, watched

from hookconsole.delivery.inbox import Inbox
from hookconsole.delivery.upkeep import Upkeep
from hookconsole.journal import segments, trimming
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Appender, Position, SyncError
from hookconsole.journal.store import Store
from hookconsole.journal.tail import Tail
from hookconsole.journal.trimming import DOUBT_SECONDS
from simulation import STEPS, Simulation
from support import T0, attempt, event, item, registry, replay, snapshot, standing

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


def test_much_is_carried_by_and_by_and_its_segment_goes_when_all_is(
    journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "CARRIED_AT_ONCE", 2)
    for number in range(5):
        held(journal, f"evt_held{number}")
    clock.pass_time(DAY)
    journal.appender.rotate()
    clock.pass_time(WEEK)
    keeper = Keeper(journal.folder)
    clock.pass_time(DOUBT_SECONDS)
    for gone in (False, False, True):
        keeper.upkeep._trim(clock.wall - WEEK)
        assert (journal.numbers[0] == 2) == gone
    assert len(list(Store(journal.folder).fold().unfinished())) == 5


def test_what_was_carried_before_a_failed_sync_is_carried_again(
    journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(journal, "evt_held")
    segments_of_days(journal, clock, 10)
    keeper = Keeper(journal.folder)
    keeper.fold.untaken.clear()
    failing(monkeypatch, "sync_file", owner=segments)
    with pytest.raises(SyncError):
        keeper.run()
    assert journal.numbers[0] == 1
    keeper.run()
    assert journal.numbers[0] > 1
    # The last segment is the first that was begun after the failure.
    (delivery,) = Store(journal.folder).fold().unfinished()
    assert delivery.segment == journal.numbers[-1]


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


def test_the_oldest_goes_first(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a crash leaves is a journal without its beginning, not one with a gap."""
    for number in range(4):
        journal.put(event(f"evt_{number}"))
        journal.appender.rotate()
    gone: list[str] = []
    watched(monkeypatch, "unlink", lambda path: gone.append(os.path.basename(path)))
    trimming.unlink(Store(journal.folder), {3, 1, 2})
    assert gone == [f"{number:012d}.jsonl" for number in (1, 2, 3)]


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
