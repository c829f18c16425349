"""Two attempts of a delivery side by side, what differs marked. Pure."""

import difflib
from collections.abc import Iterator
from itertools import islice

from hookconsole.console import present
from hookconsole.console.cells import Cell, Line, fit, outside
from hookconsole.console.jsontext import body_lines
from hookconsole.console.story import PHASES, outcome, plain, result
from hookconsole.observing.detail import AttemptDetail

LINES_AT_MOST = 200
_LABEL_COLUMNS = 16


def differences(old: AttemptDetail, new: AttemptDetail, now: float, width: int) -> Iterator[Line]:
    """Status, times and headers of both in `width` columns, then the difference of their bodies."""
    for label, left, right in _fields(old, new, now):
        yield _row(label, left, right, width)
    yield []
    if old.body == new.body:
        yield [Cell("  the bodies are the same" if old.body else "  no bodies", "dim")]
        return
    yield [Cell("≠ ", "warn"), Cell("bodies", "title")]
    before, after = ([plain([line]) for line in body_lines(one.body)] for one in (old, new))
    changes = islice(difflib.unified_diff(before, after, n=1), 2, None)
    for line in islice(changes, LINES_AT_MOST):
        tone = {"-": "bad", "+": "good"}.get(line[0], "dim")
        yield [Cell("  " + line.rstrip("\n"), tone)]  # type: ignore[arg-type]  # a Tone


def _fields(old: AttemptDetail, new: AttemptDetail, now: float) -> Iterator[tuple[Cell, Cell, Cell]]:
    def both(label: str, left: object, right: object) -> tuple[Cell, Cell, Cell]:
        return outside(label, 100, "dim"), outside(str(left), 500), outside(str(right), 500)

    yield both("attempt", old.number, new.number)
    yield both("at", present.clock(old.at, now), present.clock(new.at, now))
    yield both("trigger", old.trigger, new.trigger)
    yield Cell("outcome", "dim"), outcome(old), outcome(new)
    yield Cell("status", "dim"), result(old), result(new)
    yield both("detail", old.error_detail, new.error_detail)
    yield both("duration", present.duration(old.duration_ms), present.duration(new.duration_ms))
    for phase in PHASES:
        if phase in old.timings or phase in new.timings:
            times = (present.duration(one.timings.get(phase)) for one in (old, new))
            yield both("  " + phase.replace("_", " "), *times)
    yield both("remote", old.remote, new.remote)
    for name in sorted({*old.headers, *new.headers}):
        yield both(name, old.headers.get(name, ""), new.headers.get(name, ""))


def _row(label: Cell, left: Cell, right: Cell, width: int) -> Line:
    half = max((width - _LABEL_COLUMNS - 4) // 2, 1)
    differ = left.text != right.text
    return [
        Cell("≠ " if differ else "  ", "warn"),
        fit(label, _LABEL_COLUMNS),
        Cell(" "),
        fit(left, half),
        Cell(" "),
        fit(Cell(right.text, "warn") if differ and right.tone == "plain" else right, half),
    ]
