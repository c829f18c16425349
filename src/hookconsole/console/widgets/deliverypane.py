"""One delivery whole: how it stands, which counts down, and its story beneath, which is scrolled."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from hookconsole.console.cells import Cell, Line
from hookconsole.console.story import head, story
from hookconsole.console.widgets.storyview import StoryView
from hookconsole.console.widgets.text import lines
from hookconsole.observing.detail import DeliveryDetail


class DeliveryPane(Vertical):
    """Shows a detail, or a line in its place."""

    DEFAULT_CSS = """
    DeliveryPane > Static { height: auto; max-height: 6; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.detail: DeliveryDetail | None = None
        self._head: list[Line] = []

    def compose(self) -> ComposeResult:
        """Head and story."""
        yield Static(markup=False)
        yield StoryView()

    def show(self, detail: DeliveryDetail, now: float) -> None:
        """Show a delivery: another one from its beginning, the same where it was scrolled to."""
        anew = self.detail is None or self.detail.key != detail.key
        self.detail = detail
        self.tick(now)
        self.query_one(StoryView).show(list(story(detail, now)), anew=anew)

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self.detail is not None:
            self._put(head(self.detail, now))

    def say(self, cell: Cell | None = None) -> None:
        """Show this instead of a delivery, or nothing."""
        self.detail = None
        self._put([[cell]] if cell else [])
        self.query_one(StoryView).show([], anew=True)

    def _put(self, several: Sequence[Line]) -> None:
        found = list(several)
        if found != self._head:
            self._head = found
            self.query_one(Static).update(lines(found))
