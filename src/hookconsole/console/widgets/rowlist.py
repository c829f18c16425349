"""A list of any length of which only the visible rows exist.

Invariants: the cursor stays on its row, and its row on its line, when rows come and go; the cursor is always
in view; only what differs from what is on the screen is painted, to the column.
"""

from collections.abc import Hashable
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding
from textual.message import Message

from hookconsole.console.cells import Cell, Line
from hookconsole.console.widgets.paintedlines import WHEEL_LINES, PaintedLines, bar, filled, list_keys

_GUTTERS = {(False, False): " ", (True, False): ">", (False, True): "*", (True, True): "»"}
"""What stands before a row by (cursor, mark): neither is told by colour alone."""

MARKS_AT_MOST = 10_000
"""Set one by one; for more there are filters."""


class Rows(Protocol):
    """What a list shows. Rows have keys, by which they are found again."""

    def __len__(self) -> int: ...

    def key(self, index: int) -> Hashable:
        """What row `index` is known by."""

    def index(self, key: Hashable) -> int | None:
        """Where a row is now; None if it is gone."""

    def heading(self, width: int) -> Line:
        """The columns' titles."""

    def line(self, index: int, width: int) -> Line:
        """Row `index`, at most `width` columns."""


class RowList(PaintedLines):
    """Shows `rows`; call `update` when they may have changed: it paints what has."""

    BINDINGS: ClassVar[list[Binding]] = list_keys(  # type: ignore[assignment]
        "down", "up", "top", "bottom", "page_down", "page_up", "open", "mark"
    )

    class Moved(Message):
        """The cursor went to another row, or its row is another one now."""

        def __init__(self, rows: "RowList") -> None:
            super().__init__()
            self.rows = rows

    class Opened(Message):
        """A row was chosen with enter or a click on the cursor's row."""

        def __init__(self, rows: "RowList", key: Hashable) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

    class NearEnd(Message):
        """The last row is within a page: more may be wanted."""

        def __init__(self, rows: "RowList") -> None:
            super().__init__()
            self.rows = rows

    class Full(Message):
        """A row can't be marked: there are marks enough."""

    def __init__(self, rows: Rows, *, id: str | None = None, empty: str = "") -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = rows
        self.empty = empty
        self.cursor = 0
        self.first = 0
        """The first visible row."""
        self.marks: set[Hashable] = set()
        self.pinned_to_top = False
        """While true the cursor stays at the first row, whatever comes, until the operator moves."""
        self._cursor_key: Hashable | None = None
        self._near = (-1, -1)

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the cursor's row; None of an empty list."""
        return self._cursor_key

    @property
    def page(self) -> int:
        """Rows that are visible at once."""
        return max(self.size.height - 1, 1)

    # What changes

    def update(self) -> None:
        """The rows, or what they say, may have changed."""
        count = len(self.rows)
        if self.pinned_to_top:
            self.cursor = self.first = 0
        else:
            index = self.rows.index(self._cursor_key) if self._cursor_key is not None else None
            cursor = index if index is not None else max(min(self.cursor, count - 1), 0)
            self.first += cursor - self.cursor
            self.cursor = cursor
        self._settle()

    def on_resize(self, _event: events.Resize) -> None:
        """The cursor stays in view."""
        self._settle()

    def _settle(self) -> None:
        """The view where it can be, the cursor in it; tell who listens, and paint."""
        count, page = len(self.rows), self.page
        if not self.first <= self.cursor < self.first + page:
            self._show_cursor()
        self.first = max(min(self.first, count - page), 0)
        key = self.rows.key(self.cursor) if count else None
        if key != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.Moved(self))
        if self.first + 2 * page >= count and self._near != (self.first, count):
            self._near = (self.first, count)
            self.post_message(self.NearEnd(self))
        self.paint()

    def _show_cursor(self) -> None:
        """Scroll by half a page, which repaints everything; farther only for a jump."""
        half = max(self.page // 2, 1)
        if self.cursor < self.first:
            self.first = min(self.first - half, self.cursor)
        else:
            self.first = max(self.first + half, self.cursor - self.page + 1)

    # Moving

    def move(self, to: int) -> None:
        """Put the cursor on a row."""
        self.cursor = max(min(to, len(self.rows) - 1), 0)
        self.pinned_to_top = self.pinned_to_top and self.cursor == 0
        self._settle()

    def action_down(self) -> None:
        """A row down."""
        self.move(self.cursor + 1)

    def action_up(self) -> None:
        """A row up."""
        self.move(self.cursor - 1)

    def action_top(self) -> None:
        """The first row."""
        self.move(0)

    def action_bottom(self) -> None:
        """The last row."""
        self.move(len(self.rows) - 1)

    def action_page_down(self) -> None:
        """Half a page down."""
        self.move(self.cursor + max(self.page // 2, 1))

    def action_page_up(self) -> None:
        """Half a page up."""
        self.move(self.cursor - max(self.page // 2, 1))

    def action_open(self) -> None:
        """Choose the cursor's row."""
        if self._cursor_key is not None:
            self.post_message(self.Opened(self, self._cursor_key))

    def action_mark(self) -> None:
        """Mark the cursor's row, or take the mark back."""
        if self._cursor_key is not None:
            if len(self.marks) >= MARKS_AT_MOST and self._cursor_key not in self.marks:
                self.post_message(self.Full())
                return
            self.marks ^= {self._cursor_key}
            self.move(self.cursor + 1)

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one opens."""
        index = self.first + event.y - 1
        if event.y == 0 or index >= len(self.rows):
            return
        if index == self.cursor and not self.pinned_to_top:
            self.action_open()
        self.pinned_to_top = False
        self.move(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The view goes down; the cursor goes with its edge."""
        event.stop()
        self._scroll(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The view goes up."""
        event.stop()
        self._scroll(-WHEEL_LINES)

    def _scroll(self, by: int) -> None:
        self.first = max(min(self.first + by, len(self.rows) - self.page), 0)
        self.move(max(min(self.cursor, self.first + self.page - 1), self.first))

    # Painting

    def painted(self, y: int, width: int) -> tuple[Line, str]:
        """Line 0 is the heading, the rest are rows: a gutter, the row, the bar."""
        count = len(self.rows)
        inner = max(width - 2, 1)
        index = self.first + y - 1
        gutter, over = " ", ""
        line: Line = ()
        if y == 0:
            line = self.rows.heading(inner)
        elif index < count:
            marked, here = self.rows.key(index) in self.marks, index == self.cursor
            gutter = _GUTTERS[here, marked]
            over = "marked" if marked else ""
            if here:
                over = "cursor" if self.has_focus else "blurred"
            line = self.rows.line(index, inner)
        elif count == 0 and y >= 2:
            line = [Cell(word, "dim") for word in self.empty.splitlines()[y - 2 : y - 1]]
        end = bar(y - 1, self.page, self.first, count) if y else Cell(" ")
        return [Cell(gutter, "title"), *filled(line, inner), end], over
