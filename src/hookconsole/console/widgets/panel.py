"""A piece of a screen that is lines of cells made for the size it has.

Invariant: only what differs from what is on the screen is painted, so it may be drawn anew at every tick.
"""

from collections.abc import Callable, Sequence

from textual import events

from hookconsole.console.cells import Line
from hookconsole.console.widgets.paintedlines import PaintedLines

Maker = Callable[[int, int], Sequence[Line]]
"""Makes the lines for a width and a height, in columns and lines; what is too many is cut off."""


class Panel(PaintedLines, can_focus=False):
    """Shows what the last maker makes."""

    ALLOW_MAXIMIZE = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._make: Maker = lambda _width, _height: ()
        self._lines: Sequence[Line] = ()

    def draw(self, make: Maker) -> None:
        """Show this from now on, at any size."""
        self._make = make
        self.paint()

    def on_resize(self, _event: events.Resize) -> None:
        """Made anew."""
        self.paint()

    def painted(self, y: int, width: int) -> tuple[Line, str]:
        """Line `y`; all are made with the first."""
        if y == 0:
            self._lines = self._make(width, self.size.height)
        return (self._lines[y] if y < len(self._lines) else ()), ""
