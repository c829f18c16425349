"""What a list of endpoints says of each: its columns, what they sort by, which of them fit into a width.

Pure. Here alone is said what trouble is: what fails, what waits for one that is gone, what waits for long.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from hookconsole.console import present
from hookconsole.console.cells import Cell, outside
from hookconsole.observing.values import EndpointRow

LATE_SECONDS = 60.0
"""What has been due for longer waits long."""

FAILS, GONE, LATE, NO_TROUBLE = range(4)
"""Kinds of trouble, the worst first."""

_NAME_COLUMNS = (14, 40)
"""The narrowest and the widest column of names."""


class Shown(NamedTuple):
    """One column. `order` is smallest for what is wanted first; None comes last whichever way is sorted.

    `falling` says that what comes first is the largest. `title` tells columns apart.
    """

    title: str
    width: int
    cell: Callable[[EndpointRow, float], Cell]
    order: Callable[[EndpointRow, float], Any]
    falling: bool = False
    right: bool = False


def trouble(row: EndpointRow, now: float) -> int:
    """What is wrong with it: it fails, it is gone and deliveries wait, they wait for long, or nothing."""
    if row.health == "failing":
        return FAILS
    if row.health == "gone":
        return GONE
    return LATE if _is_late(row, now) else NO_TROUBLE


def _is_late(row: EndpointRow, now: float) -> bool:
    return row.overdue_since is not None and now - row.overdue_since > LATE_SECONDS


def _worst(row: EndpointRow, now: float) -> tuple[int, int]:
    """What waits counts by its magnitude only: rows that change places all the time can't be read."""
    rank = trouble(row, now)
    return rank, -row.waiting.bit_length() if rank < NO_TROUBLE else 0


def outcome(row: EndpointRow) -> Cell:
    """What its newest attempt came to: a status, an error, or that there was none."""
    if row.cause:
        return outside(row.cause.removeprefix("status "), 20, "bad" if row.health == "failing" else "dim")
    return Cell("-" if row.last_status is None else str(row.last_status), "dim")


def _success(row: EndpointRow, _now: float) -> Cell:
    if row.success is None:
        return Cell("-", "dim")
    return Cell(present.share(row.success), "warn" if row.success < 0.95 else "plain")


def _overdue(row: EndpointRow, now: float) -> Cell:
    if row.overdue_since is None:
        return Cell("-", "dim")
    return Cell(present.age(now - row.overdue_since), "warn" if _is_late(row, now) else "plain")


def _duration(milliseconds: float | None) -> Cell:
    return Cell(present.duration(milliseconds), "dim" if milliseconds is None else "plain")


def _since(row: EndpointRow, now: float) -> float | None:
    return None if row.last_at is None else now - row.last_at


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _week(columns: int) -> Shown:
    return Shown(
        "7 DAYS",
        columns,
        lambda row, _: Cell(present.week(row.volume, row.failures, columns), "dim"),
        lambda row, _: -sum(row.volume),
        falling=True,
    )


NAME = Shown("ENDPOINT", 0, lambda row, _: outside(row.name, 64), lambda row, _: row.name)
HEALTH = Shown("HEALTH", 10, lambda row, _: present.state(row.health), _worst, falling=True)
LAST = Shown("LAST", 8, lambda row, _: outcome(row), lambda row, _: outcome(row).text)
SUCCESS = Shown("SUCCESS", 7, _success, lambda row, _: row.success, right=True)
P50 = Shown(
    "P50", 6, lambda row, _: _duration(row.p50_ms), lambda row, _: _negative(row.p50_ms), True, right=True
)
P95 = Shown(
    "P95", 6, lambda row, _: _duration(row.p95_ms), lambda row, _: _negative(row.p95_ms), True, right=True
)
WAITING = Shown(
    "WAITING",
    7,
    lambda row, _: Cell(present.count(row.waiting), "plain" if row.waiting else "dim"),
    lambda row, _: -row.waiting,
    falling=True,
    right=True,
)
OVERDUE = Shown("OVERDUE", 7, _overdue, lambda row, _: row.overdue_since, falling=True, right=True)
AGO = Shown("AGO", 5, lambda row, now: Cell(present.age(_since(row, now)), "dim"), _since, right=True)
WEEK, WEEK_HALF_DAYS, WEEK_WHOLE = _week(7), _week(14), _week(28)
URL = Shown("URL", 24, lambda row, _: outside(row.url, 300, "dim"), lambda row, _: row.url)

_ORDER = ("ENDPOINT", "HEALTH", "LAST", "SUCCESS", "P50", "P95", "WAITING", "OVERDUE", "AGO", "7 DAYS", "URL")
_WISHES = (
    HEALTH,
    WAITING,
    LAST,
    OVERDUE,
    SUCCESS,
    P95,
    WEEK,
    AGO,
    P50,
    NAME,
    WEEK_HALF_DAYS,
    URL,
    WEEK_WHOLE,
)
"""What room is given to, the most important first; a wider column takes the place of its narrower one."""


def fitting(width: int, longest_name: int) -> list[Shown]:
    """As many of the most important columns as fit with a space behind each, as they stand in a line.

    The URL has what is left.
    """
    narrowest, widest = _NAME_COLUMNS
    chosen = {NAME.title: NAME._replace(width=narrowest)}
    left = width - narrowest - 1
    for wish in _WISHES:
        room = wish.width
        if wish is NAME:
            room = min(max(longest_name, narrowest), widest, narrowest + left)
        need = room - chosen[wish.title].width if wish.title in chosen else room + 1
        if need <= left:
            chosen[wish.title] = wish._replace(width=room)
            left -= need
    if URL.title in chosen:
        chosen[URL.title] = URL._replace(width=URL.width + left)
    return [chosen[title] for title in _ORDER if title in chosen]


def sort_rows(rows: Iterable[EndpointRow], by: Shown, now: float, *, reverse: bool) -> list[EndpointRow]:
    """Rows by a column, by name where it says the same; what has no value comes last either way."""
    by_name = sorted(rows, key=lambda row: row.name)
    valued = [(value, row) for row in by_name if (value := by.order(row, now)) is not None]
    valued.sort(key=lambda pair: pair[0], reverse=reverse)
    if len(valued) == len(by_name):
        return [row for _, row in valued]
    return [row for _, row in valued] + [row for row in by_name if by.order(row, now) is None]
