"""What can be copied of something, a key each: into the clipboard of the operator's own terminal (OSC 52).

Invariant: pasted into a shell, what was copied moves no cursor, ends no paste and hides nothing.
"""

from collections.abc import Callable, Iterable, Sequence

from textual import events, work
from textual.widget import Widget

from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Dialog, Text
from hookconsole.errors import HookconsoleError
from hookconsole.operating.desk import Desk
from hookconsole.text import is_seen

Choice = tuple[str, str, Callable[[], str]]
"""A key, what it copies, and the function that makes the text, which is called in a thread."""

_LONG_BYTES = 74_000
"""Some terminals take no more."""


def harmless(text: str) -> str:
    """`text` with what acts on a terminal, or isn't seen, as JSON's escapes: JSON stays what it says."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return text.translate(_Spellings())


class _Spellings(dict[int, str]):
    """How each character is copied, made when it first comes."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character != "\n" and not is_seen(character):
            units = character.encode("utf-16-be", "surrogatepass")
            character = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
        self[code] = character
        return character


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

        def made(_: Desk) -> tuple[str, bool, int]:
            text = make()
            shown = harmless(text)
            return shown, shown != text, len(shown.encode())

        try:
            shown, spelled, size = await self.at_desk(made)
        except HookconsoleError as error:
            self.query_one("#why", Text).say([outside(f"✗ {error}", 400, "bad")])
            return
        self.app.copy_to_clipboard(shown)
        long = f"; {size:,} bytes, which some terminals don't take" if size > _LONG_BYTES else ""
        other = "; with \\u escapes for what isn't seen" if spelled else ""
        self.console.say(f"copied: {label}{other}{long}")
        self.end(None)
