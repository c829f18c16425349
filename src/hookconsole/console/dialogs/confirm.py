"""A question before something is done that can't be taken back.

Invariant: whatever is pressed without thought, enter included, means No; a large number must be typed.
"""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Button, Input

from hookconsole.console.cells import Cell, Line
from hookconsole.console.dialogs.base import Buttons, Dialog, Text
from hookconsole.console.dialogs.field import COUNT, OneLine


class Confirm(Dialog[bool]):
    """A question with Yes and No; `typed` is a number that Yes needs typed first.

    `default` makes enter mean Yes, for what can do no harm.
    """

    BINDINGS: ClassVar[list[Binding]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n", "answer(False)", "No", show=False),
    ]

    def __init__(
        self,
        question: str,
        lines: Iterable[Line] = (),
        *,
        yes: str = "Yes",
        typed: int | None = None,
        default: bool = False,
    ) -> None:
        super().__init__()
        self._question = question
        self._lines = list(lines)
        self._yes = yes
        self._typed = typed
        self._default = default

    def title_line(self) -> Line:
        """The question."""
        return [Cell(self._question, "title")]

    def content(self) -> Iterable[Widget]:
        """What it is about, the number's field, the buttons."""
        yield Text(self._lines, classes="gap")
        if self._typed is not None:
            yield Text([[Cell(f"Type {self._typed} and press enter to go on:")]], classes="gap")
            yield OneLine(id="typed", placeholder=str(self._typed), restrict=COUNT)
            yield Text(id="why")
            yield Buttons(("no", "No"), hint="esc no")
        else:
            yield Buttons(("no", "No"), ("yes", self._yes), hint="y yes  n no")

    def on_mount(self) -> None:
        """The safe answer is the one at hand."""
        self.set_focus(
            self.query_one("#typed" if self._typed is not None else "#yes" if self._default else "#no")
        )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        self.end(event.button.id == "yes")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The number, or not."""
        if event.value.replace(",", "").strip() == str(self._typed):
            self.end(True)
        else:
            self.query_one("#why", Text).say([Cell(f"✗ that isn't {self._typed}", "warn")])

    def action_answer(self, yes: bool) -> None:
        """A letter; Yes isn't one where a number is wanted."""
        if not yes or self._typed is None:
            self.end(yes)

    def action_cancel(self) -> None:
        """No."""
        self.end(False)
