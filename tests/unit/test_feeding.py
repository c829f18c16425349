"""Replays are fed at their rate, never faster than lanes take, and none is left half done."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.delivery.feeding import QUEUED_AT_MOST, Feeder
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from support import attempt, canceled, control, event, folded, intake, item, replay, start


class Feeding:
    """A feeder, a clock, and lanes that are open or not and take what is fed."""

    def __init__(self, *replays: list[r.AnyRecord]) -> None:
        self.fold = folded(*(record for records in replays for record in records))
        self.feeder = Feeder(self.fold)
        self.now = 1000.0
        self.closed: set[str] = set()
        self.queued: list[Delivery] = []
        self.passed: list[tuple[str, str, str]] = []

    def feed(self, after: float = 1.0) -> list[str]:
        """The events that are fed now."""
        self.now += after
        fed, passed = self.feeder.feed(self.now, lambda name: name not in self.closed, self.waiting)
        for name, items in passed.items():
            self.apply(r.ReplayPassed("2026-04-15T14:32:00Z", replay=name, items=items))
            self.passed += items
        self.queued += fed
        return [delivery.event for delivery in fed]

    def waiting(self, endpoint: str) -> int:
        return sum(d.endpoint == endpoint and d.state == "pending" for d in self.queued)

    def apply(self, *records: r.AnyRecord) -> None:
        for record in records:
            self.fold.apply(record, 0, 0)

    def send(self, outcome: r.Outcome = "delivered") -> None:
        """Start and end all that is queued."""
        for d in self.queued:
            if d.state == "pending":
                number = d.attempts + 1
                self.apply(
                    start(d.event, d.endpoint, number, trigger="replay", replay=d.replay),
                    attempt(d.event, d.endpoint, outcome, number, replay=d.replay),
                )

    def busy(self) -> bool:
        return self.feeder.busy

    def state(self, name: str = "rpl_1") -> str:
        return self.fold.replays[name].state


def some(count: int, endpoint: str = "acme") -> list[r.ReplayItem]:
    return [item(f"evt_{n}", endpoint) for n in range(count)]


def test_nothing_is_fed_of_a_replay_that_hasnt_begun_is_paused_or_canceled() -> None:
    begun = replay("rpl_1", *some(3))
    for records in (begun[:1], [*begun, control("rpl_1", "pause")], [*begun, control("rpl_1", "cancel")]):
        feeding = Feeding(records)
        assert feeding.feed() == []
        assert not feeding.feeder.busy


def test_the_oldest_are_fed_first_each_once() -> None:
    feeding = Feeding(replay("rpl_1", *some(3)))
    assert feeding.feeder.busy
    assert feeding.feed() == ["evt_0", "evt_1", "evt_2"]
    assert feeding.feed() == []


def test_what_is_fed_goes_on_counting_attempts_and_belongs_to_its_replay() -> None:
    feeding = Feeding(replay("rpl_1", item("evt_1", "acme", attempts=6)))
    feeding.feed()
    (delivery,) = feeding.queued
    assert (delivery.attempts, delivery.slot, delivery.trigger, delivery.replay) == (6, 0, "replay", "rpl_1")


@pytest.mark.parametrize(("rate", "seconds", "count"), [(10.0, 5.0, 50), (0.5, 20.0, 10), (1.0, 10.0, 10)])
def test_the_rate_holds(rate: float, seconds: float, count: int) -> None:
    feeding = Feeding(replay("rpl_1", *some(1000), rate=rate))
    fed = len(feeding.feed(0.0))
    for _ in range(int(seconds / 0.02)):
        fed += len(feeding.feed(0.02))
        feeding.send()
    assert count - 1 <= fed <= count + max(rate, 1.0) + 1


def test_a_long_pause_of_the_clock_saves_no_more_than_a_second() -> None:
    feeding = Feeding(replay("rpl_1", *some(1000), rate=5.0))
    assert len(feeding.feed(3600.0)) == 5


def test_two_replays_have_a_rate_each() -> None:
    feeding = Feeding(replay("rpl_1", *some(100), rate=5.0), replay("rpl_2", *some(100, "beta"), rate=10.0))
    feeding.feed(1.0)
    assert Counter(d.replay for d in feeding.queued) == {"rpl_1": 5, "rpl_2": 10}


def test_no_more_are_queued_than_a_lane_takes() -> None:
    feeding = Feeding(replay("rpl_1", *some(500), *some(5, "beta"), rate=10_000.0))
    feeding.feed()
    assert feeding.waiting("acme") == QUEUED_AT_MOST
    assert feeding.waiting("beta") == 5
    feeding.send()
    feeding.feed()
    assert feeding.waiting("acme") == QUEUED_AT_MOST


def test_a_resting_endpoints_deliveries_are_passed_over() -> None:
    feeding = Feeding(replay("rpl_1", *some(2), item("evt_9", "beta")))
    feeding.closed = {"acme"}
    assert feeding.feed() == ["evt_9"]
    assert feeding.passed == [
        ("evt_0", "acme", "its endpoint is inactive or gone"),
        ("evt_1", "acme", "its endpoint is inactive or gone"),
    ]
    feeding.send()
    assert feeding.state() == "done"


def test_a_running_series_is_left_alone() -> None:
    running = (event("evt_0"), intake("evt_0", "acme"), start("evt_0", "acme"))
    feeding = Feeding([*running, *replay("rpl_1", *some(1))])
    assert feeding.feed() == []
    assert feeding.passed == [("evt_0", "acme", "another series of it is running")]


def test_a_series_of_another_replay_is_left_alone() -> None:
    feeding = Feeding(replay("rpl_1", *some(1)), replay("rpl_2", *some(1)))
    assert feeding.feed() == ["evt_0"]
    assert feeding.passed == [("evt_0", "acme", "another series of it is running")]
    feeding.send()
    assert (feeding.state("rpl_1"), feeding.state("rpl_2")) == ("done", "done")


def test_one_delivered_meanwhile_is_needless() -> None:
    feeding = Feeding(replay("rpl_1", *some(2), rate=1.0))
    assert feeding.feed() == ["evt_0"]
    feeding.apply(event("evt_1"), intake("evt_1", "acme"), start("evt_1", "acme"), attempt("evt_1", "acme"))
    assert feeding.feed() == []
    feeding.send()
    assert feeding.state() == "done"


def test_a_pause_holds_what_was_fed_and_not_started_and_a_resume_feeds_it_again() -> None:
    feeding = Feeding(replay("rpl_1", *some(3)))
    feeding.feed()
    feeding.apply(control("rpl_1", "pause"))
    assert feeding.busy()
    feeding.feed()
    assert [d.state for d in feeding.queued] == ["canceled"] * 3
    assert not list(feeding.fold.unfinished())
    assert not feeding.busy()
    feeding.apply(control("rpl_1", "resume"))
    assert feeding.feed() == ["evt_0", "evt_1", "evt_2"]


def test_a_cancel_stops_what_was_fed_and_not_started_and_lets_series_that_run_finish() -> None:
    feeding = Feeding(replay("rpl_1", *some(3)))
    feeding.feed()
    feeding.apply(start("evt_0", "acme", 2, trigger="replay", replay="rpl_1"))
    feeding.apply(control("rpl_1", "cancel"))
    feeding.feed()
    assert [d.state for d in feeding.queued] == ["sending", "canceled", "canceled"]
    assert feeding.feed() == []


def test_one_whose_endpoint_was_switched_off_before_it_started_is_passed_over() -> None:
    feeding = Feeding(replay("rpl_1", *some(2)))
    feeding.feed()
    feeding.closed = {"acme"}
    feeding.apply(canceled("acme", "evt_0", "evt_1"))
    feeding.feed()
    assert [reason for _, _, reason in feeding.passed] == ["its endpoint is inactive or gone"] * 2
    assert feeding.state() == "done"


def test_one_whose_endpoint_was_removed_before_it_started_is_passed_over_and_not_held() -> None:
    feeding = Feeding(replay("rpl_1", *some(2)))
    feeding.feed()
    feeding.closed = {"acme"}
    feeding.feed()
    assert feeding.state() == "done"
    assert not list(feeding.fold.unfinished())


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["feed", "send", "fail", "pause", "resume", "close", "open"]), st.integers(0, 1)
        ),
        max_size=30,
    )
)
def test_every_replay_comes_to_an_end(steps: list[tuple[str, int]]) -> None:
    """Whatever happens on the way; and each of its deliveries is counted once."""
    feeding = Feeding(
        replay("rpl_0", *some(4), *some(4, "beta"), rate=3.0), replay("rpl_1", *some(6), rate=2.0)
    )
    for step, n in steps:
        if step == "feed":
            feeding.feed()
        elif step in ("send", "fail"):
            feeding.send("failed" if step == "fail" else "delivered")
        elif step in ("pause", "resume"):
            feeding.apply(control(f"rpl_{n}", step))
        elif step == "close":
            feeding.closed.add(("acme", "beta")[n])
        else:
            feeding.closed.discard(("acme", "beta")[n])
    feeding.apply(control("rpl_0", "resume"), control("rpl_1", "resume"))
    for _ in range(40):
        feeding.feed()
        feeding.send("failed")
    assert (feeding.state("rpl_0"), feeding.state("rpl_1")) == ("done", "done")
    for name, total in (("rpl_0", 8), ("rpl_1", 6)):
        record = feeding.fold.replays[name].record
        assert record.delivered + record.failed + record.passed == total
    assert not list(feeding.fold.unfinished())
    assert not feeding.feeder.busy


def test_a_restart_feeds_again_what_had_not_started() -> None:
    begun = replay("rpl_1", *some(2))
    feeding = Feeding(begun)
    feeding.feed()
    feeding.apply(start("evt_0", "acme", 2, trigger="replay", replay="rpl_1"))
    again = Feeding([*begun, start("evt_0", "acme", 2, trigger="replay", replay="rpl_1")])
    assert isinstance(again.fold, Fold)
    assert again.feed() == ["evt_1"]


def test_an_attempt_is_numbered_behind_those_that_were_made_since_it_was_chosen() -> None:
    feeding = Feeding(replay("rpl_1", item("evt_1", "acme", 1)))
    feeding.apply(
        event("evt_1"),
        intake("evt_1", "acme"),
        start("evt_1", "acme", 2),
        attempt("evt_1", "acme", "failed", 2),
    )
    assert feeding.feed() == ["evt_1"]
    assert feeding.queued[0].attempts == 2
