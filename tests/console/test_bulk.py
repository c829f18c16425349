"""Many deliveries once more: found, counted, agreed to, begun."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from driving import drive, screen_text, shows, until
from operated import World
from running import Receiver
from textual.pilot import Pilot

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.config.model import DeliveryPolicy
from hookconsole.console.dialogs.bulk import BulkRetry
from hookconsole.console.outage import outage_began
from hookconsole.journal import records as r
from hookconsole.journal.totals import Hour
from hookconsole.operating.desk import Desk
from hookconsole.operating.replaying import Choice, Chosen, choose


@pytest.fixture
def world(tmp_path: Path, receiver: Receiver) -> World:
    return World(tmp_path, receiver)


def failed(world: World, count: int, **fields: Any) -> None:
    """Deliveries that failed within the last hour."""
    pen = world.pen()
    for number in range(count):
        pen.event(f"lost{number}", "acme")
        pen.start(f"lost{number}", "acme", 1)
        pen.end(f"lost{number}", "acme", 1, "failed", **fields)


async def has_begun(pilot: Pilot[Any], world: World) -> None:
    """Wait until a replay has begun and its view is there: a change of views mustn't meet the end."""
    await until(pilot, lambda: world.records(r.Replay))
    await until(pilot, lambda: world.app.current_mode == "replays")


def test_two_keys_retry_what_failed_causes_first(world: World) -> None:
    failed(world, 2)
    failed(world, 1, status=503, error=None)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        seen = await shows(pilot, "2 deliveries to send again")  # lost0 failed twice, at last with 503
        assert "acme" in seen
        assert "reset" in seen
        assert "503" in seen
        assert world.records(r.Replay) == []
        await pilot.press("enter")
        await has_begun(pilot, world)

    drive(world.app, scenario)
    (replay,) = world.records(r.Replay)
    assert (replay.total, replay.rate, replay.chosen["endpoint"]) == (2, 100.0, "acme")
    assert replay.user


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_over_a_hundred_are_agreed_to_by_typing_their_number(world: World, size: tuple[int, int]) -> None:
    failed(world, 101)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        await shows(pilot, "101 deliveries to send again")
        await pilot.press("enter", "y", "1", "0", "0", "enter")
        await shows(pilot, "type 101 to send that many")
        assert world.records(r.Replay) == []
        await pilot.press("backspace", "1", "enter")
        await has_begun(pilot, world)

    drive(world.app, scenario, size)
    assert world.records(r.Replay)[0].total == 101


@pytest.mark.parametrize("keys", [["escape"], ["right", "enter"]])
def test_nothing_is_sent_that_isnt_agreed_to(world: World, keys: list[str]) -> None:
    failed(world, 3)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        await shows(pilot, "3 deliveries to send again")
        await pilot.press(*keys)
        assert world.app.screen is world.app.view

    drive(world.app, scenario)
    assert world.records(r.Replay) == []


@pytest.mark.parametrize(("answer", "begun"), [(200, [2]), (503, [])])
def test_a_canary_goes_first_and_the_rest_only_if_it_arrives(
    world: World, answer: int, begun: list[int]
) -> None:
    failed(world, 3)
    world.receiver.answers["/acme"] = answer

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        await shows(pilot, "3 deliveries to send again")
        await pilot.press("up", "space", "down", "enter")
        if begun:
            await has_begun(pilot, world)
        else:
            await shows(pilot, "acme: nothing more is sent: ")

    drive(world.app, scenario)
    assert [one.total for one in world.records(r.Replay)] == begun
    assert [bool(one.user) for one in world.records(r.Retry)] == [True]
    assert world.receiver.events("/acme") == ["lost0"]


def test_the_rate_is_judged(world: World) -> None:
    failed(world, 3)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        await shows(pilot, "3 deliveries to send again")
        await pilot.press("up", "up", "backspace", "backspace", "backspace", "0", "enter")
        await shows(pilot, "the rate must be from 0.01 to 100000 a second")
        await pilot.press("backspace", "0", ".", "0", "1", "enter")
        await has_begun(pilot, world)

    drive(world.app, scenario)
    assert world.records(r.Replay)[0].rate == 0.01


