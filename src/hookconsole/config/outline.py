"""Where the tables and keys of a TOML text stand, which no TOML parser here tells.

For text that `tomllib` has accepted: every header and key is found, whatever is in strings,
comments and arrays over several lines. On other text it finds what it can and never fails.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

from hookconsole.config.rules import KeyPath

_PART = r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
_DOTTED = rf"(?:{_PART})(?:[ \t]*\.[ \t]*(?:{_PART}))*"
_ENTRY = re.compile(
    rf"[ \t]*(?:(?P<header>\[\[?)[ \t]*(?P<table>{_DOTTED})[ \t]*\]|(?P<key>{_DOTTED})[ \t]*=)"
)
_SIMPLE_KEY = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*", re.ASCII)
_PARTS = re.compile(_PART)
# The common value: all on one line, in no brackets.
_LINE = re.compile(r"""[ \t]*(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\[{"'\n#]*)[ \t\r]*(?:#[^\n]*)?(?:\n|\Z)""")
_TOKEN = re.compile(
    r'''(?P<text>"""(?:[^\\]|\\.)*?(?:"{3,5}|\Z)|\'\'\'.*?(?:'{3,5}|\Z)'''
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[^"'\#\[\]{}\n]+|["'])"""
    r"""|(?P<open>[\[{])|(?P<close>[\]}])|\n""",
    re.DOTALL,
)


class Entry(NamedTuple):
    """A header or a key with its value: the offsets of its lines, and the number of the first."""

    is_header: bool
    path: KeyPath
    start: int
    end: int
    line: int


class Block(NamedTuple):
    """A table's header and its keys, from the header's line to the end of the last key's."""

    path: KeyPath
    start: int
    end: int


def entries(text: str) -> Iterator[Entry]:
    """Every header and key, in order; a key's path has its table's before it."""
    table: KeyPath = ()
    position, line, counted = 0, 1, 0
    while position < len(text):
        found = _ENTRY.match(text, position)
        if not found:
            position = _end_of_line(text, position)
            continue
        line += text.count("\n", counted, position)
        counted = position
        if found["header"]:
            table = _split(found["table"])
            end = _end_of_line(text, found.end())
            yield Entry(True, table, position, end, line)
        else:
            end = _end_of_value(text, found.end())
            yield Entry(False, table + _split(found["key"]), position, end, line)
        position = end


def blocks(text: str) -> list[Block]:
    """The tables with headers of their own, in order. What stands above the first header is in none."""
    found: list[Block] = []
    for entry in entries(text):
        if entry.is_header:
            found.append(Block(entry.path, entry.start, entry.end))
        elif found:
            found[-1] = found[-1]._replace(end=entry.end)
    return found


def entry_at(text: str, position: int) -> Entry | None:
    """The key or header in whose lines an offset is. What stands behind it may be no TOML."""
    found: Entry | None = None
    for entry in entries(text):
        if entry.start > position:
            break
        found = entry
    # What is left open goes on to the end of the text, and its error may stand right there.
    return found if found and (position < found.end or found.end == len(text)) else None


def lines_of(text: str) -> dict[KeyPath, int]:
    """The line of every table and key; of one that is only implied, the first line that implies it."""
    lines: dict[KeyPath, int] = {}
    for entry in entries(text):
        for length in range(1, len(entry.path)):
            lines.setdefault(entry.path[:length], entry.line)
        lines[entry.path] = entry.line
    return lines


def _split(dotted: str) -> KeyPath:
    if _SIMPLE_KEY.fullmatch(dotted):
        return tuple(dotted.split("."))
    return tuple(_plain(part) for part in _PARTS.findall(dotted))


def _plain(part: str) -> str:
    if part[0] == "'":
        return part[1:-1]
    if part[0] != '"':
        return part
    try:
        return str(tomllib.loads(f"key = {part}")["key"])
    except tomllib.TOMLDecodeError:
        return part


def _end_of_line(text: str, position: int) -> int:
    return text.find("\n", position) + 1 or len(text)


def _end_of_value(text: str, position: int) -> int:
    simple = _LINE.match(text, position)
    if simple:
        return simple.end()
    depth = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if not token:
            break
        position = token.end()
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif not token["text"] and depth <= 0:
            break
    return position
