"""The keys at the bottom: whole ones, help and quit always, and those of the field while one types."""

from typing import Any

import pytest
from driving import drive, screen_text, shows, until
from textual.pilot import Pilot
from watching_hub import HandHub, endpoint

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.widgets.keybar import KeyBar, KeyHint, fitting

OPEN, TEST = KeyHint("enter", "Open", "list.open"), KeyHint("t", "Test", "endpoint.test")
HELP, QUIT = KeyHint("?", "Help", "app.help"), KeyHint("q", "Quit", "app.quit")


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (34, ([OPEN, TEST, HELP, QUIT], 2)),
        (33, ([OPEN, TEST, HELP, QUIT], 1)),
        (30, ([OPEN, HELP, QUIT], 1)),
        (23, ([HELP, QUIT], 1)),
        (3, ([HELP, QUIT], 1)),
    ],
)
def test_what_doesnt_fit_whole_is_left_out_help_and_quit_never(width: int, expected: Any) -> None:
    assert fitting([HELP, QUIT, OPEN, TEST], width) == expected


def keys_of(app: ConsoleApp) -> str:
    return screen_text(app).splitlines()[-1]


def driven(scenario: Any, size: tuple[int, int] = (80, 24), **how: Any) -> None:
    hub = HandHub()
    hub.set(endpoints={"acme": endpoint("acme")})
    app = ConsoleApp(hub, Console(**how))

    async def opened(pilot: Pilot[Any]) -> None:
        await shows(pilot, "Quit")
        await scenario(pilot, app)

    drive(app, opened, size)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("view", ["1", "2", "3", "4"])
def test_help_and_quit_are_always_in_view(width: int, view: str) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        modes = {"1": "overview", "2": "endpoints", "3": "deliveries", "4": "replays"}
        await pilot.press(view)
        await until(pilot, lambda: app.current_mode == modes[view])
        await until(pilot, lambda: keys_of(app).split()[-4:] == ["?", "Help", "q", "Quit"])

    driven(scenario, (width, 15))


def test_a_key_of_ones_own_is_told() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await until(pilot, lambda: "ctrl+t Test" in keys_of(app))

    driven(scenario, keys={"endpoint.test": "ctrl+t"})


def test_while_one_types_only_what_ends_it_is_told() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash")
        await until(pilot, lambda: keys_of(app).strip() == "enter Apply  esc Close")
        await pilot.press("escape")
        await until(pilot, lambda: "q Quit" in keys_of(app))

    driven(scenario)


def test_the_views_are_told_where_the_first_line_hasnt_them() -> None:
    async def narrow(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await until(pilot, lambda: "1-4 Views" in keys_of(app))

    async def wide(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "[1 Overview]")
        assert "Views" not in keys_of(app)

    driven(narrow)
    driven(wide, (140, 40))


def test_a_click_presses_the_key_that_is_there() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.click(KeyBar, offset=(keys_of(app).index("Help"), 0))
        await shows(pilot, "In a list")

    driven(scenario)
