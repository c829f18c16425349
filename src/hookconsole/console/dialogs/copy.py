"""What can be copied of something, a key each: into the clipboard of the operator's own terminal (OSC 52)."""

from collections.abc import Callable, Iterable, Sequence

from textual import events, work
from textual.widget import Widget

from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Dialog, Text
from hookconsole.errors import HookconsoleError

Choice = tuple[str, str, Callable[[], str]]
"""A key, what it copies, and the function that makes the text, which is called in a thread."""

_LONG_BYTES = 74_000
"""Some terminals take no more."""


class CopyMenu(Dialog[None]):
    """One key copies and closes."""

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = {key: (label, make) for key, label, make in choices}

    def title_line(self) -> Line:
        """Of what."""
        return [Cell("Copy of ", "dim"), outside(self._title, 100, "title")]

    def content(self) -> Iterable[Widget]:
        """The keys."""
        yield Text(
            [[Cell(f" {key}  ", "accent"), outside(label)] for key, (label, _) in self._choices.items()],
            classes="gap",
        )
        yield Text(id="why")

    def on_key(self, event: events.Key) -> None:
        """A choice."""
        if event.key in self._choices:
            self._copy(event.key)

    @work(exclusive=True)
    async def _copy(self, key: str) -> None:
        label, make = self._choices[key]
        try:
            text = await self.at_desk(lambda _: make())
        except HookconsoleError as error:
            self.query_one("#why", Text).say([outside(f"✗ {error}", 400, "bad")])
            return
        self.app.copy_to_clipboard(text)
        size = len(text.encode())
        long = f"; {size:,} bytes, which some terminals don't take" if size > _LONG_BYTES else ""
        self.console.say(f"copied: {label}{long}")
        self.end(None)