def test_the_time_can_be_changed_and_is_judged(world: World) -> None:
    failed(world, 3)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        await shows(pilot, "3 deliveries to send again")
        since = world.app.screen.query_one("#since")
        world.app.screen.set_focus(since)
        await pilot.press("x", "enter")
        await shows(pilot, "is no time: give 90s, 30m, 2h")
        await pilot.press(*["backspace"] * 21, "1", "s", "enter")
        seen = await shows(pilot, "nothing to send again")
        assert "Rate" not in seen
        assert "Start" not in seen
        world.app.screen.set_focus(since)
        await pilot.press("backspace", "backspace", "7", "d", "enter")
        seen = await shows(pilot, "3 deliveries to send again")
        assert "Rate" in seen
        assert "Start" in seen
        assert world.records(r.Replay) == []

    drive(world.app, scenario)


def test_what_rests_is_left_out_and_said(world: World) -> None:
    failed(world, 3)
    world.endpoint("active = false\n")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        seen = await shows(pilot, "3 deliveries to acme left out: inactive or gone")
        assert "nothing to send again" in seen
        await pilot.press("enter")

    drive(world.app, scenario)
    assert world.records(r.Replay) == []


def test_the_search_says_how_far_it_is_and_ends_with_the_dialog(world: World) -> None:
    failed(world, 3)
    go_on, over = threading.Event(), threading.Event()
    reached: list[int] = []

    def find(desk: Desk) -> tuple[Choice, Chosen]:
        passing = desk.passing
        assert passing is not None

        def watched(at: float) -> None:
            passing(at)
            reached.append(1)
            if len(reached) == 1:
                go_on.wait(20)

        desk.passing = watched
        choice = Choice(None, ("failed",), (), 0.0, None, filter="marked")
        try:
            return choice, choose(desk, choice)
        finally:
            over.set()

    async def scenario(pilot: Pilot[Any]) -> None:
        world.app.push_screen(BulkRetry("Retry what is marked", find))
        await shows(pilot, "searching… 1 deliveries, ")
        await pilot.press("escape")
        await until(pilot, lambda: world.app.screen is world.app.view)
        go_on.set()
        await until(pilot, over.is_set)

    drive(world.app, scenario)
    assert len(reached) == 1


def test_any_choice_can_be_retried_and_says_what_it_was(world: World) -> None:
    failed(world, 2)
    results: list[str | None] = []

    def find(desk: Desk) -> tuple[Choice, Chosen]:
        choice = Choice(None, ("failed",), (), 0.0, None, filter="code:5xx")
        return choice, choose(desk, choice)

    async def scenario(pilot: Pilot[Any]) -> None:
        world.app.push_screen(BulkRetry("Retry code:5xx", find), results.append)
        await shows(pilot, "2 deliveries to send again")
        await pilot.press("enter")
        await until(pilot, lambda: results)

    drive(world.app, scenario)
    (replay,) = world.records(r.Replay)
    assert results == [replay.replay]
    assert replay.chosen["filter"] == "code:5xx"


def test_hostile_names_and_causes_stay_text(world: World) -> None:
    failed(world, 2, error="\x1b[2J[red]", status=None)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        await shows(pilot, "\\x1b[2J[red]")
        assert "\x1b" not in screen_text(world.app)

    drive(world.app, scenario)


POLICY = DeliveryPolicy(timeout_seconds=10, retry_schedule=(1, 2))
SERIES = 33
NOW_HOUR = int(parse_rfc3339("2026-04-15T14:00:00Z")) // 3600


def hours(*failures: int) -> list[Hour]:
    """Hours up to now; of each how many failed, -1 for no attempt at all."""
    first = NOW_HOUR - len(failures) + 1
    return [Hour(first + at, 5, failed, failed) for at, failed in enumerate(failures) if failed >= 0]


@pytest.mark.parametrize(
    ("failures", "began"),
    [
        ((0, 0, 3), 0),
        ((0, 2, 3), 1),
        ((9, 0, 2, 3, 0, 0), 3),
        ((1, -1, 3), 2),
        ((1, -1, -1, 3), 0),
        ((0, 0, 0), None),
        ((), None),
    ],
)
def test_an_outage_begins_where_its_run_of_failures_does(
    failures: tuple[int, ...], began: int | None
) -> None:
    found = outage_began(hours(*failures), POLICY)
    assert found == (None if began is None else (NOW_HOUR - began) * 3600 - SERIES)


def test_the_time_first_shown_is_the_outages(world: World) -> None:
    failed(world, 1)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("R")
        seen = await shows(pilot, "Since")
        hour = rfc3339((int(time.time()) - 3600) // 3600 * 3600 - 91)[:16]
        assert hour in seen

    drive(world.app, scenario)
