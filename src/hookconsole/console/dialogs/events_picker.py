"""Event types from a list: typing searches, space takes one or gives it back, enter is done.

Invariant: patterns that aren't in the list stay as they were.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from hookconsole.console.cells import Cell, Column, Line, fit, outside, row
from hookconsole.console.dialogs.base import Dialog, Text
from hookconsole.console.dialogs.field import OneLine
from hookconsole.console.dialogs.subscription import (
    Offer,
    covered,
    matching,
    offers,
    subscribed,
    toggled,
)
from hookconsole.console.widgets.rowlist import RowList

_COLUMNS = (Column("", 3), Column("event type", 30), Column("", 0))


class Offered:
    """The offers that the search finds, as rows."""

    def __init__(self, every: Sequence[Offer], chosen: list[str]) -> None:
        self.every = every
        self.found = list(every)
        self.chosen = chosen
        self._where = {offer.pattern: at for at, offer in enumerate(self.found)}

    def search(self, words: str) -> None:
        """Only those that have these words."""
        self.found = matching(self.every, words)
        self._where = {offer.pattern: at for at, offer in enumerate(self.found)}

    def __len__(self) -> int:
        return len(self.found)

    def key(self, index: int) -> Hashable:
        """Its pattern."""
        return self.found[index].pattern

    def index(self, key: Hashable) -> int | None:
        """Where a pattern is."""
        return self._where.get(str(key))

    def heading(self, width: int) -> Line:
        """How much is chosen."""
        return [fit(Cell(f"{len(self.chosen)} chosen", "dim"), width)]

    def line(self, index: int, width: int) -> Line:
        """Chosen, covered by a chosen one, or neither."""
        offer = self.found[index]
        mark = Cell("[ ]", "dim")
        if offer.pattern in self.chosen:
            mark = Cell("[x]", "good")
        elif covered(self.chosen, offer.pattern):
            mark = Cell("[·]", "good")
        cells = [mark, outside(offer.pattern, 128), outside(offer.description, tone="dim")]
        return row(_COLUMNS, cells, width)


class EventsPicker(Dialog[list[str]]):
    """Gives the patterns chosen in the end."""

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("pagedown", "move(8)", "Page down", show=False),
        Binding("pageup", "move(-8)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    EventsPicker .frame { height: 100%; max-height: 30; overflow-y: hidden; }
    EventsPicker RowList { height: 1fr; }
    """

    def __init__(self, types: Mapping[str, str], chosen: Iterable[str]) -> None:
        super().__init__()
        self._types = types
        self._offered = Offered(offers(types), list(chosen))

    def title_line(self) -> Line:
        """What to do."""
        return [Cell("Event types  ", "title"), Cell("space takes  enter done  esc as before", "dim")]

    def content(self) -> Iterable[Widget]:
        """The search, the list, what it comes to."""
        yield Search(placeholder="type to search: a name, a word of the description")
        yield RowList(self._offered, empty="no event type has these words")
        yield Text(id="sum")

    def on_mount(self) -> None:
        """Typing searches, arrows move in the list."""
        self.query_one(RowList).can_focus = False
        self.set_focus(self.query_one(Search))
        self._sum()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search."""
        event.stop()
        self._offered.search(event.value)
        rows = self.query_one(RowList)
        rows.update()
        rows.move(0)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Done."""
        event.stop()
        self.end(self._offered.chosen)

    def on_row_list_opened(self, _event: RowList.Opened) -> None:
        """A click on the cursor's row."""
        self.action_take()

    def action_move(self, by: int) -> None:
        """Up and down in the list."""
        rows = self.query_one(RowList)
        rows.move(rows.cursor + by)

    def action_take(self) -> None:
        """Take the row's pattern, or give it back."""
        rows = self.query_one(RowList)
        if rows.cursor_key is not None:
            self._offered.chosen = toggled(self._offered.chosen, str(rows.cursor_key))
            rows.update()
            self._sum()

    def _sum(self) -> None:
        chosen = self._offered.chosen
        number = subscribed(chosen, self._types)
        said = outside(", ".join(chosen), 400) if chosen else Cell("nothing yet: name at least one", "warn")
        self.query_one("#sum", Text).say([Cell(f"{number} of {len(self._types)} types: ", "dim"), said])


class Search(OneLine):
    """The search; a space, which no name has, takes the cursor's row."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        Binding("space", "screen.take", "Take", show=False)
    ]

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """A space isn't typed."""
        return key != "space" and super().check_consume_key(key, character)

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]
        """Textual calls this before `Input`'s own."""
        if event.key == "space":
            event.prevent_default()
