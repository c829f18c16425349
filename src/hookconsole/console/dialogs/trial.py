"""A test event on its way, and its result."""

from collections.abc import Iterable

from textual import work
from textual.widget import Widget
from textual.widgets import Button

from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.base import Buttons, Dialog, Text
from hookconsole.console.dialogs.outcome import outcome_lines
from hookconsole.errors import HookconsoleError, RefusedError
from hookconsole.journal.records import Attempt
from hookconsole.operating import registry
from hookconsole.operating.desk import Desk


def send_test(desk: Desk, name: str) -> Attempt | None:
    """Test an endpoint that is on."""
    if not desk.endpoint(name).active:
        raise RefusedError(f"{name} is inactive; switch it on first")
    return registry.test(desk, [name])[name]


class Trial(Dialog[None]):
    """Sends the test when it opens; closing it stops nothing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._endpoint = name

    def title_line(self) -> Line:
        """Whose."""
        return [outside(f"Test of {self._endpoint}", 120, "title")]

    def content(self) -> Iterable[Widget]:
        """Under way, then the result."""
        yield Text([[Cell("→ a test event is on its way…", "dim")]], id="result", classes="gap")
        yield Buttons(("close", "Close"), hint="enter close")

    def on_mount(self) -> None:
        """Send it."""
        self.set_focus(self.query_one("#close"))
        self._send()

    @work
    async def _send(self) -> None:
        try:
            attempt = await self.at_desk(lambda desk: send_test(desk, self._endpoint))
        except HookconsoleError as error:
            self._say([outside(f"✗ {error}", 400, "bad")])
        else:
            self._say(*outcome_lines(attempt, "", "the test failed: "))

    def _say(self, *lines: Line) -> None:
        self.query_one("#result", Text).say(*lines)

    def on_button_pressed(self, _event: Button.Pressed) -> None:
        """Enough."""
        self.end(None)
