"""A delivery's story as lines to read: how it stands and why, each attempt, the request, where it didn't go.

Pure. The newest attempt comes first: it says why. Whatever comes, the lines are bounded unless the whole
is asked for (for the pager).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import ceil

from hookconsole.console import present
from hookconsole.console.cells import Cell, Line, Tone, outside
from hookconsole.console.jsontext import LINES_AT_MOST, body_lines
from hookconsole.console.look import STATE_TONES
from hookconsole.observing.detail import AttemptDetail, DeliveryDetail, Happening
from hookconsole.observing.request import Header

STEPS_AT_MOST = 40
NAMES_AT_MOST = 50
HEADERS_AT_MOST = 60
ANSWER_LINES_AT_MOST = 200
PHASES = {"dns": "░", "connect": "▒", "tls": "▓", "first_byte": "█"}
"""The phases of an attempt and their pieces of its bar."""

_BAR_COLUMNS = 24
_INDENT = "     "


def head(detail: DeliveryDetail, now: float) -> list[Line]:
    """What it is, and how it stands at `now` (unix seconds)."""
    key = detail.key
    title: Line = [
        outside(key.event, 64, "title"),
        Cell("  "),
        outside(detail.type, 100),
        Cell(" → ", "dim"),
        outside(key.endpoint, 64, "title"),
    ]
    return [title, [present.state(detail.state), Cell("  "), *standing(detail, now)]]


def standing(detail: DeliveryDetail, now: float) -> list[Cell]:
    """Why it stands as it does, what comes next, and what can be done."""
    last = detail.attempts[-1] if detail.attempts else None
    because = cause(last) if last else ""
    if detail.state == "retrying":
        return [*_next(detail, now), *_because(because)]
    if detail.state == "sending":
        return [Cell(f"since {present.age(now - (detail.began or now))}"), *_because(because)]
    if detail.state == "delivered" and last is not None:
        return [Cell(f"at attempt {last.number}, in {present.duration(last.duration_ms)}")]
    if detail.state == "failed":
        return [outside(f"{because or detail.why}; no attempt is left, retry sends it again", 400)]
    if detail.state == "skipped":
        return [outside(f"{detail.why}; when it is on, retry sends it", 400)]
    if detail.state == "canceled":
        return [outside(f"{detail.why}; retry sends it again", 400)]
    return [outside(detail.why or "waits for its turn", 400)]


def cause(attempt: AttemptDetail) -> str:
    """Why an attempt failed; empty for one that didn't. From outside."""
    if attempt.outcome == "delivered":
        return ""
    what = attempt.error or f"status {attempt.status}"
    return f"{what}: {attempt.error_detail}" if attempt.error_detail else what


def _next(detail: DeliveryDetail, now: float) -> list[Cell]:
    if detail.next_at is None:
        return [Cell("next attempt when that is mended" if _is_ours(detail) else "next attempt due now")]
    left = detail.next_at - now
    when = f", at {present.clock(detail.next_at, now)}"
    if left > 0:
        return [Cell(f"next attempt in {_countdown(left)}", "title"), Cell(when, "dim")]
    late = f" since {present.age(-left)}" if left <= -1 else ""
    return [Cell(f"next attempt due{late or ' now'}", "title")]


def _countdown(seconds: float) -> str:
    """To the second while it is less than an hour."""
    minutes, rest = divmod(ceil(seconds), 60)
    if minutes >= 60:
        return present.age(seconds)
    return f"{minutes}m {rest:02d}s" if minutes else f"{rest}s"


def _is_ours(detail: DeliveryDetail) -> bool:
    return bool(detail.attempts) and detail.attempts[-1].error == "config"


def _because(text: str) -> list[Cell]:
    return [Cell("  because: ", "dim"), outside(text, 400)] if text else []


def story(detail: DeliveryDetail, now: float, *, whole: bool = False) -> Iterator[Line]:
    """Everything else; `now` says which times are of today."""
    yield [
        Cell("accepted ", "dim"),
        Cell(present.clock(detail.accepted, now)),
        Cell(" from ", "dim"),
        outside(detail.source, 20),
        Cell(", created ", "dim"),
        outside(detail.created_at, 40),
    ]
    yield from _attempts(detail, now, whole)
    yield from _request(detail, now, whole)
    yield from _not_sent(detail.not_sent, whole)


def plain(lines: Iterable[Line]) -> str:
    """Lines as text."""
    return "\n".join("".join(cell.text for cell in line).rstrip() for line in lines) + "\n"


def _title(text: str) -> list[Line]:
    return [[], [Cell(text, "title")]]


def _attempts(detail: DeliveryDetail, now: float, whole: bool) -> Iterator[Line]:
    count = len(detail.attempts)
    newest = ", the newest first" if count > 1 else ""
    yield from _title(f"{count} attempt{'' if count == 1 else 's'}{newest}")
    steps = list(reversed(detail.steps))
    for step in steps if whole else steps[:STEPS_AT_MOST]:
        if isinstance(step, Happening):
            yield [Cell(_INDENT), Cell(present.clock(step.at, now) + "  ", "dim"), outside(step.what, 500)]
        else:
            yield from attempt_lines(step, now, whole=whole)
    left = len(steps) - STEPS_AT_MOST
    if left > 0 and not whole:
        yield [Cell(f"{_INDENT}… and {left:,} older ones: see the pager", "dim")]


