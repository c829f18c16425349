"""A widget that is lines of cells and scrolls by itself.

Invariant: only what differs from what is on the screen is painted, to the column: a list that is shifted
under a view that shows the same costs nothing.
"""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from hookconsole.console.cells import Cell, Line, checked, fit
from hookconsole.console.commands import bindings
from hookconsole.console.look import TONES
from hookconsole.console.widgets.painting import changed_columns, segments_of

WHEEL_LINES = 3

_SEEN_ANYWHERE = frozenset({"cursor", "alarm"})
_REVERSED = Style(bold=True, reverse=True)


def list_keys(*actions: str) -> list[Binding]:
    """The bindings of those of the list's commands that a widget obeys by itself."""
    return [binding for binding in bindings("list") if binding.action in actions]


class PaintedLines(Widget, can_focus=True):
    """Subclasses give `painted`, and call `paint` when it may have changed."""

    ALLOW_MAXIMIZE = True
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{tone}" for tone in TONES} | {
        "lines--cursor",
        "lines--blurred",
        "lines--marked",
        "lines--alarm",
    }
    DEFAULT_CSS = """
    PaintedLines { width: 1fr; height: 1fr; }
    PaintedLines .lines--cursor { background: $primary 40%; text-style: bold; }
    PaintedLines .lines--blurred { background: $foreground 10%; }
    PaintedLines .lines--marked { text-style: bold; }
    PaintedLines .lines--plain { color: $foreground; }
    PaintedLines .lines--dim { color: $text-muted; }
    PaintedLines .lines--good { color: $text-success; }
    PaintedLines .lines--bad { color: $text-error; text-style: bold; }
    PaintedLines .lines--warn { color: $text-warning; }
    PaintedLines .lines--accent { color: $text-secondary; }
    PaintedLines .lines--title { color: $foreground; text-style: bold; }
    PaintedLines:light .lines--cursor { background: $primary 20%; }
    PaintedLines:ansi .lines--blurred { background: ansi_default; text-style: underline; }
    PaintedLines:ansi .lines--dim { color: ansi_default; text-style: dim; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._painted: list[list[Segment]] = []
        self._painted_size = Size(0, 0)

    def painted(self, y: int, width: int) -> tuple[Line, str]:
        """Line `y`, `width` columns at most, and what lies over it: "", cursor, blurred, marked or alarm."""
        raise NotImplementedError

    def paint(self) -> None:
        """Have the columns repainted that aren't as they were painted last."""
        if not self.is_attached or not self.size:
            return
        before, size = self._painted, self._painted_size
        self._painted = self._every_line()
        if len(before) != len(self._painted) or size != self._painted_size:
            self.refresh()
            return
        regions = []
        for y, (old, new) in enumerate(zip(before, self._painted, strict=True)):
            begin, end = changed_columns(old, new)
            if begin < end:
                regions.append(Region(begin, y, end - begin, 1))
        if regions:
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        """Another theme, or the focus: all is painted anew."""
        self._painted = []
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """As `paint` made it; made here when all is to be painted."""
        width, height = self.size
        if len(self._painted) != height or self._painted_size != self.size:
            self._painted = self._every_line()  # a line of another width would go over the edge
        return Strip(self._painted[y], width) if y < height else Strip.blank(width)

    def _every_line(self) -> list[list[Segment]]:
        self._painted_size = self.size
        width, height = self.size
        return [self._segments(*self.painted(y, width), width) for y in range(height)]

    def _segments(self, line: Line, over: str, width: int) -> list[Segment]:
        if over in _SEEN_ANYWHERE and self.app.native_ansi_color:
            # No pair of a terminal's own colours is sure to be read, and there may be none at all.
            return [Segment("".join(cell.text for cell in filled(line, width)), _REVERSED)]
        looks = (f"lines--{over}",) if over else ()
        return segments_of(
            (cell.text, self.get_visual_style(*looks, f"lines--{cell.tone}").rich_style)
            for cell in filled(line, width)
        )

    def on_focus(self) -> None:
        """What has the focus looks it."""
        self.paint()

    def on_blur(self) -> None:
        """What lost it, too."""
        self.paint()


def filled(line: Line, width: int) -> list[Cell]:
    """A line at exactly `width` columns."""
    found: list[Cell] = []
    left = width
    for cell in checked(line):
        length = cell_len(cell.text)
        if length > left:
            found.append(fit(cell, left))
            return found
        found.append(cell)
        left -= length
    if left:
        found.append(Cell(" " * left))
    return found


def bar(y: int, height: int, first: int, count: int) -> Cell:
    """The scroll bar's piece of line `y` of `height`, where `count` lines are seen from `first` on."""
    if count <= height:
        return Cell(" ")
    length = max(height * height // count, 1)
    top = (height - length) * first // (count - height)
    return Cell("▐" if top <= y < top + length else " ", "dim")
