"""Questions before what can't be taken back."""

from typing import Any

import pytest
from driving import drive, screen_text, shows
from textual.pilot import Pilot
from watching_hub import HandHub

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.cells import Cell, outside
from hookconsole.console.dialogs.confirm import Confirm


def answer(dialog: Confirm, *keys: str, size: tuple[int, int] = (80, 24)) -> tuple[list[Any], str]:
    """What the keys answer, and the screen before they are pressed."""
    app = ConsoleApp(HandHub(), Console())
    answers: list[Any] = []
    seen: list[str] = []

    async def scenario(pilot: Pilot[Any]) -> None:
        await app.push_screen(dialog, answers.append)
        await pilot.pause()
        seen.append(screen_text(app))
        await pilot.press(*keys)
        await pilot.pause()
        seen.append(screen_text(app))

    drive(app, scenario, size)
    return answers, "\n".join(seen)


@pytest.mark.parametrize(
    ("keys", "given"),
    [
        (["enter"], [False]),
        (["escape"], [False]),
        (["n"], [False]),
        (["y"], [True]),
        (["right", "enter"], [True]),
        (["tab", "enter"], [True]),
        (["right", "left", "enter"], [False]),
        (["q"], []),
        (["1"], []),
    ],
)
def test_the_default_answer_is_no(keys: list[str], given: list[bool]) -> None:
    assert answer(Confirm("Switch acme off?", yes="Switch off"), *keys)[0] == given


def test_what_can_do_no_harm_may_have_yes_for_a_default() -> None:
    assert answer(Confirm("Edit again?", default=True), "enter")[0] == [True]
    assert answer(Confirm("Edit again?", default=True), "escape")[0] == [False]


@pytest.mark.parametrize(
    ("keys", "given"),
    [
        ("y", []),
        ("enter", []),
        ("1 2 3 enter", []),
        ("1 2 3 4 enter", [True]),
        ("1 comma 2 3 4 enter", [True]),
        ("1 2 3 4 escape", [False]),
        ("tab enter", [False]),
    ],
)
def test_a_large_number_must_be_typed(keys: str, given: list[bool]) -> None:
    answers, seen = answer(Confirm("Retry 1,234 deliveries?", typed=1234), *keys.split())
    assert answers == given
    assert "Type 1234" in seen
    assert ("that isn't 1234" in seen) == (not given and keys.endswith("enter"))


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
def test_question_lines_and_answers_are_all_in_view(size: tuple[int, int]) -> None:
    lines = [[Cell("12 deliveries wait; they will be canceled.")], [outside("[red]\x1b[2J[/]")]]
    _, seen = answer(Confirm("Switch acme off?", lines, yes="Switch off"), size=size)
    for text in ("Switch acme off?", "12 deliveries wait", "[red]\\x1b[2J[/]", "No", "Switch off", "n no"):
        assert text in seen


def test_lines_that_dont_fit_are_scrolled_to() -> None:
    app = ConsoleApp(HandHub(), Console())
    lines = [[Cell(f"line {number}.")] for number in range(40)]

    async def scenario(pilot: Pilot[Any]) -> None:
        await app.push_screen(Confirm("All of these?", lines), lambda _: None)
        await pilot.press("pageup", "pageup", "pageup", "pageup")
        assert "line 0." in await shows(pilot, "All of these?")
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown")
        await shows(pilot, "line 39.")

    drive(app, scenario, (60, 15))
