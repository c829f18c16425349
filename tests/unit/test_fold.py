"""State = fold(journal): what records in their order say, whatever crashes and several writers make of it."""

import pytest

from hookconsole.journal import fold as fold_module
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from support import (
    BEGUN,
    SENT,
    attempt,
    cancel,
    canceled,
    control,
    event,
    folded,
    intake,
    only,
    retry,
    start,
)


def test_an_accepted_event_waits_to_be_taken_in() -> None:
    fold = folded(event("evt_1"), event("evt_2"))
    assert list(fold.untaken) == ["evt_1", "evt_2"]
    assert not list(fold.unfinished())


def test_taken_in_it_is_a_delivery_for_each_subscriber() -> None:
    fold = folded(event("evt_1"), intake("evt_1", "acme", "beta", skipped=["core"]))
    assert not fold.untaken
    assert {(d.endpoint, d.state) for d in fold.unfinished()} == {("acme", "pending"), ("beta", "pending")}


def test_an_ended_delivery_is_forgotten_but_for_its_attempts() -> None:
    fold = folded(*SENT)
    assert fold.deliveries == {}
    assert fold.attempts_known("evt_1", "acme") == 1


def test_one_that_ends_takes_no_other_of_its_endpoint_with_it() -> None:
    fold = folded(*SENT, event("evt_2"), intake("evt_2", "acme"), event("evt_3"), intake("evt_3", "acme"))
    for record in (start("evt_2", "acme"), attempt("evt_2", "acme")):
        fold.apply(record, 1, 0)
    assert [d.event for d in fold.unfinished()] == ["evt_3"]


def test_each_attempt_counts_once_however_late_it_is_recorded() -> None:
    once = folded(
        *BEGUN,
        start("evt_1", "acme"),
        attempt("evt_1", "acme", "retrying", wait=1.0),
        start("evt_1", "acme", 2, slot=1),
    )
    assert once.totals.dump() != {}
    counted = once.totals.dump()
    once.apply(attempt("evt_1", "acme", "retrying", wait=1.0), 1, 0)
    assert once.totals.dump() == counted
    once.apply(attempt("evt_1", "acme", "delivered", 2, slot=1), 1, 0)
    assert once.totals.dump() != counted
    assert once.last["acme"].outcome == "delivered"


def test_so_many_ended_ones_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_module, "ENDED_REMEMBERED", 2)
    fold = Fold()
    for name in ("evt_1", "evt_2", "evt_3"):
        for record in (event(name), intake(name, "acme"), start(name, "acme"), attempt(name, "acme")):
            fold.apply(record, 1, 0)
    assert [fold.attempts_known(f"evt_{n}", "acme") for n in (1, 2, 3)] == [0, 1, 1]


def test_a_start_without_an_end_is_sending() -> None:
    assert only(folded(*BEGUN, start("evt_1", "acme", seconds=3.0))).state == "sending"


def test_an_outcome_wins_over_an_earlier_attempt_that_is_recorded_late() -> None:
    fold = folded(
        *BEGUN,
        start("evt_1", "acme"),
        attempt("evt_1", "acme", "retrying", wait=1.0),
        start("evt_1", "acme", 2, slot=1),
        attempt("evt_1", "acme", "interrupted", 1),
    )
    assert (only(fold).state, only(fold).attempts, only(fold).slot) == ("sending", 2, 1)


def test_a_lost_intake_costs_no_delivery_that_was_made() -> None:
    """What was sent before the intake's line was lost isn't sent again, the rest is."""
    fold = folded(
        event("evt_1"),
        start("evt_1", "acme"),
        attempt("evt_1", "acme"),
        attempt("evt_1", "acme"),
        intake("evt_1", "acme", "beta"),
    )
    assert [d.endpoint for d in fold.unfinished()] == ["beta"]


def test_a_lost_start_is_no_matter() -> None:
    fold = folded(*BEGUN, attempt("evt_1", "acme", "retrying", wait=1.0))
    assert (only(fold).state, only(fold).slot, only(fold).attempts) == ("retrying", 1, 1)


