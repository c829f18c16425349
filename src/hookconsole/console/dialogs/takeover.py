"""The question before this console becomes the sender: who was it, since when has nobody been."""

from collections.abc import Sequence

from hookconsole.console import present
from hookconsole.console.cells import Cell, Line, outside
from hookconsole.console.dialogs.confirm import Confirm
from hookconsole.console.keymap import shown
from hookconsole.delivery.adoption import TO_ACCEPT
from hookconsole.delivery.lock import Note
from hookconsole.observing.values import SenderView


class TakeOver(Confirm):
    """True when this console is to deliver. `last` was the sender, `silent` seconds ago by the journal."""

    def __init__(self, last: Note | None, silent: float | None, waiting: int) -> None:
        super().__init__(
            "Nobody sends. Deliver from this console?", lines(last, silent, waiting), yes="Deliver"
        )


def told(alarms: Sequence[str], last: SenderView | None, keys: str, accept: str) -> tuple[str, ...]:
    """Alarms with what a console can do about them: `keys` take over, `accept` lets removals in."""
    ended = f"the {last.mode}, pid {last.pid}, has ended; " if last is not None and not last.own else ""
    here = f"nobody sends: {ended}{shown(keys)} delivers from this console"
    return tuple(
        here if alarm.startswith("nobody sends") else alarm.replace(TO_ACCEPT, f"{shown(accept)} lets it in")
        for alarm in alarms
    )


def lines(last: Note | None, silent: float | None, waiting: int) -> list[Line]:
    """What is known of the last sender, and what taking over means."""
    found: list[Line] = []
    if last is not None and last.pid:
        found.append(
            [Cell("the last sender  ", "dim"), outside(f"{last.mode}, pid {last.pid}, user {last.user}")]
        )
        found.append([Cell("it began         ", "dim"), outside(last.since)])
    if silent is not None:
        found.append([Cell("last sign of it  ", "dim"), Cell(f"{present.age(silent)} ago, by the journal")])
    found.append([Cell("waiting          ", "dim"), Cell(f"{waiting:,} deliveries")])
    found.append([])
    found.append([Cell("This console then sends until it ends. If a service is to be the sender,")])
    found.append([Cell("restart that instead: hookconsole --daemon")])
    return found
