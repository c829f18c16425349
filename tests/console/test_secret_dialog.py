"""A secret, shown once."""

import html
import stat
from pathlib import Path
from typing import Any

import pytest
from driving import drive, screen_text, shows
from operated import OperatedConsole
from textual.pilot import Pilot
from watching_hub import HandHub

from hookconsole.console.cells import Cell
from hookconsole.console.dialogs.secret import SecretDialog

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture
def app() -> OperatedConsole:
    return OperatedConsole(HandHub())


def test_it_is_on_the_screen_until_it_is_closed_and_nowhere_else(app: OperatedConsole) -> None:
    dialog = SecretDialog("The secret of acme", SECRET)

    async def scenario(pilot: Pilot[Any]) -> None:
        app.push_screen(dialog)
        await shows(pilot, SECRET)
        assert SECRET not in repr(dialog)
        await pilot.press("c", "enter")
        assert app.screen is app.view
        assert SECRET not in screen_text(app)
        assert not any(SECRET in said for said in app.said)

    drive(app, scenario, (60, 15))
    assert app.copied == [SECRET]


def test_w_writes_it_to_a_file_that_nobody_else_can_read(app: OperatedConsole, tmp_path: Path) -> None:
    path = tmp_path / "cw"

    async def scenario(pilot: Pilot[Any]) -> None:
        app.push_screen(SecretDialog("The secret of acme", SECRET))
        await shows(pilot, SECRET)
        await pilot.press("w", *str(path), "enter")
        await shows(pilot, "● written to")
        await pilot.press("enter")
        assert app.screen is app.view

    drive(app, scenario, (120, 24))
    assert path.read_text() == SECRET + "\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert app.copied == []  # a c that was typed into the path


def test_a_file_that_is_there_isnt_overwritten(app: OperatedConsole, tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_text("mine")

    async def scenario(pilot: Pilot[Any]) -> None:
        app.push_screen(SecretDialog("The secret of acme", SECRET))
        await shows(pilot, SECRET)
        await pilot.press("w", *str(path), "enter")
        await shows(pilot, "✗ not written: File exists")
        await pilot.press("escape")
        await shows(pilot, SECRET)
        await pilot.press("escape")
        assert app.screen is app.view

    drive(app, scenario, (120, 24))
    assert path.read_text() == "mine"


def test_what_comes_to_be_known_is_shown_beside_it(app: OperatedConsole) -> None:
    dialog = SecretDialog("The secret of acme", SECRET)

    async def scenario(pilot: Pilot[Any]) -> None:
        dialog.report([Cell("→ on its way")])
        app.push_screen(dialog)
        await shows(pilot, "→ on its way")
        dialog.report([Cell("● delivered")])
        assert "on its way" not in await shows(pilot, "● delivered")

    drive(app, scenario)


@pytest.mark.parametrize("size", [(60, 15), (120, 24)])
def test_it_isnt_in_a_screenshot(app: OperatedConsole, size: tuple[int, int]) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        app.push_screen(SecretDialog("The secret of acme", SECRET))
        await shows(pilot, SECRET)
        picture = html.unescape(app.export_screenshot()).replace("\xa0", " ")
        assert "The secret of acme" in picture
        assert not any(SECRET[at : at + 8] in picture for at in range(len(SECRET) - 8))
        await shows(pilot, SECRET)

    drive(app, scenario, size)
