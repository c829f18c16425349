"""A text in the operator's pager: the console steps aside until it ends.

Invariant: the text is in a file without a name, which goes with the pager, however the console ends.
"""

import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path

from textual.app import App, SuspendNotSupported

from hookconsole.console.foreground import run_in_front
from hookconsole.errors import RefusedError


def page(app: App[int], text: str, config: Path) -> None:
    """Show a text; RefusedError says why it can't be shown. Holds up the screen, and nothing else."""
    command = pager_command(os.environ)
    failure = ""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write(text)
        file.seek(0)
        try:
            with app.suspend():
                # What is raised in here would leave the terminal as the pager had it.
                try:
                    run_in_front(command, config, file)
                except OSError as error:
                    failure = f"{command[0]}: {error.strerror}; set PAGER to a program"
        except SuspendNotSupported:
            failure = "this terminal can't be handed to a pager"
    if failure:
        raise RefusedError(failure)


def pager_command(environment: Mapping[str, str]) -> list[str]:
    """$PAGER, else less."""
    try:
        return shlex.split(environment.get("PAGER") or "") or ["less"]
    except ValueError:
        raise RefusedError("PAGER has quotes that don't close") from None
