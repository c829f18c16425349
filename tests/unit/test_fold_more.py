"""State = fold(journal): copies carried forward, replays, and what is known of the registry."""

import pytest
from msgspec import UNSET

from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Position
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
    item,
    only,
    registry,
    replay,
    standing,
    start,
    through_checkpoint,
)

# What was written once more after a failed sync


def test_an_event_written_again_is_where_it_was_written_last() -> None:
    fold = folded(event("evt_1"))
    fold.apply(event("evt_1"), 2, 20)
    assert (fold.untaken["evt_1"].segment, fold.untaken["evt_1"].offset) == (2, 20)
    fold.apply(intake("evt_1", "acme", "beta"), 2, 40)
    fold.apply(event("evt_1"), 3, 30)
    assert [(d.segment, d.offset) for d in fold.unfinished()] == [(3, 30)] * 2
    assert not fold.untaken


def test_an_event_written_again_is_still_known_to_have_been_had() -> None:
    """Its intake is damaged, the end of an attempt isn't."""
    fold = folded(event("evt_1"), attempt("evt_1", "acme"), event("evt_1"), intake("evt_1", "acme", "beta"))
    assert only(fold).endpoint == "beta"


def test_an_intake_of_a_copy_that_is_gone_means_the_one_that_is_there() -> None:
    fold = Fold()
    fold.apply(event("evt_1"), 3, 30)
    fold.apply(intake("evt_1", "acme", place=Position(2, 20)), 3, 40)
    assert (only(fold).segment, only(fold).offset) == (3, 30)


# What is carried forward


def test_a_carried_event_moves_and_changes_nothing_else() -> None:
    copy = event("evt_1", carried={"acme": r.Standing(1, 1, "retry")})
    fold = folded(*BEGUN, start("evt_1", "acme"), attempt("evt_1", "acme", "retrying", wait=9.0))
    due = only(fold).due
    fold.apply(copy, 7, 70)
    assert (only(fold).segment, only(fold).offset, only(fold).due) == (7, 70, due)


def test_a_carried_event_that_wasnt_taken_in_moves() -> None:
    fold = folded(event("evt_1"))
    fold.apply(event("evt_1", carried={}), 7, 70)
    assert (fold.untaken["evt_1"].segment, fold.untaken["evt_1"].offset) == (7, 70)


def test_a_carried_event_alone_has_its_unfinished_deliveries() -> None:
    """All that was before it has been trimmed away."""
    fold = folded(event("evt_1", carried={"acme": r.Standing(3, 2, "retry")}))
    assert (only(fold).attempts, only(fold).slot, only(fold).trigger) == (3, 2, "retry")
    assert (only(fold).segment, only(fold).offset) == (1, 0)


def test_a_carried_event_revives_nothing_that_had_ended() -> None:
    """It was canceled while the sender was carrying it."""
    copy = event("evt_1", carried={"acme": r.Standing(0, 0, "event")})
    assert not list(folded(*BEGUN, cancel("evt_1", "acme"), copy).unfinished())


# Replays


def test_a_replay_leaves_its_deliveries_as_they_are_until_they_start() -> None:
    fold = folded(*SENT, *replay("rpl_1", item("evt_1", "acme")))
    assert not list(fold.unfinished())
    fold.apply(start("evt_1", "acme", 2, trigger="replay", replay="rpl_1"), 1, 900)
    assert (only(fold).state, only(fold).attempts, only(fold).replay) == ("sending", 2, "rpl_1")


def test_a_replay_begins_with_the_operators_word() -> None:
    items, begin = replay("rpl_1", item("evt_1", "acme"))
    assert folded(items).replays["rpl_1"].state == "incoming"
    assert folded(items, begin).replays["rpl_1"].state == "running"


@pytest.mark.parametrize("end", [cancel("evt_1", "acme"), canceled("acme", "evt_1")])
def test_a_replay_is_done_when_its_last_series_is_canceled(end: r.AnyRecord) -> None:
    fold = folded(
        *SENT,
        *replay("rpl_1", item("evt_1", "acme")),
        start("evt_1", "acme", 2, trigger="replay", replay="rpl_1"),
        attempt("evt_1", "acme", "retrying", 2, wait=9.0),
        end,
    )
    assert (fold.replays["rpl_1"].state, fold.replays["rpl_1"].record.failed) == ("done", 1)


