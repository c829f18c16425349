"""Deliveries as a list: what of each is shown in how many columns."""

import time
from collections.abc import Hashable
from typing import NamedTuple, Protocol

from hookconsole.console import present
from hookconsole.console.cells import Cell, Column, Line, heading, outside, row
from hookconsole.observing.values import DeliveryRow, Key


class Ledger(Protocol):
    """The deliveries that a filter leaves, newest first."""

    def __len__(self) -> int: ...

    def key(self, index: int) -> Key:
        """What row `index` is known by."""

    def index(self, key: Key) -> int | None:
        """Where a row is now; None if it isn't there."""

    def row(self, index: int) -> DeliveryRow:
        """Row `index`."""


class _Layout(NamedTuple):
    least: int
    names: tuple[str, ...]
    columns: tuple[Column, ...]


_TIME = Column("TIME", 11)
_STATE = Column("STATE", 11)
_TRIES = Column("TRY", 3, right=True)
_CODE = Column("CODE", 8)
_TOOK = Column("TOOK", 7, right=True)
_NEXT = Column("NEXT", 5, right=True)
_TYPE = Column("TYPE", 0)

_NAMES = ("time", "endpoint", "type", "state", "tries", "code", "took", "next")

_LAYOUTS = (
    _Layout(
        110,
        ("time", "event", "endpoint", "type", "state", "tries", "code", "took", "next"),
        (_TIME, Column("EVENT", 30), Column("ENDPOINT", 18), _TYPE, _STATE, _TRIES, _CODE, _TOOK, _NEXT),
    ),
    _Layout(90, _NAMES, (_TIME, Column("ENDPOINT", 20), _TYPE, _STATE, _TRIES, _CODE, _TOOK, _NEXT)),
    _Layout(
        72,
        ("time", "endpoint", "type", "state", "tries", "code", "next"),
        (_TIME, Column("ENDPOINT", 14), _TYPE, _STATE, _TRIES, _CODE, _NEXT),
    ),
    _Layout(
        0,
        ("time", "endpoint", "type", "state", "code", "next"),
        (_TIME, Column("ENDPOINT", 10), _TYPE, _STATE, _CODE, _NEXT),
    ),
)
"""From the widest on: what is shown from how many columns on."""

_OF_ONE = tuple(
    layout._replace(
        names=tuple(name for name in layout.names if name != "endpoint"),
        columns=tuple(column for column in layout.columns if column.title != "ENDPOINT"),
    )
    for layout in (*_LAYOUTS[:2], _LAYOUTS[1]._replace(least=64), *_LAYOUTS[2:])
)
"""The same without the endpoint's name, and with more of the rest where that makes room."""


class DeliveryRows:
    """A ledger as a `RowList` shows it; `now` (unix seconds) is what waits are counted from.

    Where all are `of_one` endpoint its name is left out.
    """

    def __init__(self, ledger: Ledger, now: float, *, of_one: bool = False) -> None:
        self.ledger = ledger
        self.now = now
        self._layouts = _OF_ONE if of_one else _LAYOUTS

    def __len__(self) -> int:
        return len(self.ledger)

    def key(self, index: int) -> Hashable:
        """Event and endpoint."""
        return self.ledger.key(index)

    def index(self, key: Hashable) -> int | None:
        """Where a row is now."""
        return self.ledger.index(key) if isinstance(key, Key) else None

    def heading(self, width: int) -> Line:
        """The columns' titles."""
        return heading(self._layout(width).columns, width)

    def line(self, index: int, width: int) -> Line:
        """One delivery."""
        layout = self._layout(width)
        cells = _cells(self.ledger.row(index), self.now)
        return row(layout.columns, [cells[name] for name in layout.names], width)

    def _layout(self, width: int) -> _Layout:
        return next(layout for layout in self._layouts if width >= layout.least)


def _cells(found: DeliveryRow, now: float) -> dict[str, Cell]:
    wait = None
    if found.state == "retrying" and found.next_at is not None:
        wait = max(found.next_at - now, 0.0)
    code = str(found.status) if found.error is None and found.status is not None else found.error or ""
    return {
        "time": Cell(_moment(found.accepted, now)),
        "event": outside(found.event, 64),
        "endpoint": outside(found.endpoint, 64),
        "type": outside(found.type, 100),
        "state": present.state(found.state),
        "tries": Cell(str(found.attempts)),
        "code": outside(code, 20),
        "took": Cell(present.duration(found.duration_ms)),
        "next": Cell("" if wait is None else present.age(wait)),
    }


def _moment(at: float, now: float) -> str:
    """The time in UTC, today to the second, else with the day, in eleven columns."""
    moment = time.gmtime(at)
    today = moment[:3] == time.gmtime(now)[:3]
    return time.strftime("%H:%M:%S" if today else "%m-%d %H:%M", moment)
