"""Deliveries, the newest first: live, over the whole journal, through a filter; beside them the cursor's one.

What is shown is the feed's; what takes time is read in a thread.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from hookconsole.console import present
from hookconsole.console.acting import at_desk
from hookconsole.console.cells import Cell, fit, outside, width_of
from hookconsole.console.commands import bindings
from hookconsole.console.delivery_acts import DeliveryActs
from hookconsole.console.dialogs.bulk import BulkRetry
from hookconsole.console.keyboard import ACTS
from hookconsole.console.screens.delivery import DeliveryView
from hookconsole.console.widgets.deliverylist import DeliveryRows
from hookconsole.console.widgets.deliverypane import DeliveryPane
from hookconsole.console.widgets.filterbar import DELIVERIES, FilterBar
from hookconsole.console.widgets.rowlist import MARKS_AT_MOST, RowList
from hookconsole.console.widgets.text import content
from hookconsole.errors import HookconsoleError, InputError
from hookconsole.observing.choosing import of_rows, of_search
from hookconsole.observing.feed import Feed
from hookconsole.observing.values import Key, Snapshot

FAILED, WAITING = "state:failed", "state:waiting"

_MANY = 4
_REST_SECONDS = 0.3
"""After more than `_MANY` new rows the list rests: nobody reads faster, and each time costs 5 KB."""

_DETAIL_SECONDS = 0.3
_FOLLOWING_SECONDS = 1.0
"""The cursor's row must have stayed the same for so long before its detail is read."""

_FILL_SECONDS = 0.5
"""So long a key waits for the first rows of a list: `3` and enter, typed in one go, open the newest."""

_FORGET_SECONDS = 60.0


