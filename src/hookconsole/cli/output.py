"""What the commands print: results on stdout, words about them on stderr, plain text always.

Invariants: whatever a line holds, and wherever it came from, what is printed is safe on any terminal. Words
that nobody can read change no result; a result that can't be printed is an error.
"""

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

import msgspec

from hookconsole.errors import InputError, RefusedError


class UnprintedError(RefusedError):
    """Stdout takes no more of the result."""

    def __init__(self, strerror: str) -> None:
        self.strerror = strerror
        super().__init__(f"the result can't be printed: {strerror}; look at where stdout goes")


def say(line: str) -> None:
    """One line of result."""
    _print(f"{_safe(line)}\n")


def flush() -> None:
    """Have printed what was said; BrokenPipeError if its reader has had enough, else UnprintedError."""
    _print("", now=True)


def _print(text: str, *, now: bool = False) -> None:
    try:
        sys.stdout.write(text)
        if now:
            sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise UnprintedError(error.strerror or type(error).__name__) from None


def _safe(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line  # nearly all are; the rest costs an import
    from hookconsole.text import safe

    return safe(line)


def warn(line: str) -> None:
    """One line for the person, apart from the result."""
    with contextlib.suppress(BrokenPipeError):  # who reads no results may read this
        flush()
    complain(line)


def complain(line: str, who: str = "hookconsole") -> None:
    """One line on stderr, whatever becomes of stdout."""
    _tell(f"{who}: {_safe(line)}\n")


def settle() -> None:
    """Leave no words that Python would try to write, and exit with 120 for, at its very end."""
    _tell("")


def _tell(text: str) -> bool:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        discard(sys.stderr)
        return False
    return True


def discard(stream: TextIO) -> None:
    """Give up an output: what can't be written must not be tried, and complained of, at the end again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def json_line(value: object) -> None:
    """One JSON object a line, what isn't ASCII as escapes: safe on any terminal."""
    text = msgspec.json.encode(value).decode()
    if not (text.isascii() and text.isprintable()):
        import json
        import re

        text = re.sub(r"[^\x20-\x7e]", lambda match: json.dumps(match[0])[1:-1], text).replace(
            "\x7f", "\\u007f"
        )
    _print(text + "\n")


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
    return _tell(_safe(f"{question} {how}")) and sys.stdin.readline().strip().lower() in answers


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
