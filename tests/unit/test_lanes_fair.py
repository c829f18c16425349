"""Fairness of lanes: however others hang, fail or wait, nobody is kept from sending."""

from collections import Counter

import pytest
from lanes_world import World, names

from hookconsole.delivery.lanes import SLOW_SECONDS


def test_lanes_take_turns() -> None:
    world = World(concurrency=8, limit=8)
    world.open("acme", "beta", seconds=1e9)
    world.prove("acme", "beta")
    world.add("acme", 100)
    world.add("beta", 100)
    assert world.take() == ["acme", "beta"] * 3  # and leave the slots that they have no more than


def test_one_that_now_fails_and_now_answers_gets_no_more_turns_than_others() -> None:
    world = World(concurrency=16)
    world.open("acme", "beta")
    world.prove("acme", "beta")
    world.add("acme", 500)
    world.add("beta", 500)
    world.take()
    for number, delivery in enumerate([each for each in world.flying() if each.endpoint == "acme"][1:]):
        delivery.state = "delivered"
        world.lanes.done("acme", success=number % 2 == 1, seconds=0.01, now=world.now)
    for delivery in [each for each in world.flying() if each.state == "sending"]:
        delivery.state = "delivered"
        world.lanes.done(delivery.endpoint, success=True, seconds=0.01, now=world.now)
    world.now += 1.0
    turns = Counter[str]()
    for _ in range(100):
        taken = world.lanes.take(world.now)
        assert taken is not None
        turns[taken.endpoint] += 1
        taken.state = "delivered"
        world.lanes.done(taken.endpoint, success=True, seconds=0.01, now=world.now)
    assert turns == {"acme": 50, "beta": 50}


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


@pytest.mark.parametrize(("hanging", "each"), [(1, 8), (4, 8), (7, 4), (8, 4), (20, 1), (500, 1)])
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
        assert max(lane.in_flight for lane in world.lanes._lanes.values()) == each
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
    assert 450 <= world.count(before)["dead"] <= 501


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
