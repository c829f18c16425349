"""What became of a test or a canary, in lines: glyph, word, status or error, the answer."""

from collections.abc import Iterator

from hookconsole.console import present
from hookconsole.console.cells import Cell, Line, outside
from hookconsole.journal.records import Attempt

_EXCERPT_LINES = 3
_EXCERPT_CHARACTERS = 300


def delivered(attempt: Attempt | None) -> bool:
    """Whether it arrived."""
    return attempt is not None and attempt.outcome == "delivered"


def attempt_words(attempt: Attempt | None) -> str:
    """An attempt in a few words, as the commands say it: outcome, status or error, duration."""
    if attempt is None:
        return "no result came in time"
    what = str(attempt.status)
    if attempt.error is not None:
        what = f"{attempt.error}: {attempt.error_detail}" if attempt.error_detail else attempt.error
    duration = f", {present.duration(attempt.duration_ms)}" if attempt.duration_ms else ""
    return f"{attempt.outcome}, {what}{duration}"


def outcome_lines(attempt: Attempt | None, good: str, bad: str) -> Iterator[Line]:
    """`good` or `bad` before the words, and the beginning of the answer's body."""
    if delivered(attempt):
        yield [Cell("● ", "good"), Cell(good, "good"), outside(attempt_words(attempt))]
    else:
        words = attempt_words(attempt).removeprefix("failed, ")
        yield [Cell("✗ ", "bad"), Cell(bad, "bad"), outside(words, 400)]
    if attempt is not None and attempt.response is not None:
        body = attempt.response.body[:_EXCERPT_CHARACTERS].strip()
        for line in body.splitlines()[:_EXCERPT_LINES]:
            yield [Cell("  "), outside(line, _EXCERPT_CHARACTERS, "dim")]
