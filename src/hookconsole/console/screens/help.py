"""Screens to read: the keys, the log lines. Any of the keys that close things closes them."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.widget import Widget

from hookconsole.console.cells import Cell, Line, Tone
from hookconsole.console.dialogs.base import Dialog, Text
from hookconsole.console.help import help_lines
from hookconsole.console.loglines import LogLine

_LEVELS: dict[str, Tone] = {"INFO": "dim", "WARNING": "warn", "ERROR": "bad", "CRITICAL": "bad"}


class Reading(Dialog[None]):
    """Lines over the whole screen, made for its width."""

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("q,enter,question_mark,L", "cancel", show=False),
        Binding("j,down", "scroll_lines(1)", show=False),
        Binding("k,up", "scroll_lines(-1)", show=False),
        Binding("ctrl+d,space", "scroll_frame(1)", show=False),
        Binding("ctrl+u", "scroll_frame(-1)", show=False),
        Binding("g,home", "scroll_lines(-100_000)", show=False),
        Binding("G,end", "scroll_lines(100_000)", show=False),
    ]
    DEFAULT_CSS = """
    Reading .frame { width: 110; height: 100%; }
    """

    def __init__(self, title: str, lines: Callable[[int], list[Line]]) -> None:
        """`lines` gives what to read, for a width in columns."""
        super().__init__()
        self._title = title
        self._lines = lines

    def title_line(self) -> Line:
        """What it is."""
        return [Cell(self._title, "title"), Cell("   esc closes, j k scroll", "dim")]

    def content(self) -> Iterable[Widget]:
        """The lines, once the width is known."""
        yield Text(id="lines", classes="gap")

    def on_mount(self) -> None:
        """Show them."""
        self.call_after_refresh(self._fill)

    def on_resize(self, _event: events.Resize) -> None:
        """Make them anew for another width."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        width = self.query_one(".frame").content_size.width
        self.query_one("#lines", Text).say(*self._lines(max(width - 1, 20)))

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(".frame").scroll_relative(y=lines, animate=False)


def help_screen(here: Collection[str], keys: Mapping[str, str], *, writes: bool) -> Reading:
    """The keys that work, those of the view in front first."""
    return Reading("Keys", lambda width: help_lines(here, keys, width, writes=writes))


def log_screen(lines: list[LogLine]) -> Reading:
    """What was logged, newest first."""
    empty: list[Line] = [[Cell("nothing yet", "dim")]]
    return Reading("Log lines of this console", lambda _: [_log_line(line) for line in lines] or empty)


def _log_line(line: LogLine) -> Line:
    at = time.strftime("%H:%M:%S", time.gmtime(line.at))
    tone = _LEVELS.get(line.level, "plain")
    return [Cell(f"{at}  ", "dim"), Cell(f"{line.level:<7}  ", tone), Cell(line.text)]
