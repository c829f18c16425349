"""One delivery and its transitions: what each record does to it, and what none may do."""

import pytest

from hookconsole.journal.deliveries import Delivery, State
from hookconsole.journal.records import Outcome, Started
from support import T0, at, attempt


def waiting(state: State = "pending", slot: int = 0, attempts: int = 0) -> Delivery:
    delivery = Delivery("evt_1", "acme", 1, 0, attempts=attempts)
    delivery.state, delivery.slot = state, slot
    return delivery


def sending(slot: int = 0, attempts: int = 1) -> Delivery:
    delivery = waiting(slot=slot, attempts=attempts - 1)
    started = Started(event="evt_1", endpoint="acme", attempt=attempts, slot=slot, trigger="event")
    delivery.start(started, T0)
    return delivery


def test_a_start_makes_it_sending() -> None:
    delivery = sending(slot=2, attempts=3)
    assert (delivery.state, delivery.attempts, delivery.slot, delivery.due) == ("sending", 3, 2, T0)


def test_a_start_repeated_after_its_end_changes_nothing() -> None:
    delivery = sending()
    delivery.end(attempt("evt_1", "acme", "retrying", wait=1.0))
    delivery.start(Started(event="evt_1", endpoint="acme", attempt=1), T0)
    assert (delivery.state, delivery.slot) == ("retrying", 1)


def test_a_retry_is_due_after_its_wait_at_the_next_place() -> None:
    delivery = sending()
    delivery.end(attempt("evt_1", "acme", "retrying", seconds=5.0, wait=2.0))
    assert (delivery.state, delivery.slot, delivery.trigger) == ("retrying", 1, "retry")
    assert delivery.wait == pytest.approx(2.0, abs=1e-5)
    assert delivery.due == pytest.approx(T0 + 7.1, abs=1e-5)


def test_an_unreadable_secret_consumes_no_retry() -> None:
    delivery = sending(slot=3)
    delivery.end(attempt("evt_1", "acme", "retrying", slot=3, status=None, error="config"))
    assert (delivery.state, delivery.slot, delivery.wait) == ("retrying", 3, 0.0)


@pytest.mark.parametrize(("slot", "state"), [(0, "pending"), (3, "retrying")])
def test_an_interrupted_attempt_is_made_again_in_its_place(slot: int, state: State) -> None:
    delivery = sending(slot=slot, attempts=4)
    delivery.end(attempt("evt_1", "acme", "interrupted", 4, slot=slot, status=None, error="reset"))
    assert (delivery.state, delivery.slot, delivery.attempts, delivery.wait) == (state, slot, 4, 0.0)


@pytest.mark.parametrize("outcome", ["delivered", "failed", "canceled"])
def test_a_final_outcome_is_the_state(outcome: State) -> None:
    delivery = sending()
    delivery.end(attempt("evt_1", "acme", outcome))  # type: ignore[arg-type]  # a state of the same name
    assert delivery.state == outcome
    assert not delivery.unfinished


def test_a_manual_retry_of_a_waiting_one_takes_its_place_now() -> None:
    delivery = waiting("retrying", slot=2, attempts=2)
    assert delivery.retry(2, T0)
    assert (delivery.state, delivery.slot, delivery.trigger) == ("retrying", 2, "manual")
    assert (delivery.due, delivery.wait) == (T0, 0.0)


def test_a_manual_retry_of_one_being_sent_does_nothing() -> None:
    delivery = sending(slot=2, attempts=3)
    assert not delivery.retry(3, T0 + 9)
    assert (delivery.state, delivery.trigger, delivery.due) == ("sending", "event", T0)


@pytest.mark.parametrize("state", ["delivered", "failed", "canceled", "skipped"])
def test_a_manual_retry_of_an_ended_one_is_a_new_series(state: State) -> None:
    delivery = waiting(state, slot=5, attempts=6)
    delivery.replay = "rpl_1"
    assert delivery.retry(6, T0)
    assert (delivery.state, delivery.slot, delivery.attempts, delivery.replay) == ("pending", 0, 6, "")


def test_a_retry_decided_before_another_series_ended_does_nothing() -> None:
    delivery = waiting("failed", attempts=7)
    assert not delivery.retry(6, T0)
    assert delivery.state == "failed"


@pytest.mark.parametrize("state", ["pending", "retrying"])
def test_a_cancel_ends_a_waiting_one(state: State) -> None:
    delivery = waiting(state)
    delivery.cancel()
    assert delivery.state == "canceled"


@pytest.mark.parametrize("state", ["delivered", "failed", "skipped"])
def test_a_cancel_leaves_an_ended_one_as_it_is(state: State) -> None:
    delivery = waiting(state)
    delivery.cancel()
    assert delivery.state == state


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("delivered", "delivered"), ("retrying", "canceled"), ("interrupted", "canceled"), ("failed", "failed")],
)
def test_a_cancel_while_sending_counts_after_the_attempt_unless_that_ends_it(
    outcome: Outcome, state: State
) -> None:
    """Also when the sender had decided on a retry before it read of the cancel, or died."""
    delivery = sending()
    delivery.cancel()
    assert delivery.state == "sending"
    delivery.end(attempt("evt_1", "acme", outcome, wait=1.0 if outcome == "retrying" else None))
    assert delivery.state == state


@pytest.mark.parametrize(("replay", "canceling"), [("", True), ("rpl_1", False)])
def test_a_start_behind_a_cancel_ends_with_its_attempt_but_a_replay_begins_anew(
    replay: str, canceling: bool
) -> None:
    delivery = waiting()
    delivery.cancel()
    delivery.start(Started(event="evt_1", endpoint="acme", attempt=1, replay=replay), T0)
    assert (delivery.state, delivery.canceling) == ("sending", canceling)


def test_a_cancel_of_a_replay_holds_for_the_attempt_that_it_came_too_late_for() -> None:
    delivery = waiting(attempts=1)
    delivery.start(Started(event="evt_1", endpoint="acme", attempt=2, trigger="replay", replay="rpl_1"), T0)
    delivery.end(attempt("evt_1", "acme", "retrying", 2, wait=1.0))
    delivery.cancel()
    again = Started(event="evt_1", endpoint="acme", attempt=3, slot=1, trigger="retry", replay="rpl_1")
    delivery.start(again, T0)
    assert (delivery.state, delivery.canceling) == ("sending", True)


def test_a_replay_of_one_that_a_cancel_came_too_late_for_is_not_canceled() -> None:
    delivery = sending()
    delivery.cancel()
    delivery.end(attempt("evt_1", "acme", "failed"))
    delivery.start(Started(event="evt_1", endpoint="acme", attempt=2, replay="rpl_1"), T0)
    assert not delivery.canceling


def test_a_wait_is_never_negative() -> None:
    delivery = sending()
    delivery.end(attempt("evt_1", "acme", "retrying", next_attempt_at=at(-50.0)))
    assert delivery.wait == 0.0
