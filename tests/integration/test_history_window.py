"""Which deliveries a history shows: those of a time, the unfinished and the carried, those of one event."""

from pathlib import Path

import pytest
from telling import Story
from writing import Clock, watched

from hookconsole.journal import records as r
from hookconsole.journal import trimming
from hookconsole.journal.history import of_event
from hookconsole.journal.segments import Appender, Position
from hookconsole.journal.store import Store
from support import T0, at, attempt, event, intake, retry, start

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "state" / "journal")


# The window


def test_since_and_until_are_times_of_acceptance(story: Story) -> None:
    for number in range(5):
        story.accept(f"evt_{number}", "acme", seconds=number * HOUR)
    assert [name for name, _ in story.names(since=T0 + HOUR, until=T0 + 3 * HOUR)] == [
        "evt_3",
        "evt_2",
        "evt_1",
    ]


def test_an_ended_one_older_than_the_horizon_is_never_shown(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "delivered")
    assert story.names(horizon=T0 + 1) == []
    assert story.names(horizon=T0 - 1) == [("evt_1", "acme")]


@pytest.mark.parametrize("rested", [60.0, 9 * DAY])
def test_an_unfinished_one_is_shown_however_old(
    story: Story, monkeypatch: pytest.MonkeyPatch, rested: float
) -> None:
    """Before it is carried forward, too: nobody sends for days, or the clock is in doubt."""
    clock = Clock(monkeypatch)
    story.accept("evt_1", "acme")
    story.send("evt_1", "retrying")
    clock.pass_time(rested / 2)
    story.appender.rotate()
    clock.pass_time(rested / 2)
    story.appender.rotate()
    story.accept("evt_2", "acme", seconds=rested)
    entry = story.entries(horizon=T0 + rested)[-1]
    assert (entry.event.event, entry.state, entry.attempts) == ("evt_1", "retrying", [])
    assert story.names(horizon=T0 + rested, since=T0 + rested) == [("evt_2", "acme")]


