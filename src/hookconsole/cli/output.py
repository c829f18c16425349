"""What the commands print: results on stdout, words about them on stderr, plain text always.

Invariant: whatever a line holds, and wherever it came from, what is printed is safe on any terminal.
"""

import os
import sys
from collections.abc import Iterable, Sequence

import msgspec

from hookconsole.errors import InputError


def say(line: str) -> None:
    """One line of result."""
    sys.stdout.write(f"{_safe(line)}\n")


def _safe(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line  # nearly all are; the rest costs an import
    from hookconsole.text import safe

    return safe(line)


def warn(line: str) -> None:
    """One line for the person, apart from the result."""
    sys.stdout.flush()
    sys.stderr.write(f"hookconsole: {_safe(line)}\n")


def discard() -> None:
    """Give up the output: what can't be written must not be tried, and complained of, at the end again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def json_line(value: object) -> None:
    """One JSON object a line, what isn't ASCII as escapes: safe on any terminal."""
    text = msgspec.json.encode(value).decode()
    if not (text.isascii() and text.isprintable()):
        import json
        import re

        text = re.sub(r"[^\x20-\x7e]", lambda match: json.dumps(match[0])[1:-1], text).replace(
            "\x7f", "\\u007f"
        )
    sys.stdout.write(text + "\n")


def confirmed(question: str, *, yes: bool, count: int = 0) -> bool:
    """Whether the operator agrees: by y, or to a large `count` by typing it. Anything else means No; where
    nobody can be asked, only a --yes agrees.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise InputError(f"{question} Nobody can be asked here: give --yes")
    from hookconsole.operating.agreeing import number_to_type

    number = number_to_type(count)
    answers = ("y", "yes") if number is None else (str(number),)
    how = "[y/N] " if number is None else f"Type {number} to go on: "
    sys.stderr.write(_safe(f"{question} {how}"))
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in answers


def deliveries(count: int) -> str:
    """`1 delivery`, `2 deliveries`."""
    return f"{count} delivery" if count == 1 else f"{count} deliveries"


def table(rows: Iterable[Sequence[str]]) -> None:
    """Rows of cells in aligned columns, the last one as long as it is."""
    rows = [[_safe(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        say("  ".join([*cells, row[-1]]).rstrip())
