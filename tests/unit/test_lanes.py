"""Lanes: who may send next, and that nobody can keep another from it."""

import heapq
from collections import Counter, deque
from itertools import count
from math import inf

import pytest

from hookconsole.delivery.lanes import FAILING_PER_SECOND, SLOW_SECONDS, Lanes
from hookconsole.journal.deliveries import Delivery


class World:
    """Lanes, a clock, and receivers that answer after so many seconds, or not."""

    def __init__(self, concurrency: int = 64, limit: int = 8) -> None:
        self.lanes = Lanes(concurrency)
        self.limit = limit
        self.now = 100.0
        self.seconds: dict[str, float] = {}
        self.failing: set[str] = set()
        self.sent: list[tuple[float, str]] = []
        self.in_flight: Counter[str] = Counter()
        self._ends: list[tuple[float, int, Delivery]] = []
        self._numbers = count()

    def open(self, *names: str, seconds: float = 0.01, fails: bool = False) -> None:
        for name in names:
            self.seconds[name] = seconds
            if fails:
                self.failing.add(name)
            self.lanes.open(name, self.limit, self.now)

    def add(self, name: str, number: int = 1, due: float = 0.0, slot: int = 0) -> list[Delivery]:
        """Queue deliveries that are due in `due` seconds."""
        made = [Delivery(f"evt_{next(self._numbers)}", name, 1, 0) for _ in range(number)]
        for delivery in made:
            delivery.slot = slot
            delivery.state = "retrying" if slot else "pending"
            self.lanes.add(delivery, self.now + due, self.now)
        return made

    def prove(self, *names: str) -> None:
        """Have these answer once, quickly."""
        for name in names:
            seconds, self.seconds[name] = self.seconds[name], 0.01
            self.add(name)
            self.run(1.0)
            self.seconds[name] = seconds
        self.sent.clear()

    def take(self) -> list[str]:
        """Send all that may be sent now."""
        taken = []
        while (delivery := self.lanes.take(self.now)) is not None:
            delivery.state = "sending"
            name = delivery.endpoint
            taken.append(name)
            self.in_flight[name] += 1
            self.sent.append((self.now, name))
            heapq.heappush(self._ends, (self.now + self.seconds[name], next(self._numbers), delivery))
        return taken

    def run(self, seconds: float) -> None:
        """Let time pass, looking only when an attempt ends or the lanes say so."""
        until = self.now + seconds
        self.take()
        while True:
            due = min(self._ends[0][0] if self._ends else inf, self.lanes.next_wake_up())
            if due > until:
                break
            self.now = max(due, self.now)
            while self._ends and self._ends[0][0] <= self.now:
                self.end(heapq.heappop(self._ends)[2])
            self.take()
        self.now = until

    def end(self, delivery: Delivery) -> None:
        name = delivery.endpoint
        self.in_flight[name] -= 1
        failed = name in self.failing
        delivery.state = "failed" if failed else "delivered"
        self.lanes.done(name, success=not failed, seconds=self.seconds[name], now=self.now)

    def count(self, since: float = 0.0) -> Counter[str]:
        return Counter(name for at, name in self.sent if at >= since)


def names(number: int) -> list[str]:
    return [f"e{n:03}" for n in range(number)]


# Order and limits


def test_a_lane_sends_in_the_order_of_acceptance() -> None:
    world = World(concurrency=1)
    world.open("acme")
    made = world.add("acme", 5)
    taken = deque[Delivery]()
    while (delivery := world.lanes.take(world.now)) is not None:
        taken.append(delivery)
        delivery.state = "delivered"
        world.lanes.done("acme", success=True, seconds=0.01, now=world.now)
    assert list(taken) == made


def test_a_lanes_limit_holds() -> None:
    world = World(limit=3)
    world.open("acme", seconds=9.0)
    world.prove("acme")
    world.add("acme", 10)
    assert world.take() == ["acme"] * 3


def test_a_new_limit_holds_from_then_on() -> None:
    world = World(limit=3)
    world.open("acme", seconds=9.0)
    world.prove("acme")
    world.add("acme", 10)
    world.take()
    world.lanes.open("acme", 5, world.now)
    assert world.take() == ["acme"] * 2
    world.lanes.open("acme", 1, world.now)
    world.run(9.5)
    assert world.in_flight["acme"] == 1


@pytest.mark.parametrize("concurrency", [1, 2, 3, 64])
def test_all_is_sent_with_any_concurrency(concurrency: int) -> None:
    world = World(concurrency)
    world.open("alone", seconds=0.01)
    world.add("alone", 10)
    world.run(60.0)
    assert world.count() == {"alone": 10}
    world.sent.clear()
    world.open("acme", "beta", seconds=0.01)
    world.open("core", seconds=2.0)
    for name in ("acme", "beta", "core"):
        world.add(name, 10)
    world.run(60.0)
    assert world.count() == {"acme": 10, "beta": 10, "core": 10}


