"""Lines to read, as many as there are: wrapped to the width, scrolled by the keys of every list."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding

from hookconsole.console.cells import Cell, Line
from hookconsole.console.widgets.paintedlines import WHEEL_LINES, PaintedLines, bar, filled, list_keys
from hookconsole.console.wrapping import wrapped


class StoryView(PaintedLines):
    """Shows lines from `first` on."""

    BINDINGS: ClassVar[list[Binding]] = list_keys(  # type: ignore[assignment]
        "down", "up", "top", "bottom", "page_down", "page_up"
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.first = 0
        self._lines: Sequence[Line] = ()
        self._wrapped: list[Line] = []

    def show(self, lines: Sequence[Line], *, anew: bool = False) -> None:
        """Show these; `anew` from the top, else from where it stands."""
        self._lines = lines
        if anew:
            self.first = 0
        self._wrap()

    def on_resize(self, _event: events.Resize) -> None:
        """Broken anew."""
        self._wrap()

    def _wrap(self) -> None:
        width = max(self.size.width - 2, 1)
        self._wrapped = [piece for line in self._lines for piece in wrapped(line, width)]
        self.scroll_lines(0)

    def scroll_lines(self, by: int) -> None:
        """So many lines down, as far as there are any."""
        self.first = max(min(self.first + by, len(self._wrapped) - self.size.height), 0)
        self.paint()

    def painted(self, y: int, width: int) -> tuple[Line, str]:
        """A column free on the left, the bar on the right."""
        count = len(self._wrapped)
        index = self.first + y
        line = self._wrapped[index] if index < count else ()
        inner = max(width - 2, 1)
        return [Cell(" "), *filled(line, inner), bar(y, self.size.height, self.first, count)], ""

    def action_down(self) -> None:
        """A line down."""
        self.scroll_lines(1)

    def action_up(self) -> None:
        """A line up."""
        self.scroll_lines(-1)

    def action_top(self) -> None:
        """The beginning."""
        self.scroll_lines(-len(self._wrapped))

    def action_bottom(self) -> None:
        """The end."""
        self.scroll_lines(len(self._wrapped))

    def action_page_down(self) -> None:
        """Half a page down."""
        self.scroll_lines(max(self.size.height // 2, 1))

    def action_page_up(self) -> None:
        """Half a page up."""
        self.scroll_lines(-max(self.size.height // 2, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.scroll_lines(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel, back."""
        event.stop()
        self.scroll_lines(-WHEEL_LINES)
