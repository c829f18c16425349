"""Bulk retries: how far each has come, and the means to pause or end it. They go on without a console."""

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.widget import Widget

from hookconsole.console.cells import Cell, outside
from hookconsole.console.commands import bindings
from hookconsole.console.dialogs.confirm import Confirm
from hookconsole.console.keyboard import ACTS
from hookconsole.console.keymap import shown
from hookconsole.console.replayrows import ReplayRows, to_start
from hookconsole.console.screens.base import View
from hookconsole.console.widgets.panel import Panel
from hookconsole.console.widgets.rowlist import RowList
from hookconsole.observing.values import ReplayRow, Snapshot
from hookconsole.operating import replaying


class ReplayList(RowList):
    """Rows of which there is no page."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to open, or to mark."""
        return action not in ("open", "mark")


class ReplaysView(View):
    """View 4."""

    BINDINGS: ClassVar[list[Binding]] = bindings("replay")  # type: ignore[assignment]
    DEFAULT_CSS = """
    ReplaysView #title { height: 1; }
    ReplaysView #one { height: 6; display: none; }
    ReplaysView #one.-told { display: block; }
    ReplaysView.-short #one { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows = ReplayRows()

    def body(self) -> Iterable[Widget]:
        """A title, the list, and all about the cursor's one."""
        yield Panel(id="title")
        key = shown(self.console.keys["endpoint.replay"])
        how = f"{key} begins one: at an endpoint, or over the deliveries that a filter finds"
        yield ReplayList(self._rows, empty=f"no bulk retry yet\n\n{how}")
        yield Panel(id="one")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.query_one(RowList).focus()

    def show(self, snapshot: Snapshot) -> None:
        """Show how far they have come."""
        self._rows.take(snapshot.replays, snapshot.now, sending=snapshot.sender.running)
        self.query_one(RowList).update()
        title = [Cell(" Bulk retries ", "title"), Cell(f"{len(self._rows):,}")]
        running = sum(one.state == "running" for one in snapshot.replays)
        if running:
            title.append(Cell(f"  ↻ {running:,} running", "accent"))
        if running and not snapshot.sender.running:
            title.append(Cell("  they wait for a sender", "warn"))
        self.query_one("#title", Panel).draw(lambda _width, _height: [title])
        self._tell()

    def _tell(self) -> None:
        found, panel = self.current_replay, self.query_one("#one", Panel)
        panel.set_class(found is not None, "-told")
        if found is not None:
            panel.draw(lambda width, _height: [[], *self._rows.about(found, width)])

    def on_row_list_moved(self) -> None:
        """Another one is told of."""
        self._tell()

    @property
    def current_replay(self) -> ReplayRow | None:
        """The cursor's."""
        place = self._rows.index(self.query_one(RowList).cursor_key)
        return self._rows.replays[place] if place is not None else None

    def action_pause(self) -> None:
        """Pause it, or go on."""
        found = self.current_replay
        if found is not None:
            self._control(found.replay, "resume" if found.state == "paused" else "pause")

    @work(group=ACTS)
    async def action_cancel(self) -> None:
        """Start no more of it, if that is meant."""
        found = self.current_replay
        if found is None:
            return
        if found.state not in ("running", "paused"):
            self.console.say(f"it is {found.state}: there is nothing to cancel", "warning")
            return
        rest = f"{to_start(found):,} that haven't begun stay as they are; what is under way goes on."
        lines = [[outside(found.chosen, 300)], [Cell(rest)]]
        if await self.app.push_screen_wait(Confirm("Cancel this bulk retry?", lines, yes="Cancel it")):
            self._control(found.replay, "cancel")

    @work
    async def _control(self, replay: str, action: replaying.Action) -> None:
        await self.console.act(lambda desk: replaying.control(desk, replay, action))