def test_due_retries_and_fresh_ones_alternate() -> None:
    world = World(concurrency=1, limit=1)
    world.open("acme")
    retries = {delivery.event for delivery in world.add("acme", 4, slot=1)}
    world.add("acme", 4)
    kinds = []
    while (delivery := world.lanes.take(world.now)) is not None:
        kinds.append(delivery.event in retries)
        world.lanes.done("acme", success=True, seconds=0.01, now=world.now)
    assert kinds in ([True, False] * 4, [False, True] * 4)


def test_a_retry_waits_for_its_time_and_wakes_the_lane() -> None:
    world = World()
    world.open("acme")
    world.add("acme", due=5.0, slot=1)
    world.add("acme", due=2.0, slot=1)
    assert world.take() == []
    assert world.lanes.next_wake_up() == world.now + 2.0
    world.run(10.0)
    assert [at for at, _ in world.sent] == [102.0, 105.0]


def test_nothing_waits_in_an_empty_world() -> None:
    world = World()
    assert world.take() == []
    assert world.lanes.next_wake_up() == inf
    world.open("acme")
    assert world.take() == []
    assert world.lanes.next_wake_up() == inf


# Old queue entries


def test_a_delivery_queued_again_is_sent_once() -> None:
    world = World()
    world.open("acme")
    (delivery,) = world.add("acme", due=60.0, slot=1)
    world.lanes.add(delivery, world.now, world.now)
    assert world.take() == ["acme"]
    world.run(120.0)
    assert len(world.sent) == 1


@pytest.mark.parametrize("due", [0.0, 5.0])
@pytest.mark.parametrize("state", ["canceled", "delivered", "sending"])
def test_one_that_waits_no_longer_is_not_sent(state: str, due: float) -> None:
    world = World()
    world.open("acme")
    ended, waiting = world.add("acme", 2, due=due)
    ended.state = state  # type: ignore[assignment]
    world.run(20.0)
    assert len(world.sent) == 1
    assert waiting.state == "delivered"


# Closing, opening, pausing


def test_a_closed_lane_drops_its_queue_and_takes_none() -> None:
    world = World()
    world.open("acme")
    world.add("acme", 3)
    world.lanes.close("acme")
    world.add("acme", 3)
    assert not world.lanes.is_open("acme")
    assert world.lanes.waiting("acme") == 0
    assert world.take() == []


def test_a_lane_closed_and_opened_with_attempts_in_flight_keeps_count_of_them() -> None:
    world = World(limit=2)
    world.open("acme", seconds=5.0)
    world.prove("acme")
    world.add("acme", 5)
    world.take()
    world.lanes.close("acme")
    world.open("acme", seconds=5.0)
    world.add("acme", 5)
    assert world.take() == []
    world.run(5.0)
    assert world.in_flight["acme"] == 2
    world.run(60.0)
    assert (world.lanes.in_flight, world.lanes.on_probation) == (0, 0)
    assert world.count()["acme"] == 7


def test_attempts_in_flight_of_a_closed_lane_end_and_it_is_gone() -> None:
    world = World()
    world.open("acme", seconds=5.0)
    world.add("acme", 2)
    world.take()
    world.lanes.close("acme")
    assert world.lanes.names() == ["acme"]
    world.run(10.0)
    assert world.lanes.names() == []
    assert world.lanes.in_flight == 0


def test_a_paused_lane_keeps_its_queue() -> None:
    world = World()
    world.open("acme")
    world.add("acme", 3)
    world.lanes.pause("acme", True, world.now)
    assert world.lanes.paused() == ["acme"]
    world.run(10.0)
    assert world.sent == []
    world.lanes.pause("acme", False, world.now)
    world.run(10.0)
    assert len(world.sent) == 3


def test_a_lane_that_is_closed_while_paused_is_not_paused_when_it_opens() -> None:
    world = World()
    world.open("acme", seconds=5.0)
    world.prove("acme")
    world.add("acme")
    world.take()
    world.lanes.pause("acme", True, world.now)
    world.lanes.close("acme")
    world.lanes.pause("acme", True, world.now)
    world.open("acme", seconds=5.0)
    world.add("acme")
    assert world.take() == ["acme"]


def test_lanes_that_arent_there_are_no_matter() -> None:
    lanes = Lanes(4)
    lanes.close("acme")
    lanes.pause("acme", True, 0.0)
    assert (lanes.waiting("acme"), lanes.is_open("acme"), lanes.paused()) == (0, False, [])


# Fairness


def test_lanes_take_turns() -> None:
    world = World(concurrency=8, limit=8)
    world.open("acme", "beta", seconds=1e9)
    world.prove("acme", "beta")
    world.add("acme", 100)
    world.add("beta", 100)
    assert world.take() == ["acme", "beta"] * 3  # and leave the slots that they have no more than


