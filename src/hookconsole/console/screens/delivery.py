"""One delivery: everything about it, live."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.binding import Binding
from textual.widget import Widget

from hookconsole.console.acting import at_desk
from hookconsole.console.cells import outside
from hookconsole.console.commands import bindings
from hookconsole.console.delivery_acts import DeliveryActs
from hookconsole.console.widgets.deliverypane import DeliveryPane
from hookconsole.console.widgets.storyview import StoryView
from hookconsole.errors import HookconsoleError
from hookconsole.observing.values import Key, Snapshot


class DeliveryView(DeliveryActs):
    """The page of a delivery; read anew whenever the journal says something of it."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        replace(binding, show=True)
        for binding in bindings("delivery")
        if binding.action not in ("replay", "follow", "failed", "waiting")
    ]

    def __init__(self, key: Key) -> None:
        super().__init__()
        self._key = key
        self._since = 0

    @property
    def current_delivery(self) -> Key:
        """This one."""
        return self._key

    def body(self) -> Iterable[Widget]:
        """All of it."""
        yield DeliveryPane()

    def on_mount(self) -> None:
        """Read it."""
        self._since, _ = self.hub.changes(0)
        self.query_one(StoryView).focus()
        self._load()

    def show(self, snapshot: Snapshot) -> None:
        """Count down; read it again when something has happened to it."""
        self._since, changed = self.hub.changes(self._since)
        if changed is None or any(row.key == self._key for row in changed):
            self._load()
        self.query_one(DeliveryPane).tick(snapshot.now)

    @work(exclusive=True)
    async def _load(self) -> None:
        now = self.now
        pane = self.query_one(DeliveryPane)
        try:
            found = await at_desk(self.hub.home, self.told(self._key))
        except HookconsoleError as error:
            pane.say(outside(f"✗ {error}", 400, "bad"))
        else:
            pane.show(found, now)
