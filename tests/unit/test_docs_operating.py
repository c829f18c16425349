"""docs/operating.md, docs/reliability.md and the systemd unit say what the program does."""

import ast
import configparser
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from documents import ROOT, UNIT, read

from hookconsole.config import schema
from hookconsole.delivery import runtime
from hookconsole.network import errors
from hookconsole.operating import health

SOURCES = sorted((ROOT / "src").rglob("*.py"))


def logged() -> list[tuple[str, str]]:
    """Every (level, text) that the program logs, with `…` for what is filled in."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Name(id="log"), attr=("info" | "warning" | "error") as level
                    ),
                    args=[ast.Constant(value=str(text)), *_],
                ):
                    shown = re.sub(r"(%0?\d*[sdo])+", "…", text)
                    found.append((level.upper(), shown))
    return found


def test_every_log_line_is_in_the_document() -> None:
    said = re.findall(r"^\| (INFO|WARNING|ERROR) \| `(.+?)` \|", read("operating.md"), re.M)
    assert len(logged()) > 15
    assert sorted(said) == sorted(logged())


def test_every_cause_is_in_the_document() -> None:
    said = set(re.findall(r"^\| `([a-z]+)` \|", read("operating.md"), re.M))
    assert said == {*get_args(errors.ErrorName), "config"}


def test_alarms_are_the_programs() -> None:
    (table,) = re.findall(r"^\| alarm \|.*?(?=^$)", read("operating.md"), re.M | re.S)
    source = Path(health.__file__).read_text("utf-8")
    alarms = re.findall(r"^\| `(.+?)` \|", table, re.M)
    assert len(alarms) == 4
    for alarm in alarms:
        assert alarm.partition("…")[0] in source


def test_modules_named_in_reliability_exist() -> None:
    cells = re.findall(r"\| ((?:`[\w/]+`(?:, )?)+) \| [^|]+ \|$", read("reliability.md"), re.M)
    named = [name for cell in cells for name in re.findall(r"`([\w/]+)`", cell)]
    assert len(named) > 20
    package = ROOT / "src" / "hookconsole"
    assert [
        name for name in named if not ((package / f"{name}.py").is_file() or (package / name).is_dir())
    ] == []


def test_the_unit_fits_the_daemon() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]  # as configparser's own documents say
    unit.read_string(UNIT.read_text("utf-8"))
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].endswith("/hookconsole --daemon")
    assert service["ExecReload"] == "kill -HUP $MAINPID"
    assert service["Restart"] == "on-failure"
    # The watchdog is fed every half of its time, by a loop that may have rested for STUCK_SECONDS.
    assert float(service["WatchdogSec"]) >= 2 * runtime.STUCK_SECONDS
    longest = 60.0
    at_most: Callable[[object], object] = schema.DELIVERY["timeout_seconds"]
    assert at_most(longest) == longest
    assert float(service["TimeoutStopSec"]) > longest
