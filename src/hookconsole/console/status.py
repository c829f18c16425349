"""What is always in view, in a line: who delivers, how much, how well, what waits. Pure.

Where there is little room what matters least is left out; who delivers never is.
"""

from collections.abc import Sequence

from hookconsole.console import present
from hookconsole.console.cells import Cell, Line, Tone, outside, width_of
from hookconsole.console.commands import command
from hookconsole.observing.values import Snapshot
from hookconsole.operating.health import OVERDUE_ALARM_SECONDS

VIEWS = ("overview", "endpoints", "deliveries", "replays")

_RECENT_MINUTES = 5
"""What the share of success is taken of."""

_LEAST_GAP = 3
_POOR = 0.95


def status_line(
    snapshot: Snapshot, view: str, width: int, *, frozen: bool = False, read_only: bool = False
) -> list[Cell]:
    """The line at `width` columns, one of them free at either edge; `view` is the one in front."""
    held_back = "‖ frozen  " * frozen + "read-only  " * read_only
    whose = [Cell(held_back, "warn"), *sender(snapshot)]
    since = [Cell(f" {present.age(snapshot.now - snapshot.sender.since)}", "dim")] * snapshot.sender.running
    rate, success, waiting, overdue = _figures(snapshot)
    every: Sequence[tuple[Line, Line, Line]] = (
        ([*whose, *since], _views(view), [*rate, *success, *waiting, *overdue]),
        ([*whose, *since], [], [*rate, *success, *waiting, *overdue]),
        (whose, [], [*rate, *success, *waiting, *overdue]),
        (whose, [], [*success, *waiting, *overdue]),
        (whose, [], [*waiting, *overdue]),
        (whose, [], overdue),
        (whose, [], []),
    )
    room = width - 2
    for left, middle, right in every:
        gaps = room - width_of(left) - width_of(middle) - width_of(right)
        if gaps >= _LEAST_GAP * (2 if middle else 1):
            break
    else:
        left, middle, right, gaps = whose, [], [], room - width_of(whose)
    half = gaps // 2 if middle else 0
    return [Cell(" "), *left, Cell(" " * half), *middle, Cell(" " * (gaps - half)), *right, Cell(" ")]


def sender(snapshot: Snapshot) -> list[Cell]:
    """Whose sender it is."""
    view = snapshot.sender
    if not view.running:
        return [Cell("✗ nobody sends", "bad")]
    if view.halted:
        return [Cell("✗ sending is halted", "bad")]
    if view.waiting:
        return [Cell("✗ nothing is sent yet", "bad")]
    if view.own:
        return [Cell("● this console sends", "good")]
    return [Cell("● ", "good"), outside(view.mode, 20, "good"), Cell(f" {view.pid} sends", "good")]


def _figures(snapshot: Snapshot) -> tuple[Line, Line, Line, Line]:
    last = snapshot.minutes[-_RECENT_MINUTES:]
    delivered = sum(minute.delivered for minute in last)
    every = delivered + sum(minute.failed for minute in last)
    success = delivered / every if every else None
    overdue = snapshot.now - snapshot.overdue_since if snapshot.overdue_since is not None else 0.0
    poor: Tone = "plain" if success is None or success >= _POOR else "warn"
    late: Tone = "bad" if overdue > OVERDUE_ALARM_SECONDS else "plain"
    return (
        [Cell(f"{snapshot.per_second:.1f}"), Cell("/s  ", "dim")],
        [Cell("ok ", "dim"), Cell(present.share(success), poor), Cell("  ")],
        [Cell("waiting ", "dim"), Cell(present.count(snapshot.backlog)), Cell("  ")],
        [Cell("overdue ", "dim"), Cell(present.age(overdue), late)],
    )


def _views(view: str) -> list[Cell]:
    """All views with their keys."""
    found: list[Cell] = []
    for name in VIEWS:
        found += [Cell("  ")] if found else []
        one = command(f"app.{name}")
        text = f"{one.keys} {one.title}"
        found.append(Cell(f"[{text}]", "title") if name == view else Cell(text, "dim"))
    return found