def attempt_lines(attempt: AttemptDetail, now: float, *, whole: bool = False) -> Iterator[Line]:
    """One attempt: what came of it, where its time went, what was answered."""
    wait = attempt.wait
    yield [
        Cell(f"{attempt.number:>3}  ", "title"),
        Cell(present.clock(attempt.at, now) + "  ", "dim"),
        Cell(f"{attempt.trigger:<6}  "),
        outcome(attempt),
        Cell("  "),
        result(attempt),
        *([Cell(f"  {present.duration(attempt.duration_ms)}")] if attempt.duration_ms else []),
        *([Cell(f"  next after {present.duration(wait * 1000)}", "dim")] if wait is not None else []),
    ]
    if attempt.error_detail:
        yield [Cell(_INDENT), outside(attempt.error_detail, 2000)]
    if attempt.timings:
        yield [Cell(_INDENT), *timings(attempt.timings)]
    if attempt.remote:
        again = ", sent twice: the kept connection had died" if attempt.resent else ""
        yield [Cell(f"{_INDENT}to ", "dim"), outside(attempt.remote, 100), Cell(again, "dim")]
    if attempt.status is None:
        return
    for name, value in islice(attempt.headers.items(), None if whole else HEADERS_AT_MOST):
        yield [Cell(_INDENT), outside(name, 100, "dim"), Cell(": ", "dim"), outside(value, 500)]
    yield from _body(attempt.body, whole, ANSWER_LINES_AT_MOST)
    if attempt.truncated:
        yield [Cell(f"{_INDENT}… the rest of the answer wasn't kept", "dim")]


def outcome(attempt: AttemptDetail) -> Cell:
    """What came of an attempt, glyph and word."""
    if attempt.outcome == "interrupted":
        return Cell("- interrupted", "dim")
    return present.state(attempt.outcome)


def result(attempt: AttemptDetail) -> Cell:
    """The status, or the error's name."""
    tone: Tone = STATE_TONES.get(attempt.outcome, "plain")
    return outside(str(attempt.status) if attempt.error is None else attempt.error, 20, tone)


def timings(phases: Mapping[str, float]) -> Iterator[Cell]:
    """Where the time went: figures, and a bar in which each phase has its share."""
    known = [(name, phases[name], piece) for name, piece in PHASES.items() if name in phases]
    total = sum(length for _, length, _ in known)
    drawn = ""
    for name, length, piece in known:
        yield Cell(f"{piece} ", "accent")
        yield Cell(f"{name.replace('_', ' ')} ", "dim")
        yield Cell(f"{present.duration(length)}  ")
        drawn += piece * round(_BAR_COLUMNS * length / total) if total else ""
    yield Cell(drawn, "accent")


def _body(body: bytes | str, whole: bool, at_most: int = LINES_AT_MOST) -> Iterator[Line]:
    if not body:
        yield [Cell(f"{_INDENT}(no body)", "dim")]
        return
    for line in body_lines(body, whole=whole, at_most=at_most):
        yield [Cell(f"{_INDENT}│ ", "dim"), *line]


def _request(detail: DeliveryDetail, now: float, whole: bool) -> Iterator[Line]:
    request = detail.request
    last = detail.attempts[-1] if detail.attempts else None
    yield from _title(f"Request of attempt {last.number}" if last else "Request, as it would be made")
    if isinstance(request, str):
        yield [Cell(f"{_INDENT}it can't be made now: ", "warn"), outside(request, 500)]
    else:
        yield [Cell(f"{_INDENT}POST "), outside(request.url, 2100)]
        for header in request.headers:
            yield [Cell(_INDENT), *header_cells(header)]
        if detail.changed and last is not None:
            since = present.clock(detail.signed_at, now)
            yield [
                Cell(f"{_INDENT}URL, headers and secret are those of now; ", "warn"),
                Cell(f"they may have changed since {since}", "warn"),
            ]
    yield from _body(detail.body, whole)


def header_cells(header: Header) -> Line:
    """A request's header; the value of an endpoint's own is hidden."""
    return [
        outside(header.name, 130, "dim"),
        Cell(": ", "dim"),
        outside(header.value, 500, "dim" if header.own else "plain"),
    ]


def _not_sent(reasons: Mapping[str, str], whole: bool) -> Iterator[Line]:
    if not reasons:
        return
    yield from _title(f"Not sent to {len(reasons):,} other endpoint{'' if len(reasons) == 1 else 's'}")
    for name, why in islice(reasons.items(), None if whole else NAMES_AT_MOST):
        yield [Cell(_INDENT), outside(name, 64), Cell("  "), outside(why, 200, "dim")]
    left = len(reasons) - NAMES_AT_MOST
    if left > 0 and not whole:
        yield [Cell(f"{_INDENT}… and {left:,} more: see the pager", "dim")]
