"""Lanes: limits and order, old queue entries, closing and pausing."""

from collections import deque
from math import inf

import pytest
from lanes_world import World, names

from hookconsole.delivery.lanes import Lanes
from hookconsole.journal.deliveries import Delivery

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


def test_no_more_than_so_many_are_in_flight_over_all_lanes() -> None:
    world = World(concurrency=5)
    world.open(*names(20), seconds=3.0)
    world.prove(*names(20))
    for name in names(20):
        world.add(name, 3)
    assert len(world.take()) == 5
    world.run(3.0)
    assert world.lanes.in_flight == 5
    world.lanes.concurrency = 2
    world.run(3.0)
    assert world.lanes.in_flight == 2


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


@pytest.mark.parametrize(("due", "slot"), [(0.0, 0), (5.0, 1)])
def test_a_delivery_put_off_is_not_sent_earlier(due: float, slot: int) -> None:
    world = World()
    world.open("acme")
    (delivery,) = world.add("acme", due=due, slot=slot)
    world.lanes.add(delivery, world.now + 60.0, world.now)
    assert world.take() == []
    world.run(120.0)
    assert [at for at, _ in world.sent] == [160.0]


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


@pytest.mark.parametrize("in_flight", [0, 1])
def test_a_closed_lane_drops_its_queue_and_takes_none(in_flight: int) -> None:
    world = World()
    world.open("acme")
    world.add("acme", in_flight)
    assert len(world.take()) == in_flight
    world.add("acme", 3)
    world.lanes.close("acme")
    world.add("acme", 3)
    assert not world.lanes.is_open("acme")
    assert len(world.lanes.names()) == in_flight
    assert world.lanes.waiting("acme") == 0
    assert world.take() == []


def test_a_test_goes_before_all_that_waits() -> None:
    world = World(limit=1)
    world.open("acme")
    world.add("acme", 3)
    test = Delivery("evt_test", "acme", 1, 0, "test")
    world.lanes.add(test, world.now, world.now)
    world.take()
    assert world.flying() == [test]


def test_those_that_answer_and_those_that_do_not_take_turns() -> None:
    world = World(concurrency=8)
    world.open("answers", "fails")
    world.prove("answers")
    world.failing.add("fails")
    world.add("fails")
    world.run(1.0)
    world.add("answers", 8)
    world.add("fails", 8)
    assert set(world.take()[:2]) == {"answers", "fails"}


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


def test_an_endpoint_that_goes_while_its_attempt_is_in_flight_takes_its_place_along() -> None:
    world = World()
    world.open("gone", seconds=1.0, fails=True)
    world.open("acme", "bolt")
    world.add("gone", 2)
    assert world.take() == ["gone"]
    world.lanes.close("gone")
    world.run(2.0)
    world.add("acme")
    assert world.take() == ["acme"]
