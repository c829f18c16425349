"""What became of deliveries, read backwards: newest first, as the fold has it, in the window asked for."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from telling import Story
from writing import Journal

from hookconsole.journal import history
from hookconsole.journal import records as r
from hookconsole.journal.history import Window, entries, of_event, select
from hookconsole.journal.store import Store
from simulation import STEPS, Simulation
from support import T0, at, attempt, cancel, canceled, event, intake, item, replay, retry, start


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "state" / "journal")


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


def test_it_says_when_although_the_attempt_before_is_too_old_to_be_shown(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "retrying")
    entry = story.only(horizon=T0 + 0.5)
    assert (entry.attempts, entry.next_attempt_at) == ([], at(1.1))
    story.put(retry("evt_1", "acme", 1, seconds=0.6))
    assert story.only().next_attempt_at is None, "at once"


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
