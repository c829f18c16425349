"""One endpoint: why it fails, how it is set, how it did over the week, and its newest deliveries."""

import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget

from hookconsole.console.cells import Cell
from hookconsole.console.commands import ALSO_IN, bindings
from hookconsole.console.delivery_acts import DeliveryActs
from hookconsole.console.endpoint_acts import EndpointActs
from hookconsole.console.endpointpage import Told, about
from hookconsole.console.screens.delivery import DeliveryView
from hookconsole.console.widgets.deliverylist import DeliveryRows
from hookconsole.console.widgets.panel import Panel
from hookconsole.console.widgets.rowlist import RowList
from hookconsole.console.widgets.storyview import StoryView
from hookconsole.observing import standing
from hookconsole.observing.feed import Feed
from hookconsole.observing.values import EndpointRow, Key, Snapshot

_AGAIN_SECONDS = 3.0
"""The newest failure is read again after so long at the earliest, if there is a newer one."""

_LOG_LINES = 6
"""The log has so many at least."""


class EndpointView(EndpointActs, DeliveryActs):
    """A page over the view that it was opened from; one of its deliveries can be sent again from here."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        *bindings("endpoint"),
        *(one for one in bindings("delivery") if ALSO_IN.get(one.id or "") == "endpoint"),
    ]
    DEFAULT_CSS = """
    EndpointView #about { height: auto; }
    EndpointView #log { height: 1; margin-top: 1; }
    EndpointView.-short #log { margin-top: 0; }
    EndpointView.-wide #page { layout: horizontal; }
    EndpointView.-wide #about { width: 64; }
    EndpointView.-wide #log { margin-top: 0; }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._endpoint = name
        self._told = Told()
        self._row: EndpointRow | None = None
        self._set_like: tuple[str, bool] | None = None
        self._failed_at: float | None = None
        self._looked_at = -_AGAIN_SECONDS

    @property
    def current_endpoint(self) -> str | None:
        """This one."""
        return self._endpoint

    @property
    def current_delivery(self) -> Key | None:
        """The cursor's."""
        key = self.query_one(RowList).cursor_key
        return key if isinstance(key, Key) else None

    def body(self) -> Iterable[Widget]:
        """What there is to say, then its log."""
        self._feed = Feed(self.hub)
        self._rows = DeliveryRows(self._feed.ledger, self.hub.snapshot().now, of_one=True)
        with Container(id="page"):
            yield StoryView(id="about")
            with Vertical():
                yield Panel(id="log")
                yield RowList(self._rows, empty="no delivery yet")

    def on_mount(self) -> None:
        """Begin to read."""
        self._feed.apply(f"endpoint:{self._endpoint}")
        self._rows.ledger = self._feed.ledger
        rows = self.query_one(RowList)
        rows.pinned_to_top = True
        rows.focus()
        title = [Cell(" Its deliveries", "title"), Cell("  the newest first", "dim")]
        self.query_one("#log", Panel).draw(lambda _width, _height: [title])
        self._read_latency()

    def on_unmount(self) -> None:
        """Look for no more."""
        self._feed.close()

    def on_screen_resume(self) -> None:
        """A dialog may have changed its settings."""
        self._set_like = None
        super().on_screen_resume()

    # What is shown

    def show(self, snapshot: Snapshot) -> None:
        """Show how it does."""
        self._row = snapshot.endpoints.get(self._endpoint)
        self._read_what_is_new()
        self._say(snapshot.now)
        self._feed.older()
        self._feed.live()
        self._rows.ledger, self._rows.now = self._feed.ledger, snapshot.now
        self.query_one(RowList).update()

    def _say(self, now: float) -> None:
        page, story = self.query_one("#page"), self.query_one("#about", StoryView)
        wide = self.has_class("-wide")
        lines = about(self._endpoint, self._row, self._told, now, max(story.size.width - 2, 20))
        room = page.size.height if wide else max(page.size.height - _LOG_LINES, page.size.height // 2)
        story.styles.height = page.size.height if wide else min(len(lines), room)
        story.show(lines)

    def on_row_list_near_end(self) -> None:
        """Older ones may be wanted."""
        self._feed.want_more()

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        """All about one."""
        if isinstance(event.key, Key):
            self.app.push_screen(DeliveryView(event.key))

    # What is read

    def _read_what_is_new(self) -> None:
        row = self._row
        like = (row.url, row.active) if row is not None else None
        if self._told.settings is None or self._set_like != like:
            self._set_like = like
            self._read_settings()
        failing = row is not None and row.health == "failing"
        newest = row.last_at if row is not None and failing else None
        if newest != self._failed_at and time.monotonic() >= self._looked_at + _AGAIN_SECONDS:
            self._failed_at, self._looked_at = newest, time.monotonic()
            if failing:
                self._read_failure()

    @work(exclusive=True, group="settings")
    async def _read_settings(self) -> None:
        found = await self.console.act(lambda desk: standing.settings(desk, self._endpoint))
        if found is not None:
            self._tell(lambda told: told._replace(settings=found))

    @work(exclusive=True, group="failure")
    async def _read_failure(self) -> None:
        found = await self.console.act(lambda desk: standing.newest_failure(desk, self._endpoint))
        self._tell(lambda told: told._replace(failure=found, looked=True))

    @work(exclusive=True, group="latency")
    async def _read_latency(self) -> None:
        now = self.hub.snapshot().now
        found = await self.console.act(lambda desk: standing.latency(desk, self._endpoint, now))
        self._tell(lambda told: told._replace(latency=found or ()))

    def _tell(self, change: Callable[[Told], Told]) -> None:
        self._told = change(self._told)
        self._say(self.hub.snapshot().now)
