"""Every endpoint, trouble first. The overview has the same list beneath its charts."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget

from hookconsole.console.cells import Cell, outside
from hookconsole.console.commands import bindings
from hookconsole.console.endpoint_acts import EndpointActs
from hookconsole.console.endpointcolumns import FAILS, GONE, LATE
from hookconsole.console.endpointrows import GRAMMAR, EndpointRows
from hookconsole.console.keymap import shown
from hookconsole.console.widgets.filterbar import FilterBar
from hookconsole.console.widgets.panel import Panel
from hookconsole.console.widgets.rowlist import RowList
from hookconsole.observing.filter import means_deliveries
from hookconsole.observing.values import Snapshot

NOTHING = """\
no endpoint yet

{add} adds one: a URL, and the events that it gets
{edit} opens the config file in your editor

then   hookconsole emit invoice.paid --data '{{"amount":5}}'"""


class EndpointList(RowList):
    """Rows that are acted on one at a time."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is no use for a mark."""
        return action != "mark"


class EndpointListView(EndpointActs):
    """A view with a list of endpoints."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        *bindings("endpoint"),
        *(one for one in bindings("list") if one.action in ("filter", "sort", "reverse")),
    ]
    DEFAULT_CSS = """
    EndpointListView #title { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows = EndpointRows()

    @property
    def _list(self) -> RowList:
        return self.query_one(RowList)

    def listed(self) -> Iterable[Widget]:
        """The title and the list."""
        yield Panel(id="title")
        yield EndpointList(self._rows)

    def filter_bar(self) -> Iterable[Widget]:
        """The line in which a filter is typed."""
        yield FilterBar(GRAMMAR)

    def on_mount(self) -> None:
        """Keys go to the list; until it is moved in the cursor is at what is worst."""
        self._list.focus()
        self._list.pinned_to_top = True

    @property
    def current_endpoint(self) -> str | None:
        """The cursor's."""
        key = self._list.cursor_key
        return key if isinstance(key, str) else None

    def show(self, snapshot: Snapshot) -> None:
        """Show how the endpoints do."""
        self._rows.take(snapshot.endpoints, snapshot.now)
        self._list.empty = self._nothing(snapshot)
        self._list.update()
        self.query_one("#title", Panel).draw(lambda _width, _height: [self._title()])

    def _title(self) -> list[Cell]:
        rows = self._rows
        cells = [Cell(" Endpoints ", "title"), Cell(f"{rows.total:,}")]
        if rows.query:
            cells += [Cell("  filter ", "dim"), outside(rows.query, 100, "accent"), Cell(f" {len(rows):,}")]
        if rows.ill[FAILS]:
            cells.append(Cell(f"  ✗ {rows.ill[FAILS]:,} failing", "bad"))
        if rows.ill[GONE]:
            cells.append(Cell(f"  ? {rows.ill[GONE]:,} gone", "warn"))
        if rows.ill[LATE]:
            cells.append(Cell(f"  ! {rows.ill[LATE]:,} late", "warn"))
        if rows.total and not any(rows.ill[kind] for kind in (FAILS, GONE, LATE)):
            cells.append(Cell("  ● no trouble", "good"))
        return cells

    def _nothing(self, snapshot: Snapshot) -> str:
        if self._rows.query:
            return "none is like that"
        if not snapshot.version:
            return "reading the journal"
        if self.console.read_only:
            return "no endpoint yet"
        add, edit = (shown(self.console.keys[id_]) for id_ in ("endpoint.add", "app.edit-config"))
        return NOTHING.format(add=f"{add:<6}", edit=f"{edit:<6}")

    # Order and filter

    def action_sort(self) -> None:
        """By the next of the columns that are shown."""
        columns = self._rows.columns(max(self._list.size.width - 2, 1))
        titles = [column.title for column in columns]
        now = self._rows.sorted_by.title
        following = titles.index(now) + 1 if now in titles else 0
        self._rows.sort(columns[following % len(columns)], reverse=False)
        self._list.update()

    def action_reverse(self) -> None:
        """The other way round."""
        self._rows.sort(self._rows.sorted_by, reverse=not self._rows.reverse)
        self._list.update()

    def action_filter(self) -> None:
        """Type one."""
        self.query_one(FilterBar).open(self._rows.query)

    def on_filter_bar_submitted(self, event: FilterBar.Submitted) -> None:
        """Apply it; what only deliveries have is looked for among them."""
        self.on_filter_bar_closed()
        if means_deliveries(event.text):
            self.console.open_deliveries(event.text)
        else:
            self._filter(event.text)

    def on_filter_bar_closed(self) -> None:
        """Back to the list."""
        self.query_one(FilterBar).close()
        self._list.focus()

    def _filter(self, query: str) -> None:
        self._rows.filter(query)
        self.show(self.hub.snapshot())

    def back(self) -> None:
        """The filter goes first."""
        if self._rows.query:
            self._filter("")
        else:
            super().back()

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        """Its page."""
        if isinstance(event.key, str):
            self.console.open_endpoint(event.key)


class EndpointsView(EndpointListView):
    """View 2."""

    def body(self) -> Iterable[Widget]:
        """The list alone."""
        yield from self.listed()
        yield from self.filter_bar()
