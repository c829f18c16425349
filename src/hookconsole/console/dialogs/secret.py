"""A secret, shown once: copied, written to a private file, or read off the screen.

Invariant: it is in no message, log, `repr` or screenshot; with the dialog it is gone from the screen.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Button, Input

from hookconsole.config.views import MASK
from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Buttons, Dialog, Text
from hookconsole.console.dialogs.field import OneLine
from hookconsole.errors import HookconsoleError


def write_private(name: str, text: str) -> None:
    """Write a new file that is this user's alone from its first byte on; OSError if there is one already."""
    path = Path(name).expanduser()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


class SecretDialog(Dialog[None]):
    """Shows a secret until it is closed; `report` adds what comes to be known meanwhile."""

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("c", "copy", "Copy", show=False),
        Binding("w", "write", "Write", show=False),
    ]
    DEFAULT_CSS = """
    SecretDialog #path { display: none; }
    SecretDialog #path.-asked { display: block; }
    """

    def __init__(self, title: str, secret: str, lines: Sequence[Line] = ()) -> None:
        super().__init__()
        self._title = title
        self._secret = secret
        self._lines = list(lines)
        self._reported: list[Line] = []

    def title_line(self) -> Line:
        """Whose."""
        return [outside(self._title, 120, "title")]

    def content(self) -> Iterable[Widget]:
        """The secret, what is to be known of it, what can be done with it."""
        yield Text([[Cell(self._secret, "accent")]], id="secret", classes="gap")
        yield Text(self._lines, classes="gap")
        yield Text(self._reported, id="reported", classes="gap")
        yield OneLine(id="path", placeholder="a new file's path; enter writes it, readable for you alone")
        yield Text(id="done")
        yield Buttons(("close", "Close"), hint="c copy  w write to a file  enter close")

    def on_mount(self) -> None:
        """Enter closes. What was reported since the lines were laid out is shown now."""
        self.set_focus(self.query_one("#close"))
        self.report(*self._reported)

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Without the secret, for as long as a picture of the screen is taken."""
        shown = self.query_one("#secret", Text)
        shown.say([Cell(MASK)])
        try:
            yield
        finally:
            shown.say([Cell(self._secret, "accent")])

    def report(self, *lines: Line) -> None:
        """Show a line more, or others."""
        self._reported = list(lines)
        for text in self.query("#reported").results(Text):
            text.say(*lines)

    def action_copy(self) -> None:
        """Into the clipboard of the operator's terminal."""
        self.app.copy_to_clipboard(self._secret)
        self._say([Cell("● copied, if the terminal takes it (OSC 52)", "good")])

    def action_write(self) -> None:
        """Ask where to."""
        path = self.query_one("#path", OneLine)
        path.add_class("-asked")
        self.set_focus(path)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write it there."""
        event.stop()
        if not event.value.strip():
            self._close_path()
            return
        path, secret = event.value.strip(), self._secret
        try:
            await self.at_desk(lambda _: write_private(path, secret))
        except HookconsoleError as error:
            self._say([outside(f"✗ not written: {error}", 400, "bad")])
            return
        self._close_path()
        self._say([outside(f"● written to {path}", 400, "good")])

    def _close_path(self) -> None:
        self.query_one("#path").remove_class("-asked")
        self.set_focus(self.query_one("#close"))

    def _say(self, line: Line) -> None:
        self.query_one("#done", Text).say(line)

    def on_button_pressed(self, _event: Button.Pressed) -> None:
        """Enough."""
        self.end(None)

    def action_cancel(self) -> None:
        """The path's field first, then the dialog."""
        if self.query_one("#path").has_class("-asked"):
            self._close_path()
        else:
            self.end(None)
