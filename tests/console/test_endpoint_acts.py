"""What an operator does to an endpoint by one key: test, switch, rotate, remove; over real files."""

import time
from pathlib import Path
from typing import Any

import pytest
from driving import drive, screen_text, shows, until
from operated import SECRET, OperatedConsole, World
from running import Receiver
from textual.pilot import Pilot

from hookconsole.clock import rfc3339
from hookconsole.journal import records as r
from hookconsole.operating import registry
from hookconsole.operating.desk import Desk


@pytest.fixture
def world(tmp_path: Path, receiver: Receiver) -> World:
    return World(tmp_path, receiver)


def test_t_sends_a_test_and_shows_its_result(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("t")
        await shows(pilot, "● delivered, 200")
        await pilot.press("enter")
        assert world.app.screen is world.app.view

    drive(world.app, scenario, (60, 15))
    assert world.tests() == 1


def test_a_test_that_fails_says_why(world: World) -> None:
    world.receiver.answers["/acme"] = 503

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("t")
        await shows(pilot, "✗ the test failed: 503")

    drive(world.app, scenario)


def test_an_inactive_endpoint_isnt_tested(world: World) -> None:
    world.endpoint("active = false\n")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("t")
        await shows(pilot, "acme is inactive; switch it on first")

    drive(world.app, scenario)
    assert world.tests() == 0


def test_x_switches_off_at_once_when_nothing_waits(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: "acme is inactive" in world.app.said)

    drive(world.app, scenario)
    assert not world.loaded.endpoints["acme"].active
    (change,) = world.records(r.Change)
    assert (change.action, bool(change.user)) == ("disabled", True)
    assert world.hub.looked_at_config == 1


@pytest.mark.parametrize(("keys", "active"), [(["enter"], True), (["escape"], True), (["y"], False)])
def test_x_asks_when_deliveries_wait(world: World, keys: list[str], active: bool) -> None:
    pen = world.pen()
    pen.event("one", "acme")
    pen.event("two", "acme")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await shows(pilot, "2 deliveries wait and will be canceled")
        assert world.loaded.endpoints["acme"].active
        await pilot.press(*keys)
        await until(pilot, lambda: world.app.screen is world.app.view)
        await until(pilot, lambda: active or "acme is inactive; 2 deliveries canceled" in world.app.said)

    drive(world.app, scenario)
    assert world.loaded.endpoints["acme"].active is active


@pytest.mark.parametrize(("typed", "active"), [("y", True), ("100", True), ("101", False)])
def test_over_a_hundred_that_wait_are_canceled_only_by_typing_their_number(
    world: World, typed: str, active: bool
) -> None:
    pen = world.pen()
    for number in range(101):
        pen.event(f"waits{number}", "acme")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await shows(pilot, "101 deliveries wait and will be canceled")
        await pilot.press(*typed, "enter")
        if active:
            await shows(pilot, "that isn't 101")
        else:
            await until(pilot, lambda: "acme is inactive; 101 deliveries canceled" in world.app.said)

    drive(world.app, scenario)
    assert world.loaded.endpoints["acme"].active is active


def was_off(world: World, skipped: int) -> None:
    """The endpoint was switched off, and missed some."""
    world.endpoint("active = false\n")
    pen = world.pen()
    off = r.Known(active=False, off_since=rfc3339(time.time() - 3600), tested="")
    pen.put(r.Registry, endpoints={"acme": off}, removed=[], event_types=[])
    for number in range(skipped):
        pen.event(f"missed{number}", "", "acme")


@pytest.mark.parametrize(("missed", "keys", "replayed"), [(3, ["enter"], 0), (3, ["y"], 3), (101, ["y"], 0)])
def test_x_switches_on_tests_and_offers_what_was_missed(
    world: World, missed: int, keys: list[str], replayed: int
) -> None:
    was_off(world, missed)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await shows(pilot, f"Replay the {missed} deliveries that acme missed while it was off?")
        assert world.loaded.endpoints["acme"].active
        await pilot.press(*keys)
        if missed > 100:
            await pilot.press(*str(missed), "enter")
        await until(pilot, lambda: world.app.screen is world.app.view)
        await until(pilot, lambda: not (replayed or missed > 100) or world.records(r.Replay))

    drive(world.app, scenario)
    assert world.tests() == 1
    totals = [one.total for one in world.records(r.Replay)]
    assert totals == [missed] if replayed or missed > 100 else totals == []


def test_switched_on_without_misses_nothing_is_asked(world: World) -> None:
    was_off(world, 0)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("x")
        await until(pilot, lambda: any(said.startswith("acme: test delivered") for said in world.app.said))
        assert world.app.screen is world.app.view

    drive(world.app, scenario)


def test_two_keys_rotate_and_the_secret_is_shown_once(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("K")
        assert SECRET in world.config.read_text()
        await pilot.press("enter")
        await shows(pilot, "The new secret of acme, shown once")
        endpoint = world.loaded.endpoints["acme"]
        assert endpoint.previous_secret == SECRET
        assert endpoint.secret.value in screen_text(world.app)
        await pilot.press("enter")
        assert world.app.screen is world.app.view
        assert endpoint.secret.value not in screen_text(world.app)
        assert not any(endpoint.secret.value in said for said in world.app.said)

    drive(world.app, scenario)
    assert [change.action for change in world.records(r.Change)] == ["rotated"]


def test_the_overlap_is_asked_and_judged(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("K")
        await shows(pilot, "The old one signs too")
        await pilot.press("9", "9", "enter")
        await shows(pilot, "the overlap must be from 0 to 168 hours")
        assert SECRET in world.config.read_text()
        await pilot.press("backspace", "backspace", "backspace", "backspace", "0", "enter")
        await shows(pilot, "shown once")

    drive(world.app, scenario)
    assert world.loaded.endpoints["acme"].previous_secret is None


def test_a_rotation_within_an_overlap_says_that_it_cuts_it_short(world: World) -> None:
    world.endpoint('previous_secret = "whsec_y"\nprevious_secret_until = 2999-01-01T00:00:00Z\n')
    world.config.write_text(world.config.read_text().replace('"]\nprev', f'"]\nsecret = "{SECRET}"\nprev'))

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("K")
        await shows(pilot, "the overlap before, until 2999-01-01T00:00:00Z, is cut short")

    drive(world.app, scenario)


def test_a_rotation_that_a_colleague_was_quicker_with_is_said_and_changes_nothing(world: World) -> None:
    """Two rotations at once would leave no room for the secret that the receivers have."""

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("K")
        await shows(pilot, "The old one signs too")
        theirs.append(registry.rotate(Desk(world.home), "acme", 24.0))
        await pilot.press("enter")
        await shows(pilot, "acme has been given another secret meanwhile; nothing was changed")

    theirs: list[str] = []
    drive(world.app, scenario)
    endpoint = world.loaded.endpoints["acme"]
    assert [endpoint.secret.value, endpoint.previous_secret] == [*theirs, SECRET]
    assert len(world.records(r.Change)) == 1


def test_a_secret_that_is_elsewhere_isnt_rotated_but_said_how(world: World) -> None:
    world.endpoint('secret_env = "ACME"\n')

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("K")
        await shows(pilot, "endpoint acme has its secret in secret_env ACME")
        await pilot.press("enter")
        assert world.app.screen is world.app.view

    before = world.config.read_text()
    drive(world.app, scenario)
    assert world.config.read_text() == before


@pytest.mark.parametrize(("key", "there"), [("enter", True), ("y", False)])
def test_D_asks_with_the_count_that_is_held_and_removes(world: World, key: str, there: bool) -> None:  # noqa: N802
    world.pen().event("one", "acme")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("D")
        await shows(pilot, "1 delivery unfinished, to be held until it returns, or cancel.")
        await pilot.press(key)
        await until(pilot, lambda: world.app.screen is world.app.view)
        await until(pilot, lambda: there or any(said.startswith("removed acme") for said in world.app.said))

    drive(world.app, scenario)
    assert ("acme" in world.loaded.endpoints) is there


@pytest.mark.parametrize(("typed", "there"), [("y", True), ("101", False)])
def test_with_over_a_hundred_unfinished_it_goes_only_by_typing_their_number(
    world: World, typed: str, there: bool
) -> None:
    pen = world.pen()
    for number in range(101):
        pen.event(f"waits{number}", "acme")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("D")
        await shows(pilot, "101 deliveries unfinished, to be held")
        await pilot.press(*typed, "enter")
        if there:
            await shows(pilot, "that isn't 101")
        else:
            await until(pilot, lambda: any(said.startswith("removed acme") for said in world.app.said))

    drive(world.app, scenario)
    assert ("acme" in world.loaded.endpoints) is there


@pytest.mark.parametrize("key", ["a", "e", "t", "x", "R", "K", "D"])
def test_looking_only_nothing_that_writes_is_obeyed(world: World, key: str) -> None:
    app = OperatedConsole(world.hub, read_only=True)
    before = world.config.read_text()

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press(key)
        await pilot.pause()
        assert app.screen is app.view
        assert "Add" not in screen_text(app)

    drive(app, scenario)
    assert world.config.read_text() == before


@pytest.mark.parametrize("key", ["e", "t", "x", "R", "K", "D", "l", "y"])
def test_without_an_endpoint_nothing_happens(world: World, key: str) -> None:
    app = OperatedConsole(world.hub, None)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press(key)
        await pilot.pause()
        assert app.screen is app.view
        assert app.said == []

    drive(app, scenario)


def test_l_opens_its_log_and_y_u_copies_its_url_whole(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("l", "y", "u")
        await until(pilot, lambda: world.app.copied)

    drive(world.app, scenario)
    assert world.app.logs == ["endpoint:acme"]
    assert world.app.copied == [world.receiver.url("/acme")]


@pytest.mark.parametrize("key", ["e", "x", "K", "D"])
def test_a_refused_config_file_is_said_with_its_line(world: World, key: str) -> None:
    world.config.write_text("[delivery]\ntimeout_seconds = 0\n")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press(key)
        await until(pilot, lambda: any("config.toml:2: " in said for said in world.app.said))
        assert world.app.screen is world.app.view

    drive(world.app, scenario)
