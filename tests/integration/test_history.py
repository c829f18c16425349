"""What became of deliveries, read backwards: newest first, as the fold has it, in the window asked for."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from writing import Clock, Journal, watched

from hookconsole.journal import history, trimming
from hookconsole.journal import records as r
from hookconsole.journal.history import Entry, Window, entries, of_event, select
from hookconsole.journal.segments import Appender, Position
from hookconsole.journal.store import Store
from simulation import STEPS, Simulation
from support import T0, at, attempt, cancel, canceled, event, intake, item, replay, retry, start

HOUR = 3600.0
DAY = 24 * HOUR


class Story(Journal):
    """A journal in which events are told by name."""

    def accept(self, name: str, *to: str, seconds: float = 0.0, skipped: tuple[str, ...] = ()) -> Position:
        """An event is accepted and taken in."""
        (place,) = self.put(event(name, seconds))
        record = intake(name, *to, place=place, skipped=skipped)
        record.at = at(seconds)
        self.put(record)
        return place

    def send(self, name: str, *outcomes: r.Outcome, endpoint: str = "acme", seconds: float = 0.0) -> None:
        """Attempts of a series, one after the other."""
        for number, outcome in enumerate(outcomes, 1):
            wait = 1.0 if outcome == "retrying" else None
            self.put(
                start(name, endpoint, number, seconds, slot=number - 1),
                attempt(name, endpoint, outcome, number, seconds, slot=number - 1, wait=wait),
            )

    def entries(self, **window: object) -> list[Entry]:
        return list(entries(Store(self.folder), Window(**window)))  # type: ignore[arg-type]

    def only(self, **window: object) -> Entry:
        (entry,) = self.entries(**window)
        return entry

    def names(self, **window: object) -> list[tuple[str, str]]:
        return [(entry.event.event, entry.delivery.endpoint) for entry in self.entries(**window)]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "state" / "journal")


# Deliveries and their states


def test_entries_come_newest_first(story: Story) -> None:
    for number in range(3):
        story.accept(f"evt_{number}", "acme", "beta", seconds=number)
    assert story.names() == [(f"evt_{n}", name) for n in (2, 1, 0) for name in ("beta", "acme")]


def test_of_one_endpoint_only(story: Story) -> None:
    for number in range(3):
        story.accept(f"evt_{number}", "acme", "beta", skipped=("core",))
    story.send("evt_1", "delivered", endpoint="beta")
    assert story.names(endpoint="beta") == [("evt_2", "beta"), ("evt_1", "beta"), ("evt_0", "beta")]
    assert [entry.state for entry in story.entries(endpoint="beta")] == ["pending", "delivered", "pending"]


def test_attempts_come_oldest_first(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "retrying", "retrying", "delivered")
    entry = story.only()
    assert [a.attempt for a in entry.attempts] == [1, 2, 3]
    assert (entry.state, entry.cause, entry.next_attempt_at) == ("delivered", "", None)


def test_a_series_that_goes_on_says_when(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "retrying")
    assert (story.only().state, story.only().cause) == ("retrying", "status 503")
    assert story.only().next_attempt_at == at(1.1)


def test_one_being_sent(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.put(start("evt_1", "acme"))
    assert (story.only().state, story.only().attempts) == ("sending", [])


def test_one_that_was_interrupted_waits(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.put(start("evt_1", "acme"), attempt("evt_1", "acme", "interrupted", status=None, error="reset"))
    assert (story.only().state, story.only().cause) == ("pending", "reset")


def test_skipped(story: Story) -> None:
    story.accept("evt_1", skipped=("acme",))
    assert (story.only().state, story.only().cause) == ("skipped", "inactive")


@pytest.mark.parametrize(
    ("end", "cause"), [(cancel("evt_1", "acme"), "operator"), (canceled("acme", "evt_1"), "inactive")]
)
def test_canceled_by_whom(story: Story, end: r.AnyRecord, cause: str) -> None:
    story.accept("evt_1", "acme")
    story.put(end)
    assert (story.only().state, story.only().cause) == ("canceled", cause)


def test_canceled_in_flight_by_the_switch(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "canceled")
    assert (story.only().state, story.only().cause, story.only().canceled_by) == ("canceled", "inactive", "")


def test_canceled_in_flight_by_an_operator(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.put(start("evt_1", "acme"), cancel("evt_1", "acme"), attempt("evt_1", "acme", "canceled"))
    assert (story.only().state, story.only().canceled_by) == ("canceled", "anna")


def test_a_cancel_that_came_too_late_cancels_nothing(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "delivered")
    story.put(cancel("evt_1", "acme"), canceled("acme", "evt_1"))
    assert story.only().state == "delivered"


def test_canceled_by_an_operator_retried_and_canceled_by_the_switch(story: Story) -> None:
    """What the off-period canceled is offered for replay."""
    place = story.accept("evt_1", "acme")
    story.put(
        cancel("evt_1", "acme"),
        retry("evt_1", "acme", 0, place=place),
        start("evt_1", "acme"),
        attempt("evt_1", "acme", "retrying", wait=9.0),
        canceled("acme", "evt_1"),
    )
    assert (story.only().state, story.only().canceled_by) == ("canceled", "")


def test_a_retry_is_a_new_series_of_the_same_delivery(story: Story) -> None:
    place = story.accept("evt_1", "acme")
    story.send("evt_1", "failed")
    story.put(retry("evt_1", "acme", 1, place=place))
    assert (story.only().state, story.only().delivery.attempts) == ("pending", 1)
    story.put(start("evt_1", "acme", 2), attempt("evt_1", "acme", "delivered", 2))
    assert (story.only().state, len(story.only().attempts)) == ("delivered", 2)


def test_a_replay_changes_nothing_until_it_starts(story: Story) -> None:
    place = story.accept("evt_1", "acme")
    story.send("evt_1", "failed")
    story.put(*replay("rpl_1", item("evt_1", "acme", place=place)))
    assert story.only().state == "failed"
    story.put(start("evt_1", "acme", 2, replay="rpl_1", trigger="replay"))
    assert story.only().state == "sending"


def test_a_test_is_a_delivery(story: Story) -> None:
    story.put(event("evt_1", endpoint="acme", url="f1"))
    story.put(start("evt_1", "acme", trigger="test"), attempt("evt_1", "acme", test=True))
    entry = story.only()
    assert (entry.state, entry.delivery.trigger, entry.event.type) == ("delivered", "test", "webhook.test")
    assert story.names(endpoint="beta") == []


def test_lines_written_twice_are_told_once(story: Story) -> None:
    place = story.accept("evt_1", "acme")
    story.send("evt_1", "delivered")
    record = intake("evt_1", "acme", place=place)
    story.put(record, start("evt_1", "acme"), attempt("evt_1", "acme"))
    entry = story.only()
    assert (entry.state, [a.attempt for a in entry.attempts]) == ("delivered", [1])


def test_a_damaged_event_is_not_shown(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.accept("evt_2", "acme")
    story.path(1).write_bytes(story.raw().replace(b'"event":"evt_1","type"', b'"event":"evt_X","type"'))
    assert story.names() == [("evt_2", "acme")]


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
def test_an_unfinished_one_is_shown_however_old(story: Story, rested: float) -> None:
    """Before it is carried forward, too: nobody sends for days, or the clock is in doubt."""
    story.accept("evt_1", "acme")
    story.send("evt_1", "retrying")
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


# Choosing


def test_choosing_by_state_and_type(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "failed")
    entry = story.only()
    assert select(entry, (), ())
    assert select(entry, ("failed", "skipped"), ("invoice.paid",))
    assert select(entry, (), ("invoice.*",))
    assert not select(entry, ("delivered",), ())
    assert not select(entry, (), ("invoice.sent", "invoice", "inv.*", "invoice.paid.*"))


# Whatever happened


@given(STEPS)
def test_the_history_of_any_journal_is_what_the_fold_says(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as place:
        journal = Journal(Path(place) / "journal")
        simulation = Simulation(append=journal.appender.append).run(steps)
        store = Store(journal.folder)
        found = {(e.delivery.event, e.delivery.endpoint): e for e in entries(store, Window())}
        fold = simulation.shown
        unfinished = {
            key: (e.delivery.state, e.delivery.attempts, e.delivery.slot, e.delivery.canceling)
            for key, e in found.items()
            if e.delivery.unfinished
        }
        assert unfinished == {
            (d.event, d.endpoint): (d.state, d.attempts, d.slot, d.canceling) for d in fold.unfinished()
        }
        # One entry of each: the same seen from the endpoint, and from the event.
        assert len(found) == len(list(entries(store, Window())))
        for endpoint in ("acme", "beta", "core"):
            mine = {(e.event.event, e.state) for e in entries(store, Window(endpoint=endpoint))}
            assert mine == {(key[0], e.state) for key, e in found.items() if key[1] == endpoint}
        for name in {key[0] for key in found}:
            told = of_event(store, name)
            assert told is not None
            assert {(e.delivery.endpoint, e.state) for e in told.entries} == {
                (key[1], e.state) for key, e in found.items() if key[0] == name
            }
        assert history.__doc__
        store.close()
        journal.appender.close()
