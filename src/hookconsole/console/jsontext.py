"""Bodies as lines to read: JSON indented and coloured, its numbers as they came, anything else as it is.

Invariant: whatever comes, at most `at_most` lines of at most `CHARACTERS_AT_MOST` come out, unless the whole
is asked for. Pure.
"""

import re
from collections.abc import Iterator

import msgspec

from hookconsole.console.cells import Cell, Line, Tone
from hookconsole.text import safe_bytes

LINES_AT_MOST = 1000
CHARACTERS_AT_MOST = 1000

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*(?:(?P<key>"(?=\s*:))|(?P<string>"?))'
    r"|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<word>\b(?:true|false|null)\b)|(?P<rest>[^\"0-9tfn-]+|.)"
)
"""A string may be cut off. No character is looked at twice, whatever stands there."""

_TONES: dict[str | None, Tone] = {"key": "accent", "string": "good", "number": "warn", "word": "warn"}


def body_lines(body: bytes | str, *, whole: bool = False, at_most: int = LINES_AT_MOST) -> Iterator[Line]:
    """The lines of a body; how many more there are is said in the last one."""
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    try:
        lines = msgspec.json.format(raw, indent=2).split(b"\n")
        json = True
    except (msgspec.DecodeError, RecursionError):
        lines = raw.split(b"\n")
        json = False
    for line in lines if whole else lines[:at_most]:
        text = safe_bytes(line.removesuffix(b"\r"), None if whole else CHARACTERS_AT_MOST)
        yield list(_cells(text)) if json and not whole else [Cell(text)]
    left = len(lines) - at_most
    if left > 0 and not whole:
        yield [Cell(f"… and {left:,} lines more", "dim")]


def _cells(text: str) -> Iterator[Cell]:
    """A line of indented JSON in its colours."""
    for match in _TOKEN.finditer(text):
        yield Cell(match[0], _TONES.get(match.lastgroup, "plain"))
