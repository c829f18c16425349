"""What the console sends passes the guard, as all else does: a listener on loopback gets no connection."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import drive, shows, until
from operated import World
from running import Receiver
from textual.pilot import Pilot
from textual.widgets import Input
from untouched import Untouched, untouched

from hookconsole.journal import records as r


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Untouched]:
    with untouched(monkeypatch) as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, trap: Untouched) -> World:
    made = World(tmp_path, Receiver(port=trap.port))
    text = made.config.read_text().replace('["127.0.0.0/8"]', "[]").replace("127.0.0.1", "lying.example")
    made.config.write_text(text)
    return made


def blocked(world: World) -> list[bool]:
    """Of every attempt that was made, whether it was blocked."""
    return [attempt.error == "blocked" for attempt in world.records(r.Attempt)]


def test_the_test_that_a_saved_form_sends(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        world.app.screen.query_one("#url", Input).value += "/new"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: blocked(world))
        await shows(pilot, "✗ saved; the test failed: blocked")

    drive(world.app, scenario)
    assert blocked(world) == [True]


def test_the_test_of_a_new_endpoint(world: World, trap: Untouched) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("a")
        await shows(pilot, "New endpoint")
        for field, text in (("name", "bolt"), ("url", trap.url), ("events", "invoice.*")):
            world.app.screen.query_one(f"#{field}", Input).value = text
        await pilot.press("ctrl+s")
        await shows(pilot, "The secret of bolt, shown once")
        await shows(pilot, "✗ saved; the test failed: blocked")

    drive(world.app, scenario)
    assert blocked(world) == [True]


def test_the_test_that_is_asked_for(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("t")
        await shows(pilot, "the test failed: blocked")

    drive(world.app, scenario)
    assert blocked(world) == [True]
