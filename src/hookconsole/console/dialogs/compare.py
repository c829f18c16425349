"""What differs between two attempts of one delivery: the newest two, or others that are chosen by arrows."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.widget import Widget

from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Dialog, Text
from hookconsole.console.difference import differences
from hookconsole.console.widgets.storyview import StoryView
from hookconsole.observing.detail import AttemptDetail


class Compare(Dialog[None]):
    """At least two attempts, the oldest first; the right one is always the later."""

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("left,h", "left(-1)", "An earlier left one"),
        Binding("right,l", "left(1)", "A later left one"),
        Binding("shift+left,H", "right(-1)", "An earlier right one"),
        Binding("shift+right,L", "right(1)", "A later right one"),
        Binding("d", "cancel", "Close", show=False),
    ]
    DEFAULT_CSS = """
    Compare .frame { width: 100%; height: 100%; max-width: 160; }
    """

    def __init__(self, title: str, attempts: Sequence[AttemptDetail], now: float) -> None:
        super().__init__()
        self._title = title
        self._attempts = attempts
        self._now = now
        self._left, self._right = len(attempts) - 2, len(attempts) - 1

    def title_line(self) -> Line:
        """Of which delivery."""
        return [Cell("Differences between attempts of ", "dim"), outside(self._title, 150, "title")]

    def content(self) -> Iterable[Widget]:
        """The lines, and the keys."""
        yield StoryView()
        yield Text([[Cell("←→ the left one  shift+←→ the right one  j k scroll  esc close", "dim")]])

    def on_mount(self) -> None:
        """The newest two."""
        self.query_one(StoryView).focus()

    def on_resize(self, _event: events.Resize) -> None:
        """In the width that there is."""
        self.call_after_refresh(self._show)

    def action_left(self, way: int) -> None:
        """Another one on the left."""
        self._left = max(min(self._left + way, self._right - 1), 0)
        self._show()

    def action_right(self, way: int) -> None:
        """Another one on the right."""
        self._right = max(min(self._right + way, len(self._attempts) - 1), self._left + 1)
        self._show()

    def _show(self) -> None:
        view = self.query_one(StoryView)
        old, new = self._attempts[self._left], self._attempts[self._right]
        view.show(list(differences(old, new, self._now, max(view.size.width - 2, 20))))
