"""A new secret for an endpoint: how long the old one signs too is asked, enter does it."""

import time
from collections.abc import Iterable
from typing import NamedTuple

from textual import work
from textual.widget import Widget
from textual.widgets import Button, Input

from hookconsole.clock import rfc3339_seconds
from hookconsole.config.edit import OVERLAP_HOURS_AT_MOST, why_not_rotated
from hookconsole.config.model import Endpoint
from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Buttons, Dialog, Text
from hookconsole.console.dialogs.field import Field, OneLine
from hookconsole.console.dialogs.secret import SecretDialog
from hookconsole.errors import HookconsoleError
from hookconsole.operating import registry
from hookconsole.operating.desk import Desk

DEFAULT_OVERLAP_HOURS = 24


class Rotation(NamedTuple):
    """What is to be known before a secret is rotated. `earlier` is the end of an overlap, unix seconds."""

    seen: Endpoint
    header: str
    why_not: str | None
    earlier: float | None


def rotation(desk: Desk, name: str) -> Rotation:
    """Whether and how an endpoint's secret can be rotated."""
    endpoint = desk.endpoint(name)
    earlier = endpoint.previous_secret_until
    if earlier is not None and earlier <= time.time():
        earlier = None
    return Rotation(endpoint, desk.config.signing_header, why_not_rotated(endpoint), earlier)


class Rotate(Dialog[None]):
    """Asks, rotates, shows the new secret once."""

    def __init__(self, about: Rotation) -> None:
        super().__init__()
        self._about = about
        self._busy = False

    def title_line(self) -> Line:
        """Whose."""
        return [outside(f"Give {self._about.seen.name} a new secret?", 120, "title")]

    def content(self) -> Iterable[Widget]:
        """How, if it can't be done here; else the overlap."""
        if self._about.why_not:
            yield Text([[outside(self._about.why_not, 600)]], classes="gap")
            yield Buttons(("close", "Close"), hint="esc close")
            return
        lines: list[Line] = [[Cell("The old one signs too for so many hours, 0 to 168:")]]
        if self._about.earlier is not None:
            until = rfc3339_seconds(self._about.earlier)
            lines.append(
                [Cell(f"! the overlap before, until {until}, is cut short: there is room for one", "warn")]
            )
        yield Text(lines, classes="gap")
        yield Field("Hours", OneLine(str(DEFAULT_OVERLAP_HOURS), id="hours"))
        yield Text(id="why")
        yield Buttons(("rotate", "Rotate"), ("no", "No"), hint="enter rotate  esc no")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Rotate, or not."""
        if event.button.id == "rotate":
            self._rotate()
        else:
            self.end(None)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Rotate."""
        self._rotate()

    @work
    async def _rotate(self) -> None:
        text = self.query_one("#hours", OneLine).value.strip()
        try:
            hours = float(text)
        except ValueError:
            self._why(f"{text!r} is no number of hours")
            return
        if not 0 <= hours <= OVERLAP_HOURS_AT_MOST:
            self._why(f"the overlap must be from 0 to {OVERLAP_HOURS_AT_MOST} hours")
            return
        if self._busy:
            return
        self._busy = True
        seen = self._about.seen
        name = seen.name
        try:
            secret = await self.at_desk(lambda desk: registry.rotate(desk, name, hours, seen))
        except HookconsoleError as error:
            self._why(str(error))
            return
        finally:
            self._busy = False
        app = self.console
        app.hub.look_at_config()
        lines: list[Line] = []
        if hours:
            both = f"For {hours:g} h webhook-signature carries both; {self._about.header} the new one."
            lines.append([outside(both)])
        if not app.hub.snapshot().sender.running:
            lines.append([Cell("No sender runs; the next one signs with it.", "warn")])
        self.end(None)
        app.push_screen(SecretDialog(f"The new secret of {name}, shown once", secret, lines))

    def _why(self, reason: str) -> None:
        self.query_one("#why", Text).say([outside(f"✗ {reason}", 400, "bad")])