def test_a_repeated_replay_begins_nothing_anew() -> None:
    begun = replay("rpl_1", item("evt_1", "acme"))
    series = (start("evt_1", "acme", 2, replay="rpl_1"), attempt("evt_1", "acme", attempt=2))
    for again in (begun, begun[1:], [*begun, control("rpl_1", "cancel"), begun[1]]):
        fold = folded(*SENT, *begun, *series, *again)
        assert (fold.replays["rpl_1"].state, fold.replays["rpl_1"].record.delivered) == ("done", 1)


def test_a_checkpoint_has_all_of_a_delivery() -> None:
    fold = folded(*SENT, *replay("rpl_1", item("evt_1", "acme")))
    fold.apply(start("evt_1", "acme", 2, 5.0, slot=3, trigger="replay", replay="rpl_1"), 1, 900)
    fold.apply(cancel("evt_1", "acme"), 1, 950)
    only(fold).wait = 7.5
    assert standing(only(through_checkpoint(fold))) == standing(only(fold))
    assert through_checkpoint(fold).replays["rpl_1"].running == {("evt_1", "acme")}


def test_what_a_replay_is_to_start_is_not_in_a_checkpoint() -> None:
    """It is in memory alone: for the journal it has ended."""
    fold = folded(*SENT, *replay("rpl_1", item("evt_1", "acme")))
    fed = Delivery("evt_1", "acme", 1, 0, "replay", 1)
    fed.replay = "rpl_1"
    fold.add(fed)
    loaded = through_checkpoint(fold)
    assert not list(loaded.unfinished())
    assert list(loaded.replays["rpl_1"].remaining) == [("evt_1", "acme")]
    fold.apply(start("evt_1", "acme", 2, trigger="replay", replay="rpl_1"), 1, 900)
    assert only(through_checkpoint(fold)).state == "sending"


# The registry


def test_a_test_accepted_while_the_registry_was_written_stays_known() -> None:
    """A command tests a new URL; the sender's record of adopting it, made before that, stands behind."""
    seen = registry(acme=r.Known(tested="f0"))
    for tested in (
        event("evt_1", endpoint="acme", url="f1"),
        r.Change("2026-04-15T14:32:00Z", endpoint="acme", action="added", user="anna", tested="f1"),
    ):
        fold = folded(seen, tested, registry(acme=r.Known(tested="f0")))
        assert fold.known["acme"].tested == "f1"


def test_the_first_registry_waives_tests() -> None:
    assert folded(registry(acme=r.Known(tested="f1"))).known["acme"].tested == "f1"


def test_an_endpoint_that_returns_has_not_been_tested() -> None:
    fold = folded(registry(acme=r.Known(tested="f1")), registry("acme"), registry(acme=r.Known()))
    assert fold.known["acme"].tested == ""


def test_consent_lasts_until_the_removal() -> None:
    removal = r.Consent("2026-04-15T14:32:00Z", removed=["acme", "beta"], user="anna")
    fold = folded(registry(acme=r.Known(), beta=r.Known()), removal)
    assert fold.consented == {"acme", "beta"}
    fold.apply(registry("acme"), 1, 900)
    assert fold.consented == {"beta"}
    assert list(fold.known) == ["beta"]


def test_a_change_of_an_endpoint_takes_consent_back() -> None:
    def change(action: str) -> r.Change:
        return r.Change("2026-04-15T14:32:00Z", endpoint="acme", action=action, user="anna")  # type: ignore[arg-type]

    assert folded(change("removed")).consented == {"acme"}
    assert folded(change("removed"), change("added")).consented == set()


def test_the_first_registry_says_that_a_sender_ran() -> None:
    assert not folded(event("evt_1")).sender_ran
    assert folded(registry()).sender_ran
    assert event("evt_1").carried is UNSET


def test_an_attempt_that_is_all_that_is_left_of_a_delivery_keeps_it_going() -> None:
    fold = folded(event("evt_1"), attempt("evt_1", "acme", outcome="retrying", status=503, slot=1))
    assert only(fold).state == "retrying"
    assert only(fold).slot == 2
    fold = folded(event("evt_1"), attempt("evt_1", "acme", outcome="delivered"))
    assert not list(fold.unfinished())
    assert fold.untaken["evt_1"].seen == ("acme",)
