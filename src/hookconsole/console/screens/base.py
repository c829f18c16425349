"""What every view has: the line that says who delivers and how, the banner that can't be missed, the keys.

A view shows the hub's snapshot: `show` is called about five times a second while the view is in front and
isn't frozen, and must cost nothing when nothing has changed.
"""

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from hookconsole.console.widgets.keybar import KeyBar
from hookconsole.console.widgets.statusbar import Banner, StatusBar
from hookconsole.observing.hub import Hub
from hookconsole.observing.values import Snapshot

if TYPE_CHECKING:
    from hookconsole.console.app import ConsoleApp


HINT_SECONDS = 9.0
"""How long each hint stays."""


class Hints(Static):
    """What a newcomer sees, told a line at a time above the keys."""

    DEFAULT_CSS = """
    Hints { height: 1; padding: 0 1; color: $text-secondary; }
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(markup=False)
        self._lines = lines
        self._shown = -1

    def tell(self, now: float) -> None:
        """The line of this moment, in monotonic seconds."""
        at = int(now / HINT_SECONDS) % len(self._lines)
        if at != self._shown:
            self._shown = at
            self.update(self._lines[at])


class View(Screen[None]):
    """A screen of the console. Subclasses give `body` and `show`, and BINDINGS of their commands."""

    DEFAULT_CSS = """
    View.-short Hints, View.-narrow Hints { display: none; }
    """

    @property
    def console(self) -> "ConsoleApp":
        """The application, by its type."""
        return cast("ConsoleApp", self.app)

    @property
    def hub(self) -> Hub:
        """The source of all that is shown."""
        return self.console.hub

    def compose(self) -> ComposeResult:
        """The status on top, the keys at the bottom."""
        yield StatusBar()
        yield Banner()
        yield from self.body()
        if self.console.hints:
            yield Hints(self.console.hints)
        yield KeyBar()

    @property
    def filling(self) -> bool:
        """Whether what keys are for is about to come; they wait for it, so never for long."""
        return False

    def body(self) -> Iterable[Widget]:
        """What is between."""
        return ()

    def show(self, snapshot: Snapshot) -> None:
        """Show how things stand."""

    def on_screen_resume(self) -> None:
        """In front again: what passed meanwhile is shown at once."""
        self.console.look()

    def back(self) -> None:
        """Escape: close what is open here, the innermost first."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def look(self, snapshot: Snapshot) -> None:
        """Show a snapshot, the parts that all views have first."""
        console = self.console
        self.query_one(StatusBar).show(snapshot, frozen=console.frozen, read_only=console.read_only)
        self.query_one(Banner).show(snapshot)
        for hints in self.query(Hints):
            hints.tell(time.monotonic() - self.console.began)
        if not self.console.frozen:
            self.show(snapshot)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """With --read-only nothing that writes is offered, nor obeyed."""
        return self.console.allows(action)
