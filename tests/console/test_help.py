"""The help and the log lines: every command with the key that is in force, on any width."""

import logging

import pytest
from driving import drive, screen_text, shows, until
from textual.pilot import Pilot
from watching_hub import HandHub

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.cells import width_of
from hookconsole.console.commands import COMMANDS
from hookconsole.console.help import help_lines
from hookconsole.console.keymap import in_force
from hookconsole.console.loglines import KEPT, LogLines


def text_of(here: set[str], width: int = 100, *, writes: bool = True, **remapped: str) -> list[str]:
    keys = in_force({name.replace("_", "."): key for name, key in remapped.items()})
    return ["".join(cell.text for cell in line) for line in help_lines(here, keys, width, writes=writes)]


def test_every_command_is_there_with_its_key() -> None:
    found = text_of(set())
    for command in COMMANDS:
        assert any(line.endswith(f" {command.id}") for line in found)
    (line,) = (one for one in text_of(set(), delivery_retry="ctrl+r") if one.endswith("delivery.retry"))
    assert line.startswith("ctrl+r          send it again, now  ")


def test_the_view_in_front_comes_first() -> None:
    found = text_of({"delivery.retry", "list.down", "app.help"})
    heads = [line for line in found if line in ("On a delivery", "In a list", "Everywhere")]
    assert heads == ["On a delivery", "In a list", "Everywhere"]
    assert "On an endpoint, in other views" in found


def test_read_only_leaves_out_what_writes() -> None:
    found = "\n".join(text_of(set(), writes=False))
    assert "delivery.copy" in found
    assert "delivery.retry" not in found


@pytest.mark.parametrize("width", [20, 40, 58, 76, 200])
def test_no_line_is_wider_than_it_may_be(width: int) -> None:
    lines = help_lines(set(), in_force({}), width, writes=True)
    assert max(map(width_of, lines)) <= max(width, 37)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40)])
def test_it_opens_and_closes(size: tuple[int, int]) -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await shows(pilot, "Keys")
        await pilot.press("G")
        await shows(pilot, "replay.cancel")
        await pilot.press("escape")
        await until(pilot, lambda: "Keys" not in screen_text(pilot.app))

    drive(ConsoleApp(HandHub(), Console()), scenario, size)


def test_log_lines_are_kept_apart_from_the_screen() -> None:
    log = LogLines()
    record = logging.makeLogRecord(
        {"msg": "acme fails: \x1b[2J%s", "args": ("x",), "levelno": 30, "levelname": "WARNING"}
    )
    log.emit(record)
    assert [(line.level, line.text) for line in log.newest_first()] == [("WARNING", "acme fails: \\x1b[2Jx")]
    assert log.new_errors() == []
    for number in range(KEPT + 5):
        log.emit(logging.makeLogRecord({"msg": f"{number}", "levelno": 40, "levelname": "ERROR"}))
    assert len(log.newest_first()) == KEPT
    assert log.new_errors() == [str(KEPT + 2), str(KEPT + 3), str(KEPT + 4)]
    assert log.new_errors() == []


def test_errors_are_said_and_all_is_read_with_a_key() -> None:
    log = LogLines()

    async def scenario(pilot: Pilot[int]) -> None:
        log.emit(logging.makeLogRecord({"msg": "upkeep failed [/]", "levelno": 40, "levelname": "ERROR"}))
        await shows(pilot, "upkeep failed [/]")
        await pilot.press("L")
        await shows(pilot, "ERROR    upkeep failed [/]")

    drive(ConsoleApp(HandHub(), Console(), log=log), scenario)
