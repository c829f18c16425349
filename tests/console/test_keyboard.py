"""Keys that come all at once, as over a slow link: each does what it does when typed slowly."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from driving import drive, shows, until
from operated import World
from running import Receiver
from textual import events
from textual.pilot import Pilot
from watching_hub import HandHub, HandSearch, delivery, endpoint

from hookconsole.config.model import Console
from hookconsole.console import keyboard
from hookconsole.console.app import ConsoleApp
from hookconsole.console.dialogs.field import OneLine
from hookconsole.console.dialogs.form import EndpointForm
from hookconsole.console.screens import deliveries
from hookconsole.console.screens.deliveries import DeliveriesView
from hookconsole.console.screens.delivery import DeliveryView
from hookconsole.console.widgets.filterbar import FilterBar
from hookconsole.observing.values import DeliveryRow
from hookconsole.operating import registry
from hookconsole.operating.desk import Desk

_NAMES = {
    "/": "slash",
    "\r": "enter",
    "\x1b": "escape",
    "\x13": "ctrl+s",
    ":": "colon",
    "?": "question_mark",
    ".": "full_stop",
    "-": "minus",
}


@pytest.fixture
def world(tmp_path: Path, receiver: Receiver) -> World:
    return World(tmp_path, receiver)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy takes its time, and drops nothing for it."""
    monkeypatch.setattr(keyboard, "PATIENCE_SECONDS", 30.0)


class Late(HandSearch):
    """A search that needs a moment for the first rows."""

    looks = 0

    def take(self) -> list[DeliveryRow]:
        self.looks += 1
        return super().take() if self.looks > 2 else []


class Endless(HandSearch):
    """A search that finds nothing, and doesn't end."""

    done = False

    def __init__(self, _query: str) -> None:
        super().__init__([])


def burst(app: ConsoleApp, text: str) -> None:
    """All of it in one go."""
    for character in text:
        app.post_message(events.Key(_NAMES.get(character, character), character))


