"""Whatever happens to lanes, in whatever order: limits hold, counts are right, nothing is forgotten."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hookconsole.delivery.lanes import Lanes
from hookconsole.journal.deliveries import WAITING, Delivery

NAMES = st.sampled_from(["acme", "beta", "core"])


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.lanes = Lanes(1)
        self.now = 0.0
        self.limits: dict[str, int] = {}
        self.open: set[str] = set()
        self.paused: set[str] = set()
        self.queued: list[tuple[float, Delivery]] = []
        self.in_flight: list[Delivery] = []
        self.number = 0

    @rule(name=NAMES, limit=st.integers(1, 3))
    def open_lane(self, name: str, limit: int) -> None:
        if name not in self.open:
            self.paused.discard(name)
        self.lanes.open(name, limit, self.now)
        self.limits[name] = limit
        self.open.add(name)

    @rule(name=NAMES)
    def close_lane(self, name: str) -> None:
        self.lanes.close(name)
        self.open.discard(name)
        self.queued = [entry for entry in self.queued if entry[1].endpoint != name]

    @rule(name=NAMES, paused=st.booleans())
    def pause(self, name: str, paused: bool) -> None:
        if name in self.open:
            self.lanes.pause(name, paused, self.now)
            (self.paused.add if paused else self.paused.discard)(name)

    @initialize(concurrency=st.integers(1, 6))
    def begin(self, concurrency: int) -> None:
        self.lanes.concurrency = concurrency
        for name in ("acme", "beta"):
            self.open_lane(name, 3)

    @rule(concurrency=st.integers(1, 6))
    def configure(self, concurrency: int) -> None:
        self.lanes.concurrency = concurrency

    @rule(name=NAMES, due=st.sampled_from([0.0, 0.0, 1.0, 5.0]), slot=st.integers(0, 2))
    def add(self, name: str, due: float, slot: int) -> None:
        self.number += 1
        delivery = Delivery(f"evt_{self.number}", name, 1, 0)
        delivery.slot = slot
        self.lanes.add(delivery, self.now + due, self.now)
        if name in self.open:
            self.queued.append((self.now + due, delivery))

    @precondition(lambda self: self.queued)
    @rule(n=st.integers(0), due=st.sampled_from([0.0, 2.0]))
    def add_again(self, n: int, due: float) -> None:
        _, delivery = self.queued.pop(n % len(self.queued))
        self.lanes.add(delivery, self.now + due, self.now)
        self.queued.append((self.now + due, delivery))

    @precondition(lambda self: self.queued)
    @rule(n=st.integers(0))
    def cancel(self, n: int) -> None:
        self.queued.pop(n % len(self.queued))[1].state = "canceled"

    @rule()
    def take(self) -> None:
        while (delivery := self.lanes.take(self.now)) is not None:
            due = next(due for due, each in self.queued if each is delivery)
            assert due <= self.now
            assert delivery.state in WAITING
            assert delivery.endpoint in self.open - self.paused
            self.queued = [entry for entry in self.queued if entry[1] is not delivery]
            delivery.state = "sending"
            self.in_flight.append(delivery)
            assert len(self.in_flight) <= self.lanes.concurrency
            mine = [d for d in self.in_flight if d.endpoint == delivery.endpoint]
            assert len(mine) <= self.limits[delivery.endpoint]

    @precondition(lambda self: self.in_flight)
    @rule(n=st.integers(0), success=st.booleans(), seconds=st.sampled_from([0.01, 3.0]))
    def end(self, n: int, success: bool, seconds: float) -> None:
        delivery = self.in_flight.pop(n % len(self.in_flight))
        delivery.state = "delivered" if success else "failed"
        self.lanes.done(delivery.endpoint, success=success, seconds=seconds, now=self.now)

    @rule(name=NAMES, success=st.booleans(), seconds=st.sampled_from([0.01, 3.0]))
    def attempt(self, name: str, success: bool, seconds: float) -> None:
        """By chance alone, few histories would have several answers of one lane."""
        self.add(name, 0.0, 0)
        self.take()
        if self.in_flight:
            self.end(0, success, seconds)

    @rule(seconds=st.sampled_from([0.001, 0.5, 4.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def drain(self) -> None:
        """Looking only when an attempt ends or the lanes say so, everything is sent."""
        self.take()
        while self.in_flight or self.lanes.next_wake_up() < 1e9:
            while self.in_flight:
                self.end(0, success=True, seconds=0.01)
                self.take()
            if (due := self.lanes.next_wake_up()) < 1e9:
                self.now = max(self.now, due)
                self.take()
        assert [d.event for _, d in self.queued if d.endpoint not in self.paused] == []

    @invariant()
    def counts_are_right(self) -> None:
        assert self.lanes.in_flight == len(self.in_flight)
        assert 0 <= self.lanes.on_probation <= self.lanes.in_flight
        lanes = self.lanes._lanes.values()
        assert self.lanes._troubled == sum(lane.troubled for lane in lanes)
        assert self.lanes.on_probation == sum(lane.in_flight for lane in lanes if not lane.proven)
        for name in NAMES.elements:  # type: ignore[attr-defined]
            assert self.lanes.is_open(name) == (name in self.open)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
