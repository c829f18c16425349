"""The line that is always in view: who delivers, how much, what waits; and the banner for what is wrong."""

from itertools import islice

from hookconsole.console.cells import Cell, Line, fit, outside
from hookconsole.console.status import status_line
from hookconsole.console.widgets.panel import Panel
from hookconsole.console.wrapping import wrapped
from hookconsole.observing.values import Snapshot

_BANNER_LINES = 3


class StatusBar(Panel):
    """One line."""

    DEFAULT_CSS = """
    StatusBar { height: 1; background: $panel; }
    """

    def show(self, snapshot: Snapshot, *, frozen: bool, read_only: bool) -> None:
        """Say how things stand."""
        view = self.app.current_mode
        self.draw(
            lambda width, _height: [status_line(snapshot, view, width, frozen=frozen, read_only=read_only)]
        )


class Banner(Panel):
    """Lines that are there only when something is wrong with us."""

    DEFAULT_CSS = """
    Banner { height: 1; display: none; background: $error; }
    Banner .lines--plain { color: $background; text-style: bold; }
    """

    def show(self, snapshot: Snapshot) -> None:
        """Say the alarms."""
        several = (
            piece
            for alarm in snapshot.alarms
            for piece in wrapped([Cell(" ✗ "), outside(alarm, 300)], max(self.screen.size.width - 1, 1))
        )
        found: list[Line] = list(islice(several, _BANNER_LINES))
        if next(several, None) is not None:
            text = "".join(cell.text for cell in found[-1])
            found[-1] = [fit(Cell(f"{text} …"), self.screen.size.width - 1)]
        self.display = bool(found)
        self.styles.height = max(len(found), 1)
        self.draw(lambda _width, _height: found)

    def painted(self, y: int, width: int) -> tuple[Line, str]:
        """Line `y`, to be seen with any colours."""
        return super().painted(y, width)[0], "alarm"
