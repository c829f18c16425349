"""The last hour in characters: delivered above, failed beneath, each on its own scale; why; how fast.

Pure. What bars mean is said by glyphs, words and figures beside them, never by colour alone.
"""

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from math import ceil

from hookconsole.console import present
from hookconsole.console.cells import Cell, Line, Tone, fit, outside, width_of
from hookconsole.observing.values import EndpointRow, Minute

_SCALE_COLUMNS = 9
"""Before the bars: the glyph and the highest value."""

_LAST_COLUMNS = 11
"""Behind the bars: what it is now."""


_CAUSE_COLUMNS = 12
_NAME_COLUMNS = 20


def flow(minutes: Sequence[Minute], width: int, height: int) -> list[Line]:
    """The hour in `height` lines: its figures, the bars, the axis of time; in one line all side by side."""
    if is_quiet(minutes):
        return [[Cell(" Last hour", "title"), Cell("  nothing was sent", "dim")]]
    if height == 1:
        return [_in_a_line(minutes, width)]
    lines: list[Line] = [_figures(minutes, width)]
    columns = max(width - _SCALE_COLUMNS - _LAST_COLUMNS, 1)
    each = _columns_each(len(minutes), columns)
    failed_height = max((height - 2) // 4, 1)
    delivered_height = max(height - 2 - failed_height, 1)
    failed: Tone = "bad" if any(minute.failed for minute in minutes) else "dim"
    lines += _rows("●", "accent", [minute.delivered for minute in minutes], columns, delivered_height)
    lines += _rows("✗", failed, [minute.failed for minute in minutes], columns, failed_height)
    lines.append([Cell(" " * _SCALE_COLUMNS), Cell(_axis(len(minutes), each), "dim")])
    return lines[:height]


def is_quiet(minutes: Iterable[Minute]) -> bool:
    """Whether there was no attempt."""
    return not any(minute.delivered or minute.failed for minute in minutes)


def gathered(values: Sequence[int], columns: int) -> list[float]:
    """Values spread over at most `columns` columns: several to a value, or the mean of several in one."""
    each = _columns_each(len(values), columns)
    if each >= 1:
        return [float(value) for value in values for _ in range(int(each))]
    step = round(1 / each)
    return [sum(values[at : at + step]) / step for at in range(0, len(values), step)]


def _columns_each(count: int, columns: int) -> float:
    """How many columns a value gets; less than one is a whole number of values in a column."""
    if columns >= count:
        return float(columns // max(count, 1))
    return 1 / next(step for step in range(2, count + 1) if count % step == 0 and count // step <= columns)


def _figures(minutes: Sequence[Minute], width: int) -> list[Cell]:
    delivered, failed, success = _sums(minutes)
    share = [Cell("  "), Cell(present.share(success)), Cell(" success", "dim")]
    counts = [
        Cell(" Last hour", "title"),
        Cell("  ● ", "accent"),
        Cell(present.count(delivered)),
        Cell(" delivered", "dim"),
        Cell("  ✗ ", "bad" if failed else "dim"),
        Cell(present.count(failed)),
        Cell(" failed attempts", "dim"),
    ]
    return [*counts, *share] if width_of([*counts, *share]) <= width else counts


def _sums(minutes: Sequence[Minute]) -> tuple[int, int, float | None]:
    delivered = sum(minute.delivered for minute in minutes)
    failed = sum(minute.failed for minute in minutes)
    every = delivered + failed
    return delivered, failed, delivered / every if every else None


def _rows(glyph: str, tone: Tone, values: Sequence[int], columns: int, height: int) -> list[Line]:
    shown = gathered(values, columns)
    last = values[-2] if len(values) > 1 else values[-1]  # the newest minute that is over
    scale = f" {glyph} {present.count(ceil(max(shown))):>5}"
    return [
        [
            Cell(("" if number else scale).ljust(_SCALE_COLUMNS), tone),
            Cell(text, tone),
            Cell(f" {present.count(last)}/min" if number == height - 1 else "", "dim"),
        ]
        for number, text in enumerate(present.column_bars(shown, height))
    ]


def _axis(minutes: int, each: float) -> str:
    """Where the quarters of the hour stand, right to left from now."""
    length = round(minutes * each)
    text = list(" " * length)
    for back in (60, 45, 30, 15):
        at, label = round((minutes - back) * each), f"-{back}m"
        if 0 <= at < length - len(label) - 4:
            text[at : at + len(label)] = label
    text[-3:] = "now"
    return "".join(text)


def _in_a_line(minutes: Sequence[Minute], width: int) -> list[Cell]:
    delivered, failed, _ = _sums(minutes)
    sums = [f" {present.count(delivered)} ", f" {present.count(failed)} "]
    columns = max((width - len(" 1h ") - 4 - sum(map(len, sums))) // 2, 1)
    rows = [
        present.column_bars(gathered([minute[field] for minute in minutes], columns), 1)[0]
        for field in (1, 2)
    ]
    return [
        Cell(" 1h ", "dim"),
        Cell("● ", "accent"),
        Cell(rows[0], "accent"),
        Cell(sums[0]),
        Cell("✗ ", "bad" if failed else "dim"),
        Cell(rows[1], "bad"),
        Cell(sums[1]),
    ]


def causes(found: Sequence[tuple[str, int]], width: int, height: int) -> list[Line]:
    """Why attempts failed in the last hour, the most frequent first, with bars."""
    lines: list[Line] = [[Cell(" Why attempts failed, last hour", "title")]]
    if not found:
        return [*lines, [Cell(" none did", "dim")]]
    most = found[0][1]
    room = max(width - _CAUSE_COLUMNS - 11, 0)
    for cause, count in found[: height - 1]:
        name = fit(outside(cause, 40), _CAUSE_COLUMNS)
        lines.append(
            [
                Cell(" "),
                name,
                Cell(f" {present.count(count):>6}  "),
                Cell(present.bar(count / most, room), "bad"),
            ]
        )
    return lines


def slowest(found: Sequence[EndpointRow], width: int, height: int) -> list[Line]:
    """Endpoints by their 95th percentile of 24 hours, in the order in which they are given."""
    lines: list[Line] = [[Cell(" Slowest, p95 of 24 hours", "title")]]
    if not found:
        return [*lines, [Cell(" no attempt yet", "dim")]]
    most = found[0].p95_ms or 1.0
    names = min(max(width - 10, 8), _NAME_COLUMNS)
    room = max(width - names - 11, 0)
    for row in found[: height - 1]:
        name = fit(outside(row.name, 64), names)
        text = f" {present.duration(row.p95_ms):>6}  "
        lines.append(
            [Cell(" "), name, Cell(text), Cell(present.bar((row.p95_ms or 0.0) / most, room), "dim")]
        )
    return lines


def slowest_of(endpoints: Iterable[EndpointRow], at_most: int) -> list[EndpointRow]:
    """The endpoints whose attempts take longest."""
    timed = (row for row in endpoints if row.p95_ms is not None)
    return nsmallest(at_most, timed, key=lambda row: (-(row.p95_ms or 0.0), row.name))
