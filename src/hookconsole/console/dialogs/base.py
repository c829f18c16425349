"""What all dialogs look like, and how they end: escape cancels, the keys that work are in the last line.

A dialog is one frame over the view. It fits 60 columns and 15 lines, by scrolling if it must.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import HorizontalGroup, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Static

from hookconsole.console.acting import at_desk
from hookconsole.console.cells import Cell, Line
from hookconsole.console.widgets.text import lines as content_of
from hookconsole.operating.desk import Desk

if TYPE_CHECKING:
    from hookconsole.console.app import ConsoleApp

Result = TypeVar("Result")
Given = TypeVar("Given")


class Dialog(ModalScreen[Result]):
    """A dialog; None is the result of one that was cancelled. Subclasses give `title_line` and `content`."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("pageup", "scroll_frame(-1)", "Up", show=False),
        Binding("pagedown", "scroll_frame(1)", "Down", show=False),
    ]
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog .frame {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        padding: 0 1; border: round $foreground 40%; background: $background;
        scrollbar-size-vertical: 1;
    }
    Dialog.-short .frame { border: none; background: $surface; }
    Dialog .gap { margin-top: 1; }
    Dialog.-short .gap { margin-top: 0; }
    Dialog Text { height: auto; width: 1fr; }
    Dialog Text.-none { display: none; }
    Dialog Button { min-width: 8; width: auto; margin-right: 2; }
    Dialog .buttons { height: 1; }
    """

    def compose(self) -> ComposeResult:
        """The frame and what is in it."""
        with VerticalScroll(can_focus=False, classes="frame"):
            yield Text([self.title_line()], id="title-line")
            yield from self.content()

    def title_line(self) -> Line:
        """What it is about."""
        return ()

    def show_title(self) -> None:
        """It is about something else now."""
        self.query_one("#title-line", Text).say(self.title_line())

    def content(self) -> Iterable[Widget]:
        """What is beneath the title."""
        return ()

    @property
    def console(self) -> "ConsoleApp":
        """The application, by its type."""
        return cast("ConsoleApp", self.app)

    async def at_desk(self, what: Callable[[Desk], Given]) -> Given:
        """Work at an operator's desk; a HookconsoleError is for the dialog to show."""
        return await at_desk(self.console.hub.home, what)

    def end(self, result: Result | None) -> None:
        """Close with a result, if it is still in front: a second key comes too late."""
        if self.is_current:
            self.dismiss(result)

    def action_cancel(self) -> None:
        """Close, nothing done."""
        self.end(None)

    def action_scroll_frame(self, way: int) -> None:
        """Scroll what doesn't fit."""
        frame = self.query_one(".frame")
        frame.scroll_relative(y=way * max(frame.size.height - 1, 1), animate=False)


class Text(Static):
    """Lines of safe cells; no line when empty."""

    def __init__(self, several: Sequence[Line] = (), *, id: str | None = None, classes: str = "") -> None:  # noqa: A002
        super().__init__(content_of(several), markup=False, id=id, classes=classes)
        self.set_class(not several, "-none")

    def say(self, *several: Line) -> None:
        """Show these lines instead."""
        self.update(content_of(several))
        self.set_class(not several, "-none")


class Buttons(HorizontalGroup):
    """Buttons in a row, and the hint beside them; left and right go from one to the next."""

    def __init__(self, *labels: tuple[str, str], hint: str = "") -> None:
        """`labels` are (id, label) each."""
        super().__init__(classes="buttons gap")
        self._labels = labels
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The buttons."""
        for id_, label in self._labels:
            yield Button(Content(label), id=id_, compact=True)
        yield Text([[Cell(self._hint, "dim")]])

    def on_key(self, event: events.Key) -> None:
        """Left and right."""
        if event.key in ("left", "right"):
            event.stop()
            (self.screen.focus_next if event.key == "right" else self.screen.focus_previous)(Button)
