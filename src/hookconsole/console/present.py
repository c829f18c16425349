"""Values as the words and figures that an operator reads. Pure; every text from outside is made safe."""

import time
from collections.abc import Callable, Sequence
from math import ceil

from hookconsole.console.cells import Cell
from hookconsole.console.look import GLYPHS, STATE_TONES
from hookconsole.text import safe


def state(word: str) -> Cell:
    """A state or a health: its glyph and its word."""
    return Cell(f"{GLYPHS.get(word, '?')} {safe(word, 20)}", STATE_TONES.get(word, "plain"))


def duration(milliseconds: float | None) -> str:
    """A duration in at most six columns."""
    if milliseconds is None:
        return "-"
    if milliseconds >= 9950:
        return f"{milliseconds / 1000:.0f} s"
    if milliseconds >= 999.5:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 9.95 else f"{milliseconds:.1f} ms"


def age(seconds: float | None) -> str:
    """How long something lasts, in its largest unit, in at most five columns: `12s`, `3m`, `40h`, `6d`."""
    if seconds is None:
        return "-"
    seconds = max(seconds, 0.0)
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length * (2 if unit != "m" else 1):
            return f"{seconds // length:.0f}{unit}"
    return f"{int(seconds)}s"


def count(number: int) -> str:
    """A count in at most six columns: `9,999`, `12.3k`, `1.2M`."""
    if number < 10_000:
        return f"{number:,}"
    if number < 999_950:
        return f"{number / 1000:.1f}k"
    return f"{number / 1_000_000:.1f}M"


def share(part: float | None) -> str:
    """A share as a percentage in at most six columns; never 100 % of what isn't all."""
    if part is None:
        return "-"
    percent = part * 100
    if percent == 100 or percent == 0:
        return f"{percent:.0f}%"
    return f"{min(max(percent, 0.1), 99.9):.1f}%"


def clock(at: float, now: float) -> str:
    """A moment in UTC: the time today, else the day with the time."""
    moment, today = time.gmtime(at), time.gmtime(now)
    if moment[:3] == today[:3]:
        return time.strftime("%H:%M:%S", moment)
    return time.strftime("%m-%d %H:%M:%S", moment)


_BARS = " ▁▂▃▄▅▆▇█"
_ROUNDING = 1e-6


def column_bars(values: Sequence[float], height: int, top: float = 0.0) -> list[str]:
    """`values` as columns of `height` lines, the topmost line first; full is `top`, or the highest one."""
    top = top or max(values, default=0)
    eighths = [max(ceil(value * 8 * height / top - _ROUNDING), 1) if value > 0 else 0 for value in values]
    return [
        "".join(_BARS[min(max(one - 8 * line, 0), 8)] for one in eighths)
        for line in range(height - 1, -1, -1)
    ]


def bar(part: float, width: int) -> str:
    """A share (0 to 1) as a thin bar of at most `width` columns; anything above 0 is seen."""
    halves = min(max(round(part * width * 2), 1), width * 2) if part > 0 else 0
    return "━" * (halves // 2) + "╸" * (halves % 2)


def gauge(part: float, width: int) -> str:
    """A share (0 to 1) of something that goes on, as a bar on its track; full only when all is done."""
    whole = min(int(part * width), width)
    return "█" * whole + "░" * (width - whole)


_APART = 8 / 7
"""Bars of lists end below the line's upper edge: those of two rows stay apart."""


def week(volume: Sequence[int], failures: Sequence[int], width: int) -> str:
    """Attempts in time as bars in `width` columns, `✗` where more than half of them failed."""
    attempts, failed = _gathered(volume, width, sum), _gathered(failures, width, sum)
    bars = zip(column_bars(attempts, 1, max(attempts) * _APART)[0], attempts, failed, strict=True)
    return "".join("✗" if bad * 2 > every else bar for bar, every, bad in bars)


def shares(volume: Sequence[int], failures: Sequence[int], width: int) -> str:
    """The share that didn't fail, in time, in `width` columns: on the scale of all; `✗` where nothing did."""
    attempts, failed = _gathered(volume, width, sum), _gathered(failures, width, sum)
    parts = [(every - bad) / every if every else 0.0 for every, bad in zip(attempts, failed, strict=True)]
    bars = zip(column_bars(parts, 1, _APART)[0], attempts, failed, strict=True)
    return "".join("✗" if every == bad > 0 else bar for bar, every, bad in bars)


def highest(values: Sequence[float], width: int) -> str:
    """The highest of `values` in time, as bars in `width` columns."""
    tops = _gathered(values, width, max)
    return column_bars(tops, 1, max(tops) * _APART)[0]


def _gathered(values: Sequence[float], columns: int, what: Callable[[Sequence[float]], float]) -> list[float]:
    """Neighbours as one value, so that there are `columns` of them; 0 before the first."""
    step = max(ceil(len(values) / columns), 1)
    found = [what(values[at : at + step]) for at in range(0, len(values), step)]
    return [0] * (columns - len(found)) + found