def test_a_filter_typed_at_once_is_no_command() -> None:
    hub = HandHub()
    hub.set(endpoints={name: endpoint(name) for name in ("acme", "bolt")})
    app = ConsoleApp(hub, Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        burst(app, "/xtrDRK")
        bar = app.screen.query_one(FilterBar)
        await until(pilot, lambda: bar.query_one(OneLine).value == "xtrDRK")
        assert len(app.screen_stack) == 1
        burst(app, "\x1b3/rc\r")
        await until(pilot, lambda: isinstance(app.screen, DeliveriesView))
        await until(pilot, lambda: hub.queries[-1:] == ["rc"])

    drive(app, scenario)


def test_a_key_that_waited_comes_before_those_that_arrive_as_it_is_given_out() -> None:
    app = ConsoleApp(HandHub(), Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        burst(app, "/")
        await until(pilot, lambda: app.screen.query_one(FilterBar).is_open)
        for _ in range(3):
            await until(pilot, lambda: not app.keyboard._busy)
            app.keyboard._at_work = events.Key("f12", None)
            burst(app, "ab")
            await until(pilot, lambda: len(app.keyboard._waiting) == 2)
            burst(app, "cd")
            app.keyboard._done()
        field = app.screen.query_one(OneLine)
        await until(pilot, lambda: len(field.value) == 12)
        assert field.value == "abcd" * 3

    drive(app, scenario)


def test_a_key_that_is_lost_is_given_up_and_isnt_the_end_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyboard, "_LOOKS_AT_MOST", 2)
    app = ConsoleApp(HandHub(), Console())
    lost = events.Key("f12", None)

    async def scenario(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: not app.keyboard._busy)
        app.keyboard._at_work = lost
        burst(app, "3")
        await until(pilot, lambda: app.current_mode == "deliveries")
        await until(pilot, lambda: not app.keyboard._busy)
        other = app.keyboard._at_work = events.Key("f11", None)
        app.keyboard._settle(lost)
        assert app.keyboard._at_work is other

    drive(app, scenario)


def test_what_is_typed_behind_a_key_that_opens_something_goes_there(world: World) -> None:
    app = world.app

    async def scenario(pilot: Pilot[Any]) -> None:
        url = world.receiver.url("/new")
        burst(app, f"anew\r{url}\r")
        await shows(pilot, url)
        assert isinstance(app.screen, EndpointForm)
        assert (app.screen.endpoint_name, app.screen.texts()["url"]) == ("new", url)

    drive(app, scenario)
    assert not world.tests()


def test_what_is_typed_behind_a_key_that_opens_a_list_is_for_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deliveries, "_FILL_SECONDS", 30.0)
    hub = HandHub()
    hub.set(endpoints={"acme": endpoint("acme")})
    rows = [delivery(number) for number in range(5)]
    hub.search = lambda _query: Late(rows)  # type: ignore[assignment,method-assign]
    app = ConsoleApp(hub, Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        burst(app, "3jj\r")
        await until(pilot, lambda: isinstance(app.screen, DeliveryView))
        assert isinstance(app.screen, DeliveryView)
        assert app.screen.current_delivery == rows[2].key

    drive(app, scenario)


def test_rows_that_do_not_come_keep_no_key_waiting() -> None:
    hub = HandHub()
    hub.set(endpoints={"acme": endpoint("acme")})
    hub.search = Endless  # type: ignore[assignment,method-assign]
    app = ConsoleApp(hub, Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        burst(app, "32")
        await until(pilot, lambda: app.current_mode == "endpoints")

    drive(app, scenario)


def test_what_is_saved_has_all_that_was_typed_before(world: World) -> None:
    app = world.app

    async def scenario(pilot: Pilot[Any]) -> None:
        burst(app, "e-anew\x13")
        await shows(pilot, "saved; test:")

    drive(app, scenario)
    assert world.loaded.endpoints["acme"].url.endswith("/acme-anew")


@pytest.mark.parametrize(
    ("key", "shown"),
    [("?", "In a list"), (":", "Search for commands"), ("y", "name"), ("\r", "Its deliveries")],
)
def test_what_is_closed_keeps_no_key_waiting(key: str, shown: str) -> None:
    hub = HandHub()
    hub.set(endpoints={"acme": endpoint("acme")})
    app = ConsoleApp(hub, Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        await shows(pilot, "acme")
        burst(app, key)
        await shows(pilot, shown)
        burst(app, "\x1b2")
        await until(pilot, lambda: app.current_mode == "endpoints")

    drive(app, scenario)


@pytest.mark.parametrize("active", [True, False])
def test_what_opens_nothing_keeps_no_key_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch, active: bool
) -> None:
    world.endpoint(f"active = {str(active).lower()}\n")
    app, may = world.app, threading.Event()
    monkeypatch.setattr(registry, "await_adoption", lambda *_: may.wait(20))

    async def scenario(pilot: Pilot[Any]) -> None:
        burst(app, "xl")  # switched, which waits for the sender; its log
        await until(pilot, lambda: app.logs == ["endpoint:acme"])
        assert not may.is_set()
        may.set()
        await until(pilot, lambda: any("active" in said for said in app.said))

    drive(app, scenario)
    assert world.loaded.endpoints["acme"].active is not active


def test_what_takes_long_to_open_keeps_nobody_from_other_keys_and_gives_them_nothing_meant_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, may = world.app, threading.Event()
    monkeypatch.setattr(keyboard, "PATIENCE_SECONDS", 0.05)
    endpoint_of = Desk.endpoint

    def slowly(desk: Desk, name: str) -> Any:
        may.wait(20)
        return endpoint_of(desk, name)

    monkeypatch.setattr(Desk, "endpoint", slowly)

    async def scenario(pilot: Pilot[Any]) -> None:
        burst(app, "Kl")  # a new secret, which has to be looked up; its log
        await asyncio.sleep(0.2)
        assert not app.logs
        burst(app, "l")
        await until(pilot, lambda: app.logs == ["endpoint:acme"])
        may.set()
        await shows(pilot, "a new secret?")

    drive(app, scenario)
