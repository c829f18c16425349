"""The config file in the operator's editor, and letting in a file that loses endpoints.

What the editor leaves is judged at once; a sender adopts it by itself, if it is good.
"""

import os
import shlex
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from hookconsole.config.file import Read, read, shown
from hookconsole.config.load import ConfigError
from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.confirm import Confirm
from hookconsole.console.dialogs.switch import deliveries
from hookconsole.console.foreground import run_in_front
from hookconsole.delivery.adoption import lost_without_consent
from hookconsole.folders import make_private
from hookconsole.operating import registry
from hookconsole.operating.agreeing import number_to_type
from hookconsole.operating.by_hand import put_down
from hookconsole.operating.desk import Desk

if TYPE_CHECKING:
    from hookconsole.console.app import ConsoleApp

_PROBLEMS_SHOWN = 8
_NAMES_SHOWN = 8

TEMPLATE = """\
# hookconsole's config. Every key is optional; `hookconsole check` judges the file.
#
# [endpoints.acme]                        # the name: a-z 0-9 . _ -
# url = "https://acme.example/hooks"
# events = ["invoice.paid", "bank_feed.*"]  # types, families, or "*"
# secret_file = "secrets/acme"            # or secret = "…", or secret_env = "…"
#
# [delivery]
# timeout_seconds = 10
# retry_schedule = [1, 2, 4, 8, 16]       # seconds before each retry
#
# [event_types]                           # a company's own
# "stock.low" = "A stock level fell below its minimum"
"""


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """$VISUAL, else $EDITOR, else vi. ValueError if its quotes don't close."""
    return shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "vi") or ["vi"]


def write_template(path: Path) -> None:
    """Write the template into a new file that is this user's alone; OSError if there is one by now."""
    make_private(str(path.parent))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(TEMPLATE)


def _begun(path: Path) -> list[Read | None]:
    write_template(path)
    return [read(path)]


def judged(desk: Desk) -> tuple[str, list[str]]:
    """What is to be said of the file as it is now, and its problems, if it is refused for any."""
    try:
        count = len(desk.config.endpoints)
    except ConfigError as error:
        return "", error.problems
    endpoints = "1 endpoint" if count == 1 else f"{count:,} endpoints"
    if desk.refusal:
        lost = len(lost_without_consent(desk.fold.known, desk.fold.consented, desk.config))
        return f"not adopted: the file loses {lost} endpoints; A lets it in", []
    return f"adopted: {endpoints}", []


async def edit_config(console: "ConsoleApp") -> None:
    """Have the config file edited until it is good or the operator leaves it; in a worker."""
    path = console.hub.home.config
    before = await console.act(lambda _: [read(path)])
    if before is None:
        return
    if before[0] is None:
        question = f"There is no {shown(path)} yet. Begin one from a template?"
        if not await console.push_screen_wait(Confirm(question, yes="Begin", default=True)):
            return
        before = await console.act(lambda _: _begun(path))
        if before is None:
            return
    while _edited(console, path):
        after = await console.act(lambda _: [read(path)])
        if after is None:
            return
        if before[0] is not None and after[0] is not None and before[0].raw == after[0].raw:
            console.say("the config file is unchanged")
            return
        console.hub.look_at_config()
        verdict = await console.act(judged)
        if verdict is None:
            return
        said, problems = verdict
        if not problems:
            raw = before[0].raw if before[0] is not None else b""
            await console.act(partial(put_down, before=raw))
            nobody = "" if console.hub.snapshot().sender.running else "; nobody sends"
            console.say(said + nobody, "warning" if said.startswith("not") else "information")
            return
        lines: list[Line] = [[outside(problem, 400, "bad")] for problem in problems[:_PROBLEMS_SHOWN]]
        if len(problems) > _PROBLEMS_SHOWN:
            lines.append([Cell(f"and {len(problems) - _PROBLEMS_SHOWN} more", "dim")])
        lines.append([Cell("Until it is corrected, deliveries go on by the file as it was adopted.", "dim")])
        question = "The config file is refused. Edit it again?"
        if not await console.push_screen_wait(Confirm(question, lines, yes="Edit", default=True)):
            return


def _edited(console: "ConsoleApp", path: Path) -> bool:
    """Run the editor; false, and said why, if there is none. Holds up the screen, and nothing else."""
    failure = ""
    try:
        command = editor_command(os.environ)
        with console.suspend():
            # What is raised in here would leave the terminal as the editor had it.
            try:
                run_in_front([*command, str(path)], path)
            except OSError as error:
                failure = f"{command[0]}: {error.strerror}; set VISUAL or EDITOR to an editor"
    except ValueError:
        failure = "VISUAL or EDITOR has quotes that don't close"
    except SuspendNotSupported:
        failure = "this terminal can't be handed to an editor"
    if failure:
        console.say(failure, "error")
    return not failure


async def accept_removals(console: "ConsoleApp") -> None:
    """Let in a config that loses endpoints, if that is meant; in a worker."""
    found = await console.act(_losses)
    if found is None:
        return
    names, held = found
    if not names:
        console.say("no removal waits for consent")
        return
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    lines: list[Line] = [[outside(", ".join(names[:_NAMES_SHOWN]), 600), Cell(more)]]
    if held:
        words = f"{deliveries(held)} to them unfinished, to be held until they return, or cancel."
        lines.append([Cell(words, "warn")])
    question = f"The config file loses {len(names)} endpoints. Let it in?"
    typed = number_to_type(len(names))
    if await console.push_screen_wait(Confirm(question, lines, yes="Let it in", typed=typed)):
        lost = await console.act(registry.accept_removals)
        if lost is not None:
            console.hub.look_at_config()
            console.say(f"accepted the removal of {len(lost)} endpoints")


def _losses(desk: Desk) -> tuple[list[str], int]:
    names = lost_without_consent(desk.fold.known, desk.fold.consented, desk.config)
    return names, sum(registry.unfinished(desk, name) for name in names)
