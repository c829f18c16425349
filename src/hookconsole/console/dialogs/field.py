"""Fields to type in: one line, several lines, each with a label before and a word beneath.

Invariant: all that a field holds is seen, wherever it was pasted from.
"""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Checkbox, Input, TextArea
from textual.widgets.text_area import EditResult

from hookconsole.console.cells import Cell
from hookconsole.console.dialogs.base import Text
from hookconsole.text import seen

Place = tuple[int, int]


COUNT = "[0-9,]*"
"""What can be typed of a count."""


CHARACTERS_AT_MOST = 4096
"""Of a line that is typed or pasted: no value that is taken anywhere is longer."""


class OneLine(Input):
    """One line of text; `restrict` is a pattern of all that can be typed."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002
        restrict: str | None = None,
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            id=id,
            restrict=restrict,
            max_length=CHARACTERS_AT_MOST,
            compact=True,
            select_on_focus=False,
        )
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Textual asks before it takes a value."""
        return seen(value)


class SeveralLines(TextArea):
    """A few lines of text; tab goes on to the next field."""

    DEFAULT_CSS = """
    SeveralLines { height: auto; max-height: 5; min-height: 1; padding: 0; }
    """

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            value, id=id, compact=True, placeholder=placeholder, soft_wrap=False, highlight_cursor_line=False
        )
        self.cursor_blink = False

    def replace(
        self,
        insert: str,
        start: Place,
        end: Place,
        *,
        maintain_selection_offset: bool = True,
    ) -> EditResult:
        """Whatever is typed or pasted comes through here."""
        insert = "\n".join(map(seen, insert.split("\n")))
        return super().replace(insert, start, end, maintain_selection_offset=maintain_selection_offset)


class Tick(Checkbox):
    """Yes or no: space changes it; enter goes on, as in every field, and never switches by the way."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "app.focus_next", "Next", show=False)]
    DEFAULT_CSS = """
    Tick, Tick:focus { width: 1fr; border: none !important; padding: 0; background: transparent; }
    Tick > .toggle--button, Tick.-on > .toggle--button { background: transparent; color: $foreground; }
    """

    def __init__(self, value: bool, label: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(Content(label), value, id=id, compact=True)

    @property
    def _button(self) -> Content:
        # Textual shows its mark in either state and tells them apart by colour.
        style = self.get_visual_style("toggle--button")
        return Content.assemble((f"[{'x' if self.value else ' '}]", style))


class Field(Widget):
    """A label, what is typed in, and what is to be said of it."""

    DEFAULT_CSS = """
    Field { height: auto; layout: vertical; }
    Field .label { width: 14; }
    Field HorizontalGroup > * { height: auto; }
    Field HorizontalGroup > Input { width: 1fr; }
    Field .word { margin-left: 14; width: 1fr; }
    .-narrow Field .label { width: 11; }
    .-narrow Field .word { margin-left: 11; }
    """

    def __init__(self, label: str, entry: Widget, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label
        self._entry = entry

    def compose(self) -> ComposeResult:
        """Label and entry, the word beneath."""
        with HorizontalGroup():
            yield Text([[Cell(self._label, "dim")]], classes="label")
            yield self._entry
        yield Text(classes="word")

    def say(self, cells: Iterable[Cell] = ()) -> None:
        """A word beneath, or none."""
        cells = list(cells)
        self.query_one(".word", Text).say(*([cells] if cells else []))
