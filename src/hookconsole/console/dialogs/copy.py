"""What can be copied of something, a key each: into the clipboard of the operator's own terminal (OSC 52).

Invariant: pasted into a shell, what was copied moves no cursor, ends no paste and hides nothing.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from textual import events, work
from textual.widget import Widget

from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Dialog, Text
from hookconsole.errors import HookconsoleError

Choice = tuple[str, str, Callable[[], str]]
"""A key, what it copies, and the function that makes the text, which is called in a thread."""

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that act or aren't seen."""

_LONG_BYTES = 74_000
"""Some terminals take no more."""


def harmless(text: str) -> str:
    """`text` with what acts on a terminal, or isn't seen, as JSON's escapes: JSON stays what it says."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_spelled(c) if unicodedata.category(c) in _HIDDEN and c != "\n" else c for c in text)


def _spelled(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


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
        shown = harmless(text)
        self.app.copy_to_clipboard(shown)
        size = len(shown.encode())
        long = f"; {size:,} bytes, which some terminals don't take" if size > _LONG_BYTES else ""
        other = "; with \\u escapes for what isn't seen" if shown != text else ""
        self.console.say(f"copied: {label}{other}{long}")
        self.end(None)
