"""The line at the bottom in which a filter is typed: its grammar beneath, or what is wrong with it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from hookconsole.console.cells import Cell, outside
from hookconsole.console.dialogs.field import OneLine
from hookconsole.console.widgets.text import content

DELIVERIES = "acme invoice.* state:failed,waiting code:5xx,timeout since:2h event:ID !word"


class FilterField(OneLine):
    """The field in it."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        Binding("enter", "submit", "Apply"),
        Binding("escape", "close", "Close"),
    ]

    def action_close(self) -> None:
        """Close the bar and nothing else."""
        self.post_message(FilterBar.Closed())


class FilterBar(Vertical):
    """Hidden until `open`. The view that gets `Submitted` closes it, or says what is wrong."""

    DEFAULT_CSS = """
    FilterBar { height: 2; display: none; background: $panel; padding: 0 1; }
    FilterBar.-open { display: block; }
    FilterBar Input { background: $panel; }
    """

    class Submitted(Message):
        """Enter: the text is to be applied."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Closed(Message):
        """Escape: nothing is to change."""

    def __init__(self, grammar: str) -> None:
        super().__init__()
        self._grammar = grammar

    def compose(self) -> ComposeResult:
        """The field, and the line beneath."""
        yield FilterField(placeholder="filter: words, of which all must hold")
        yield Static(markup=False)

    @property
    def is_open(self) -> bool:
        """Whether a filter is being typed."""
        return self.has_class("-open")

    def open(self, text: str) -> None:
        """Begin to type, with the filter that applies now."""
        self.add_class("-open")
        field = self.query_one(OneLine)
        field.value = f"{text} " if text else ""
        field.cursor_position = len(field.value)
        field.focus()
        self.query_one(Static).update(content([Cell(self._grammar, "dim")]))

    def close(self) -> None:
        """Away with it."""
        self.remove_class("-open")

    def refuse(self, why: str) -> None:
        """Say what is wrong; the text stays to be mended."""
        self.query_one(Static).update(content([Cell("✗ ", "bad"), outside(why, 300, "bad")]))

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong may be mended."""
        event.stop()
        self.query_one(Static).update(content([Cell(self._grammar, "dim")]))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Submitted(event.value.strip()))
