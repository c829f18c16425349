"""From bytes to a valid `Config`, or to errors with the line and the key of each.

Invariants: a file is read with `tomllib` and taken as a whole or not at all. What it says wrong is
said all at once, as `FILE:LINE: key: what; mend`, and no message shows a string's value.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hookconsole.config.file import read, shown
from hookconsole.config.model import Config
from hookconsole.config.outline import entries, entry_at, lines_of
from hookconsole.config.rules import KeyPath, Problem, dotted
from hookconsole.config.schema import InvalidConfigError, validate
from hookconsole.errors import InputError
from hookconsole.text import safe

_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_AT_END = " (at end of document)"
_OTHER_ENCODINGS = (
    (b"\xef\xbb\xbf", "begins with a byte order mark; save it as UTF-8 without one"),
    (b"\xff\xfe", "is UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16; save it as UTF-8"),
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file in its three forms."""

    text: str = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    config: Config


class ConfigError(InputError):
    """The file is refused. `problems` has a line for each thing that is wrong; `str()` is the first."""

    def __init__(self, problems: list[str], before: str = "") -> None:
        self.problems = problems
        more = len(problems) - 1
        rest = f" (and {more} more: hookconsole check)" if more else ""
        super().__init__(before + problems[0] + rest)


def load(path: Path) -> Config:
    """The config of a file, `Config()` if there is none; ConfigError if it is refused."""
    try:
        found = read(path)
    except InputError as error:
        raise ConfigError([str(error)]) from None
    return Config() if found is None else parse(found.raw, path)


def parse(raw: bytes, path: Path) -> Config:
    """The config that a file's bytes say; ConfigError if they are refused."""
    return parse_whole(raw, path).config


def parse_whole(raw: bytes, path: Path) -> Parsed:
    """As `parse`, with the text and the document that the config was made of."""
    text = _decoded(raw, path)
    document = _document(text, path)
    try:
        return Parsed(text, document, validate(document, folder_of(path)))
    except InvalidConfigError as error:
        raise ConfigError(_located(text, error.problems, path)) from None


def folder_of(path: Path) -> str:
    """Where the relative paths in a config file start."""
    return str(path.absolute().parent)


def said(problem: Problem) -> str:
    """A problem as `key: what; mend`."""
    return f"{dotted(problem.path)}: {problem.what}"


def _document(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{shown(path)}:{_toml_error(str(error), text)}"]) from None
    except RecursionError:
        what = "has arrays or tables inside each other too deep; take them apart"
    except ValueError:  # what an integer of over 4,300 digits is to Python
        what = "has an integer of over 4,300 digits; shorten it"
    raise ConfigError([f"{shown(path)}:{_unparsable(text)} {what}"])


def _decoded(raw: bytes, path: Path) -> str:
    for mark, what in _OTHER_ENCODINGS:
        if raw.startswith(mark):
            raise ConfigError([f"{shown(path)}:1: the file {what}"])
    if raw and not raw.strip(b"\0"):
        what = "is nothing but NUL bytes, as a power loss may leave it; restore it from a copy"
        raise ConfigError([f"{shown(path)}:1: the file {what}"])
    if raw[:1] == b"\0" or raw[1:2] == b"\0":
        raise ConfigError([f"{shown(path)}:1: the file is UTF-16; save it as UTF-8"])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            [f"{shown(path)}:{line}: byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"]
        ) from None


def _located(text: str, problems: list[Problem], path: Path) -> list[str]:
    lines = lines_of(text)
    placed = sorted(((_line(lines, problem.path), problem) for problem in problems), key=_first)
    return [f"{shown(path)}:{line}: {said(problem)}" for line, problem in placed]


def _line(lines: dict[KeyPath, int], path: KeyPath) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _first(placed: tuple[int, Problem]) -> int:
    return placed[0]


def _toml_error(message: str, text: str) -> str:
    """`LINE: key: what; mend` of what tomllib says."""
    at = _AT_LINE.search(message)
    if at:
        line, where, what = int(at[1]), f" at column {at[2]}", message[: at.start()]
        position = _start_of_line(text, line) + int(at[2]) - 1
    else:
        line, where = (
            max(text.count("\n") + (not text.endswith("\n")), 1),
            " at the end of the file",
        )
        position, what = len(text), message.removesuffix(_AT_END)
    entry = entry_at(text, position)
    named = f"{dotted(entry.path)}: " if entry else ""
    if "twice" in what or "overwrite" in what or "uplicate" in what:
        mend = "it stands here a second time: remove one of the two"
    elif entry and entry.line < line:
        mend = f"close the quotes or brackets that line {entry.line} opens"
    elif entry and (not at or "nclosed" in what or "'\\n'" in what):
        mend = "close the quotes or brackets"
    else:
        mend = "correct this line"
    return f"{line}: {named}not valid TOML: {safe(what, 200)}{where}; {mend}"


def _start_of_line(text: str, line: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start


def _unparsable(text: str) -> str:
    """`LINE: key:` of the first value that Python can't take, although it may be TOML."""
    for entry in entries(text):
        try:
            if not entry.is_header:
                tomllib.loads(text[entry.start : entry.end])
        except tomllib.TOMLDecodeError:
            continue
        except (RecursionError, ValueError):
            return f"{entry.line}: {dotted(entry.path)}:"
    return "1:"