def test_a_hundred_thousand_waiting_hold_up_nobody() -> None:
    world = World()
    world.open("acme", "beta")
    world.prove("acme", "beta")
    world.add("acme", 100_000)
    world.run(0.1)
    world.add("beta")
    before = world.now
    world.run(0.02)
    assert world.count(before)["beta"] == 1


@pytest.mark.parametrize(("hanging", "each"), [(1, 8), (3, 8), (7, 4), (20, 1), (500, 1)])
def test_lanes_that_hang_have_one_attempt_at_first_then_their_share_of_half_the_slots(
    hanging: int, each: int
) -> None:
    world = World()
    world.open("healthy")
    world.prove("healthy")
    world.open(*names(hanging), seconds=10.0, fails=True)
    for name in names(hanging):
        world.add(name, 50)
    world.run(9.0)
    assert world.lanes.in_flight == min(hanging, 32)
    for _ in range(3):
        world.run(9.0)
        assert world.lanes.in_flight <= 32
        assert max(lane.in_flight for lane in world.lanes._lanes.values()) <= each
    assert world.lanes.in_flight >= min(hanging, 20)
    world.add("healthy", 100)
    assert world.take() == ["healthy"] * 8


def test_a_lane_that_has_just_answered_does_not_wait_behind_those_that_hang() -> None:
    world = World(concurrency=8)
    world.open("back")
    world.open(*names(4), seconds=10.0)
    for name in ("back", "e000", "e001", "e002"):
        world.add(name)
    assert sorted(world.take()) == ["back", "e000", "e001", "e002"]
    world.add("e003")
    world.add("back", 2)
    assert world.take() == []
    world.run(0.01)
    assert world.count(100.005) == {"back": 2, "e003": 1}


@pytest.mark.parametrize("hanging", [1, 3, 7, 20, 40])
def test_healthy_lanes_that_begin_to_hang_together_leave_slots(hanging: int) -> None:
    world = World()
    world.open("healthy", *names(hanging))
    world.prove("healthy", *names(hanging))
    for name in names(hanging):
        world.seconds[name] = 10.0
        world.failing.add(name)
        world.add(name, 1000)
    world.run(5.0)
    world.add("healthy", 1000)
    before = world.now
    world.run(1.0)
    # 10 ms an attempt: 100 a second with one slot.
    assert world.count(before)["healthy"] >= 95


def test_hanging_lanes_cost_a_healthy_one_no_time() -> None:
    world = World()
    world.open("healthy")
    world.prove("healthy")
    world.open(*names(20), seconds=10.0, fails=True)
    for name in names(20):
        world.add(name, 1000)
    waits = []
    for _ in range(600):
        world.add("healthy")
        before = world.now
        world.run(0.1)
        waits += [at - before for at, name in world.sent if name == "healthy" and at >= before]
    assert (len(waits), max(waits)) == (600, 0.0)


def test_one_that_hangs_alone_may_have_its_whole_limit() -> None:
    world = World(concurrency=16, limit=8)
    world.open("acme", seconds=10.0, fails=True)
    world.add("acme", 100)
    world.run(9.0)
    assert world.in_flight["acme"] == 8


def test_a_slow_lane_is_on_probation_and_a_quick_answer_ends_it() -> None:
    world = World(concurrency=8, limit=8)
    world.open("slow", seconds=SLOW_SECONDS)
    world.add("slow")
    world.run(2.0)
    world.add("slow", 10)
    assert len(world.take()) == 4
    world.run(20.0)
    world.prove("slow")
    world.add("slow", 10)
    assert len(world.take()) == 8


def test_a_lane_is_proven_again_after_its_first_success() -> None:
    world = World()
    world.open("acme", fails=True)
    world.prove("acme")
    assert world.lanes.on_probation == 0
    world.failing.clear()
    world.prove("acme")
    world.add("acme", 8)
    world.take()
    assert (world.lanes.in_flight, world.lanes.on_probation) == (8, 0)


def test_a_failing_lane_starts_so_many_a_second() -> None:
    world = World()
    world.open("dead", seconds=0.0001, fails=True)
    world.add("dead", 100_000)
    world.run(0.1)
    before = world.now
    world.run(2.0)
    assert world.count(before)["dead"] <= 2 * FAILING_PER_SECOND + 1
    assert world.count(before)["dead"] >= 2 * FAILING_PER_SECOND * 0.9


def test_a_lane_that_answers_again_goes_at_full_speed() -> None:
    world = World()
    world.open("acme", seconds=0.001, fails=True)
    world.add("acme", 10_000)
    world.run(1.0)
    world.failing.clear()
    before = world.now
    world.run(1.0)
    assert world.count(before)["acme"] > 5000


def test_every_lane_of_a_thousand_is_served() -> None:
    world = World()
    world.open(*names(1000))
    world.open("dead", seconds=10.0, fails=True)
    world.add("dead", 10_000)
    for name in names(1000):
        world.add(name, 3)
    world.run(20.0)
    served = world.count()
    assert all(served[name] == 3 for name in names(1000))