class DeliveriesView(DeliveryActs):
    """View 3."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        *bindings("delivery"),
        *(binding for binding in bindings("list") if binding.action == "filter"),
    ]
    DEFAULT_CSS = """
    DeliveriesView #title { height: 1; padding: 0 1; }
    DeliveriesView DeliveryPane { display: none; width: 45%; max-width: 100; padding-left: 1; }
    DeliveriesView.-wide DeliveryPane { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._wanted_query = ""
        self._rest_until = self._fill_until = 0.0
        self._new = 0
        self._title: list[Cell] = []

    def body(self) -> Iterable[Widget]:
        """A title, the list and the cursor's delivery, the filter."""
        self._feed = Feed(self.hub)
        self._rows = DeliveryRows(self._feed.ledger, self.now)
        yield Static(id="title", markup=False)
        with Horizontal():
            yield RowList(self._rows, empty="no delivery")
            yield DeliveryPane()
        yield FilterBar(DELIVERIES)

    @property
    def _list(self) -> RowList:
        return self.query_one(RowList)

    @property
    def current_delivery(self) -> Key | None:
        """The cursor's."""
        key = self._list.cursor_key
        return key if isinstance(key, Key) else None

    @property
    def filling(self) -> bool:
        """Until its first rows are there."""
        return time.monotonic() < self._fill_until and not self._feed.ledger and not self._feed.complete

    def on_mount(self) -> None:
        """Follow what comes, through the filter that was asked for."""
        self._list.focus()
        self._apply("")
        if self._wanted_query:
            self._try(self._wanted_query)
        self.set_interval(_FORGET_SECONDS, self._forget)

    def on_unmount(self) -> None:
        """Look for no more."""
        self._feed.close()

    # What is shown

    def look(self, snapshot: Snapshot) -> None:
        """What a search finds is shown in a frozen view, too: it doesn't move what is there."""
        found = self._feed.older()
        super().look(snapshot)
        if found:
            self._list.update()
        self._say_title()

    def show(self, snapshot: Snapshot) -> None:
        """Take in what has happened."""
        self._rows.now = snapshot.now
        if time.monotonic() >= self._rest_until:
            ledger = self._feed.ledger
            added, changed = self._feed.live()
            if added > _MANY and not self._feed.behind:
                self._rest_until = time.monotonic() + _REST_SECONDS
            self._new += added
            if self._feed.ledger is not ledger:
                self._rows.ledger = self._feed.ledger
            if self.current_delivery in changed:
                self._read_detail()
        self._list.update()
        self.query_one(DeliveryPane).tick(snapshot.now)

    def _say_title(self) -> None:
        rows = self._list
        if rows.pinned_to_top or rows.cursor == 0:
            self._new = 0
        feed, count = self._feed, len(self._feed.ledger)
        cells = [Cell("Deliveries ", "title"), Cell(present.count(count) + ("" if feed.complete else "+"))]
        if rows.pinned_to_top:
            cells.append(Cell("  following", "good"))
        elif self._new:
            cells.append(Cell(f"  +{self._new:,} new", "accent"))
        if rows.marks:
            cells.append(Cell(f"  * {len(rows.marks):,} marked", "accent"))
        if feed.searching is not None:
            cells.append(Cell(f"  searching {feed.searching * 100:.0f} %", "dim"))
        if feed.query:
            cells.append(Cell("  filter ", "dim"))
            query, room = outside(feed.query, 200, "accent"), self.size.width - 2 - width_of(cells)
            cells.append(query if width_of([query]) <= room else fit(query, room))
        if cells != self._title:
            self._title = cells
            self.query_one("#title", Static).update(content(cells))

    @work(exclusive=True, group="forget")
    async def _forget(self) -> None:
        """What retention has passed isn't shown."""
        before = await self.console.act(lambda desk: desk.horizon)
        if before is not None and self._feed.forget(before):
            self._list.update()

    # The filter

    def filter_by(self, query: str) -> None:
        """Show what a filter leaves; as if it had been typed."""
        self._wanted_query = query
        if self.is_mounted:
            self._try(query)

    def _try(self, query: str) -> None:
        try:
            self._apply(query)
        except InputError as error:
            self.console.say(str(error), "error")

    def _apply(self, query: str) -> None:
        self._feed.apply(query)
        self._rows.ledger = self._feed.ledger
        self._rest_until, self._fill_until = 0.0, time.monotonic() + _FILL_SECONDS
        rows = self._list
        rows.marks.clear()
        rows.empty = "nothing is like that" if query else "no delivery yet"
        self.action_follow()

    def action_filter(self) -> None:
        """Type one."""
        self.query_one(FilterBar).open(self._feed.query)

    def on_filter_bar_submitted(self, event: FilterBar.Submitted) -> None:
        """Apply it, or say what is wrong."""
        try:
            self._apply(event.text)
        except InputError as error:
            self.query_one(FilterBar).refuse(str(error))
        else:
            self.on_filter_bar_closed()

    def on_filter_bar_closed(self) -> None:
        """Back to the list."""
        self.query_one(FilterBar).close()
        self._list.focus()

    def back(self) -> None:
        """The filter goes first."""
        if self._feed.query:
            self.filter_by("")
        else:
            super().back()

    def action_failed(self) -> None:
        """Only what failed, and back."""
        self._only(FAILED)

    def action_waiting(self) -> None:
        """Only what waits, and back."""
        self._only(WAITING)

    def _only(self, word: str) -> None:
        words = self._feed.query.split()
        others = [one for one in words if not one.startswith("state:")]
        self.filter_by(" ".join(others if word in words else [*others, word]))

    # The list

    def action_follow(self) -> None:
        """To the newest, and stay there."""
        self._list.pinned_to_top = True
        self._list.update()
        self._say_title()

    def on_row_list_near_end(self) -> None:
        """Older ones may be wanted."""
        self._feed.want_more()

    def on_row_list_full(self) -> None:
        """It said so by no mark alone."""
        self.console.say(f"at most {MARKS_AT_MOST:,} can be marked: filter, to retry more", "warning")

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        """All about one."""
        if isinstance(event.key, Key):
            self.app.push_screen(DeliveryView(event.key))

    def on_row_list_moved(self) -> None:
        """Its detail is beside it, if there is room."""
        self._say_title()
        self._read_detail()

    def on_resize(self) -> None:
        """There may be room now."""
        self._read_detail()

    @work(exclusive=True, group="detail")
    async def _read_detail(self) -> None:
        pane, key = self.query_one(DeliveryPane), self.current_delivery
        if not self.has_class("-wide"):
            return
        if key is None:
            pane.say()
            return
        await asyncio.sleep(_FOLLOWING_SECONDS if self._list.pinned_to_top else _DETAIL_SECONDS)
        now = self.now
        try:
            found = await at_desk(self.hub.home, self.told(key))
        except HookconsoleError as error:
            pane.say(outside(f"✗ {error}", 400, "bad"))
        else:
            pane.show(found, now)

    # Bulk retry

    @work(group=ACTS)
    async def action_replay(self) -> None:
        """Retry what is marked, else what the filter finds."""
        ledger, marks, query, hub = self._feed.ledger, self._list.marks, self._feed.query, self.hub
        places = [ledger.index(key) for key in marks if isinstance(key, Key)]
        rows = [ledger.row(index) for index in places if index is not None]
        if rows:
            count = f"{len(rows):,} marked deliver{'y' if len(rows) == 1 else 'ies'}"
            dialog = BulkRetry(f"Retry {count}", lambda desk: of_rows(desk, rows))
        elif query:
            title = f"Retry what failed, was skipped or canceled of: {outside(query, 100).text}"
            dialog = BulkRetry(title, lambda desk: of_search(desk, hub.search(query)))
        else:
            self.console.say("mark deliveries, or filter them, to retry many")
            return
        if await self.app.push_screen_wait(dialog):
            marks.clear()
            self.console.action_replays()
