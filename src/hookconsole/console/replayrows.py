"""Bulk retries as rows: how far each has come, how fast it goes, when it will be done. Pure.

Time left is by the pace that has been seen; before one has been, by the rate that was asked for.
"""

from collections import deque
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from hookconsole.console import present
from hookconsole.console.cells import Cell, Column, Line, heading, outside, row
from hookconsole.console.wrapping import wrapped
from hookconsole.observing.values import ReplayRow

_SEEN_SECONDS = (5.0, 60.0)
"""For how long a pace must have been seen, and how much of the past counts."""


class Pace:
    """How fast replays start deliveries, by what is noted of them."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[tuple[float, int]]] = {}

    def note(self, replays: Sequence[ReplayRow], now: float) -> None:
        """How far they are at `now` (unix seconds)."""
        running = {one.replay: one.started for one in replays if one.state == "running"}
        self._seen = {name: self._seen.get(name, deque()) for name in running}
        for name, started in running.items():
            seen = self._seen[name]
            if not seen or now - seen[-1][0] >= 1:
                seen.append((now, started))
            while now - seen[0][0] > _SEEN_SECONDS[1]:
                seen.popleft()

    def per_second(self, found: ReplayRow) -> float | None:
        """Deliveries started a second; None where it hasn't been seen for long enough."""
        seen = self._seen.get(found.replay)
        if not seen or seen[-1][0] - seen[0][0] < _SEEN_SECONDS[0]:
            return None
        return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])

    def seconds_left(self, found: ReplayRow) -> float | None:
        """How long the rest takes to start; None when it doesn't run, stands still, or has no rest: what is
        under way ends as its receivers let it.
        """
        if found.state != "running" or not to_start(found):
            return None
        seen = self.per_second(found)
        pace = found.rate if seen is None else seen
        return to_start(found) / pace if pace > 0 else None


def ended(found: ReplayRow) -> int:
    """How many need nothing more."""
    return found.delivered + found.failed + found.passed


def to_start(found: ReplayRow) -> int:
    """How many haven't begun."""
    return max(found.total - found.started - found.passed, 0)


class _Layout(NamedTuple):
    least: int
    names: tuple[str, ...]


_GAUGE_COLUMNS = 16
_COLUMNS = {
    "state": Column("STATE", 10),
    "what": Column("CHOSEN", 0),
    "gauge": Column("PROGRESS", _GAUGE_COLUMNS),
    "share": Column("DONE", 5, right=True),
    "total": Column("OF", 6, right=True),
    "delivered": Column("OK", 6, right=True),
    "failed": Column("FAILED", 6, right=True),
    "rest": Column("LEFT", 6, right=True),
    "rate": Column("RATE", 6, right=True),
    "time": Column("ENDS IN", 7, right=True),
    "by": Column("BY", 10),
    "at": Column("AGO", 5, right=True),
}
_LAYOUTS = (
    _Layout(
        110,
        (
            *("state", "what", "gauge", "share", "total", "delivered", "failed", "rest", "rate", "time"),
            *("by", "at"),
        ),
    ),
    _Layout(72, ("state", "what", "gauge", "share", "delivered", "failed", "time")),
    _Layout(0, ("state", "what", "share", "failed", "time")),
)
"""From the widest on: what is shown from how many columns on."""


class ReplayRows:
    """What a `RowList` shows; `pace` is told of every look."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.replays: Sequence[ReplayRow] = ()
        self._now = 0.0
        self._sending = True

    def take(self, replays: Sequence[ReplayRow], now: float, *, sending: bool) -> None:
        """How they stand at `now` (unix seconds), and whether somebody sends at all."""
        self.replays, self._now, self._sending = replays, now, sending
        self.pace.note(replays, now)

    def __len__(self) -> int:
        return len(self.replays)

    def key(self, index: int) -> Hashable:
        """Its id."""
        return self.replays[index].replay

    def index(self, key: Hashable) -> int | None:
        """Where it is now."""
        return next((at for at, one in enumerate(self.replays) if one.replay == key), None)

    def heading(self, width: int) -> Line:
        """The columns' titles."""
        return heading([_COLUMNS[name] for name in _names(width)], width)

    def line(self, index: int, width: int) -> Line:
        """One replay."""
        names = _names(width)
        cells = self._cells(self.replays[index])
        return row([_COLUMNS[name] for name in names], [cells[name] for name in names], width)

    def _cells(self, found: ReplayRow) -> dict[str, Cell]:
        share = ended(found) / found.total if found.total else 1.0
        state = present.state(found.state)
        left = self.pace.seconds_left(found)
        pace = self.pace.per_second(found)
        running = found.state == "running" and self._sending
        return {
            "state": state,
            "what": outside(found.chosen, 200),
            "gauge": Cell(present.gauge(share, _GAUGE_COLUMNS), state.tone),
            "share": Cell(f"{int(share * 100)}%"),
            "total": Cell(present.count(found.total)),
            "delivered": Cell(present.count(found.delivered)),
            "failed": Cell(present.count(found.failed), "bad" if found.failed else "dim"),
            "rest": Cell(present.count(to_start(found))),
            "rate": Cell(f"{found.rate if pace is None else pace:.3g}/s" if running else "", "dim"),
            "time": Cell(present.age(left) if running else ""),
            "by": outside(found.user, 40),
            "at": Cell(present.age(self._now - found.at), "dim"),
        }

    def about(self, found: ReplayRow, width: int) -> list[Line]:
        """All there is to say of one, in lines of at most `width` columns."""
        pace = self.pace.per_second(found)
        going = "" if pace is None else f", {pace:.3g} a second go now"
        parts = [
            (found.delivered, "delivered"),
            (found.failed, "failed"),
            (found.passed, "left alone"),
            (max(found.started - found.delivered - found.failed, 0), "under way"),
            (to_start(found), "not begun" if found.state == "canceled" else "to start"),
        ]
        counts = ", ".join(f"{number:,} {word}" for number, word in parts)
        lines: list[Line] = [
            [outside(found.replay, 64, "title"), Cell("  "), outside(found.chosen, 500)],
            [
                Cell("begun by ", "dim"),
                outside(found.user, 64),
                Cell(
                    f" at {present.clock(found.at, self._now)}, {present.age(self._now - found.at)} ago",
                    "dim",
                ),
                Cell(f"; at most {found.rate:g} a second{going}", "dim"),
            ],
            [Cell(f"{found.total:,}: ", "dim"), Cell(counts)],
        ]
        return [[Cell(" "), *piece] for line in lines for piece in wrapped(line, max(width - 2, 1))]


def _names(width: int) -> tuple[str, ...]:
    return next(layout.names for layout in _LAYOUTS if width >= layout.least)
