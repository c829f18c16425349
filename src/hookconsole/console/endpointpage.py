"""What is said of one endpoint above its log: why it fails, how it is set, how it did. Pure.

Everything that came from a receiver or the file is made safe here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any, NamedTuple

from hookconsole.clock import parse_rfc3339
from hookconsole.console import present
from hookconsole.console.cells import Cell, Line, fit, outside, spread, width_of
from hookconsole.console.endpointcolumns import OVERDUE, SUCCESS, outcome
from hookconsole.console.wrapping import wrapped
from hookconsole.journal.records import Attempt
from hookconsole.observing.standing import Settings
from hookconsole.observing.values import EndpointRow

_TREND_COLUMNS = (14, 28)
_WIDE_TREND_FROM = 44
_LABEL_COLUMNS = 9
_TWO_COLUMNS_FROM = 76
_DETAIL_LINES = 2
_BODY_LINES = 3
_BODY_CHARACTERS = 2000


class Told(NamedTuple):
    """What has been read so far: None is not yet. `failure` is the newest failed attempt, if `looked` for."""

    settings: Settings | None = None
    latency: Sequence[float | None] | None = None
    failure: Attempt | None = None
    looked: bool = False


def about(name: str, row: EndpointRow | None, told: Told, now: float, width: int) -> list[Line]:
    """Lines of at most `width` columns; `now` in unix seconds."""
    lines: list[Line] = [_head(name, row, now, width)]
    if row is not None and row.health == "failing":
        lines += _why(row, told, now, width)
    lines.append([])
    half = (width - 2) // 2 if width >= _TWO_COLUMNS_FROM else width
    settings = [piece for line in _settings(told.settings) for piece in wrapped(line, half)]
    columns = _TREND_COLUMNS[half >= _WIDE_TREND_FROM]
    week = list(_trends(row, told.latency, columns)) if row is not None else []
    if half == width:
        return [*lines, *week, [], *settings]
    for left, right in zip_longest(settings, week, fillvalue=()):
        lines.append([*left, Cell(" " * (half + 2 - width_of(left))), *right])
    return lines


def _head(name: str, row: EndpointRow | None, now: float, width: int) -> list[Cell]:
    title = [outside(name, 64, "title"), Cell("  ")]
    if row is None:
        return [*title, Cell("? there is no such endpoint any more", "warn")]
    figures = [
        Cell("success ", "dim"),
        SUCCESS.cell(row, now),
        Cell("  waiting ", "dim"),
        Cell(present.count(row.waiting)),
        Cell("  overdue ", "dim"),
        OVERDUE.cell(row, now),
    ]
    return spread([*title, present.state(row.health)], figures, width)


def _why(row: EndpointRow, told: Told, now: float, width: int) -> Iterator[Line]:
    detail = [Cell("  "), outside(row.detail, 500)] if row.detail else []
    yield from islice(wrapped([Cell("✗ ", "bad"), _words(outcome(row)), *detail], width), _DETAIL_LINES)
    failure = told.failure
    if not told.looked:
        yield [Cell("  reading what it answered", "dim")]
    elif failure is not None:
        which = f"  attempt {failure.attempt} of {outside(failure.event, 64).text}"
        ago = present.age(now - parse_rfc3339(failure.at))
        yield from wrapped(
            [Cell(f"{which}, {present.duration(failure.duration_ms)}, {ago} ago", "dim")], width
        )
        if failure.response is not None:
            yield from _answer(failure.response.body, width)


def _words(cell: Cell) -> Cell:
    return Cell(f"status {cell.text}" if cell.text.isdecimal() else cell.text, "bad")


def _answer(body: str, width: int) -> Iterator[Line]:
    """What the receiver said, as far as there is room."""
    text = " ".join(body[:_BODY_CHARACTERS].split())
    if not text:
        yield [Cell("  it answered without a body", "dim")]
        return
    pieces = list(islice(wrapped([outside(text, _BODY_CHARACTERS)], max(width - 4, 1)), _BODY_LINES + 1))
    for number, piece in enumerate(pieces[:_BODY_LINES]):
        more = number == _BODY_LINES - 1 and len(pieces) > _BODY_LINES
        words = "".join(cell.text for cell in piece).strip()
        yield [
            Cell("  │ ", "dim"),
            fit(Cell(words), width - 5) if more else Cell(words),
            Cell("…" if more else ""),
        ]


# How it is set


def _settings(settings: Settings | None) -> Iterator[Line]:
    yield [Cell("Settings", "title")]
    if settings is None:
        yield [Cell("reading", "dim")]
    elif settings.problem:
        yield [outside(settings.problem, 300, "warn")]
    else:
        for label, text in _said(settings.view):
            if text:
                yield [fit(Cell(label, "dim"), _LABEL_COLUMNS), outside(text, 600)]


def _said(view: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    schedule = view["retry_schedule"]
    yield "url", view["url"]
    yield "events", ", ".join(view["events"])
    yield "active", "" if view["active"] else "no: nothing is sent to it"
    yield "timeout", f"{view['timeout_seconds']:g} s, {view['endpoint_concurrency']} at once"
    yield "retries", ", ".join(f"{wait:g}" for wait in schedule) + " s later" if schedule else "none"
    yield "headers", ", ".join(f"{name}: {value}" for name, value in view["headers"].items())
    yield "secret", next((f"from {view[key]}" for key in ("secret_file", "secret_env") if key in view), "")
    yield (
        "rotating",
        f"the old secret signs until {until}" if (until := view.get("previous_secret_until")) else "",
    )
    yield "ca file", view["ca_file"] or ""
    yield "about", view["description"]


# How it did


def _trends(row: EndpointRow, latency: Sequence[float | None] | None, columns: int) -> Iterator[Line]:
    yield [Cell("Last 7 days", "title")]
    attempts = sum(row.volume)
    yield _trend("attempts", present.week(row.volume, row.failures, columns), present.count(attempts))
    share = (attempts - sum(row.failures)) / attempts if attempts else None
    yield _trend("success", present.shares(row.volume, row.failures, columns), present.share(share))
    yield [Cell("Last 24 hours", "title")]
    hours = [value or 0.0 for value in latency or ()]
    yield _trend("p95", present.highest(hours, columns), present.duration(row.p95_ms))
    yield [fit(Cell("p50", "dim"), _LABEL_COLUMNS), Cell(present.duration(row.p50_ms))]
    yield [
        fit(Cell("ended", "dim"), _LABEL_COLUMNS),
        Cell(f"{present.count(row.delivered)} delivered"),
        Cell(f", {present.count(row.failed)} failed", "bad" if row.failed else "plain"),
    ]


def _trend(label: str, line: str, figure: str) -> list[Cell]:
    return [fit(Cell(label, "dim"), _LABEL_COLUMNS), Cell(line, "accent"), Cell(f" {figure}")]