@pytest.mark.parametrize("repeated", range(len(SENT)))
def test_a_repeated_record_is_harmless_when_all_has_ended(repeated: int) -> None:
    fold, once = folded(*SENT, SENT[repeated]), folded(*SENT)
    assert not list(fold.unfinished())
    assert not fold.untaken
    assert fold.totals.dump() == once.totals.dump()


def test_a_repeated_group_is_harmless() -> None:
    """A sync failed: what was unconfirmed stands in two segments."""
    assert not list(folded(*SENT, *SENT[1:]).unfinished())
    assert not list(folded(*SENT, *SENT[1:3]).unfinished())


def test_a_repeated_test_is_one_delivery() -> None:
    waiting: list[Delivery] = []
    fold = Fold()
    fold.on_waiting = waiting.append
    for offset in (0, 500):
        fold.apply(event("evt_1", endpoint="acme", url="f1"), 1, offset)
    assert waiting == [only(fold)]
    assert fold.known["acme"].tested == "f1"


def test_records_about_something_unknown_change_nothing() -> None:
    fold = folded(
        start("evt_0", "acme"),
        cancel("evt_0", "acme"),
        canceled("acme", "evt_0"),
        control("rpl_0", "pause"),
        r.ReplayPassed("2026-04-15T14:32:00Z", replay="rpl_0", items=[("evt_0", "acme", "")]),
        r.Sender("2026-04-15T14:32:00Z", state="started", pid=1, mode="daemon", user="anna"),
    )
    assert not list(fold.unfinished())


def test_a_cancel_while_it_is_sent_counts_when_the_attempt_fails() -> None:
    sent = (*BEGUN, start("evt_1", "acme"), cancel("evt_1", "acme"))
    assert only(folded(*sent)).canceling
    assert not list(folded(*sent, attempt("evt_1", "acme", "canceled")).unfinished())
    assert not list(folded(*sent, attempt("evt_1", "acme", "interrupted")).unfinished())


def test_an_attempt_that_began_before_the_cancel_was_read_is_known_as_sent() -> None:
    """The sender had taken it: its start stands behind the cancel, and its end may never come."""
    fold = folded(*BEGUN, cancel("evt_1", "acme"), start("evt_1", "acme"))
    assert (only(fold).state, only(fold).canceling) == ("sending", True)


def test_switching_off_cancels_what_waits_of_that_endpoint() -> None:
    fold = folded(event("evt_1"), intake("evt_1", "acme", "beta"), canceled("acme", "evt_1"))
    assert only(fold).endpoint == "beta"


def test_a_retry_of_an_ended_one_waits_anew_where_its_event_is() -> None:
    waiting: list[Delivery] = []
    fold = folded(*SENT)
    fold.on_waiting = waiting.append
    fold.apply(retry("evt_1", "acme", 1), 1, 900)
    assert waiting == [only(fold)]
    assert (only(fold).attempts, only(fold).slot, only(fold).trigger) == (1, 0, "manual")


def test_two_operators_retry_is_one_series() -> None:
    again = (retry("evt_1", "acme", 1), start("evt_1", "acme", 2), attempt("evt_1", "acme", attempt=2))
    assert not list(folded(*SENT, *again, retry("evt_1", "acme", 1)).unfinished())


def test_a_test_waits_for_its_own_endpoint_and_counts_nowhere() -> None:
    test = event("evt_1", endpoint="acme", url="f1")
    assert (only(folded(test)).trigger, only(folded(test)).endpoint) == ("test", "acme")
    fold = folded(test, start("evt_1", "acme", trigger="test"), attempt("evt_1", "acme", test=True))
    assert not fold.last
    assert fold.totals.dump() == {}


def test_an_interrupted_attempt_counts_nowhere() -> None:
    fold = folded(*BEGUN, start("evt_1", "acme"), attempt("evt_1", "acme", "interrupted"))
    assert not fold.last
    assert fold.totals.dump() == {}


def test_the_newest_attempt_is_remembered() -> None:
    fold = folded(
        *BEGUN, attempt("evt_1", "acme", "failed", status=None, error="dns", error_detail="no name")
    )
    last = fold.last["acme"]
    assert (last.outcome, last.status, last.error, last.detail) == ("failed", None, "dns", "no name")