def test_reading_stops_when_what_is_asked_for_has_been_read(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    for number in range(50):
        story.accept(f"evt_{number}", "acme", seconds=number * HOUR)
        clock.pass_time(HOUR)
        if number % 10 == 9:
            story.appender.rotate()
    decoded: list[bytes] = []
    watched(monkeypatch, "decode", lambda _, line: decoded.append(line), owner=Store)
    assert len(story.names(since=T0 + 45 * HOUR)) == 5
    assert len(decoded) < 60


def test_an_event_taken_in_long_after_it_was_accepted_is_found(story: Story) -> None:
    (place,) = story.put(event("evt_1"))
    record = intake("evt_1", "acme", place=place)
    record.at = at(5 * DAY)
    story.put(record)
    assert story.names(since=T0) == [("evt_1", "acme")]
    assert story.names(since=T0 + 1) == []


@pytest.mark.parametrize("jump", [-DAY, -400 * DAY, 400 * DAY])
def test_a_clock_that_stood_wrong_for_a_while_hides_nothing(story: Story, jump: float) -> None:
    """Order comes from position, never from a clock."""
    story.accept("evt_before", "acme")
    for number in range(3):
        story.accept(f"evt_wrong{number}", "acme", seconds=jump + number)
    story.accept("evt_after", "acme", seconds=60.0)
    names = [name for name, _ in story.names(since=T0 - HOUR, until=T0 + DAY)]
    assert names == ["evt_after", "evt_before"]
    found = of_event(Store(story.folder), "evt_before")
    assert found is not None


# What has been carried forward


def carry_away(story: Story, *numbers: int) -> None:
    """Trim these segments."""
    store = Store(story.folder)
    fold = store.fold()
    trimming.carry(fold, store, Appender(story.folder), set(numbers))
    trimming.unlink(store, numbers)


def test_a_carried_delivery_is_shown_with_its_time_of_acceptance(story: Story) -> None:
    story.accept("evt_1", "acme", "beta")
    story.send("evt_1", "retrying")
    story.send("evt_1", "delivered", endpoint="beta")
    story.appender.rotate()
    carry_away(story, 1)
    entry = story.only(horizon=T0 + 1)
    assert (entry.state, entry.delivery.attempts, entry.accepted_at) == ("retrying", 1, at())
    assert story.names(horizon=T0 + 1, endpoint="beta") == []


def test_a_carried_delivery_goes_on(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "retrying")
    story.appender.rotate()
    carry_away(story, 1)
    story.put(start("evt_1", "acme", 2, DAY, slot=1), attempt("evt_1", "acme", "delivered", 2, DAY, slot=1))
    entry = story.only()
    assert (entry.state, [a.attempt for a in entry.attempts]) == ("delivered", [2])


@pytest.mark.parametrize("intake_is_gone", [True, False])
def test_a_carried_delivery_is_where_its_event_is_now(story: Story, intake_is_gone: bool) -> None:
    """A retry says where; its old place is gone."""
    (place,) = story.put(event("evt_1"))
    if not intake_is_gone:
        story.appender.rotate()
    story.put(intake("evt_1", "acme", place=place))
    if intake_is_gone:
        story.appender.rotate()
    carry_away(story, 1)
    story.send("evt_1", "failed")
    found = of_event(Store(story.folder), "evt_1")
    for entry in (story.only(), *(found.entries if found else ())):
        where = Position(entry.delivery.segment, entry.delivery.offset)
        assert Store(story.folder).event_at("evt_1", *where) is not None


def test_carried_while_its_beginning_is_still_there_it_is_shown_once(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.appender.rotate()
    store = Store(story.folder)
    trimming.carry(store.fold(), store, Appender(story.folder), {1})
    assert story.names() == [("evt_1", "acme")]


# One event


def test_the_story_of_one_event(story: Story) -> None:
    story.accept("evt_0", "acme")
    place = story.accept("evt_1", "acme", "beta", skipped=("core",))
    story.send("evt_1", "failed")
    story.put(retry("evt_1", "acme", 1, place=place))
    story.put(r.ReplayPassed(at(), replay="rpl_1", items=[("evt_0", "acme", "x"), ("evt_1", "beta", "y")]))
    found = of_event(Store(story.folder), "evt_1")
    assert found is not None
    assert {entry.delivery.endpoint: entry.state for entry in found.entries} == {
        "acme": "pending",
        "beta": "pending",
        "core": "skipped",
    }
    assert [type(record).__name__ for record in found.records] == [
        *("Event", "Intake", "Start", "Attempt", "Retry", "ReplayPassed"),
    ]
    assert found.taken is not None
    assert found.taken.to == ["acme", "beta"]


def test_an_event_that_no_sender_took_in(story: Story) -> None:
    story.put(event("evt_1"))
    found = of_event(Store(story.folder), "evt_1")
    assert found is not None
    assert (found.entries, found.taken) == ([], None)


@pytest.mark.parametrize("name", ["evt_2", "acme", "evt_", "x" * 64, 'a"b'])
def test_an_id_that_isnt_known(story: Story, name: str) -> None:
    story.accept("evt_1", "acme")
    assert of_event(Store(story.folder), name) is None


def test_an_id_whose_ulid_is_from_the_future_is_found(story: Story) -> None:
    """The emitter's clock was ahead, or ours."""
    name = "evt_7ZZZZZZZZZ0000000000000000"
    story.accept(name, "acme")
    assert of_event(Store(story.folder), name) is not None


def test_an_event_older_than_the_horizon_is_only_shown_unfinished(story: Story) -> None:
    story.accept("evt_1", "acme", "beta")
    story.send("evt_1", "delivered", endpoint="beta")
    found = of_event(Store(story.folder), "evt_1", horizon=T0 + 1)
    assert found is not None
    assert [entry.delivery.endpoint for entry in found.entries] == ["acme"]
    story.send("evt_1", "delivered")
    assert of_event(Store(story.folder), "evt_1", horizon=T0 + 1) is None
