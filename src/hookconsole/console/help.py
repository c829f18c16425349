"""The help's lines, from the table of commands and the keys that are in force. Pure."""

import textwrap
from collections.abc import Collection, Iterator, Mapping

from hookconsole.console.cells import Cell, Line
from hookconsole.console.commands import COMMANDS
from hookconsole.console.keymap import shown

SCOPES = {
    "endpoint": "On an endpoint",
    "delivery": "On a delivery",
    "replay": "On a bulk retry",
    "list": "In a list",
    "app": "Everywhere",
}
"""What each scope is called, in the order of the help."""

_KEYS_WIDTH = 16
_ID_WIDTH = 20


def help_lines(here: Collection[str], keys: Mapping[str, str], width: int, *, writes: bool) -> list[Line]:
    """All commands, those of the view in front first; `here` are the ids that it offers.

    `writes` is false with --read-only. A line begins with the keys, then the id that `[console.keys]` takes.
    """
    first = [scope for scope in SCOPES if any(id_.split(".")[0] == scope for id_ in here)]
    found: list[Line] = []
    for scope in [*first, *(scope for scope in SCOPES if scope not in first)]:
        offered = [one for one in COMMANDS if one.scope == scope and (writes or not one.writes)]
        if not offered:
            continue
        if found:
            found.append([])
        away = "" if scope in first else ", in other views"
        found.append([Cell(f"{SCOPES[scope]}{away}", "title")])
        for one in offered:
            found += _command(shown(keys[one.id]), one.id, one.help, width)
    return found


def _command(keys: str, id_: str, text: str, width: int) -> Iterator[Line]:
    indent = _KEYS_WIDTH + _ID_WIDTH
    if width < indent + 24:
        yield [Cell(f"{keys:<{_KEYS_WIDTH}}", "accent"), Cell(id_)]
        yield from ([Cell("  " + part, "dim")] for part in textwrap.wrap(text, max(width - 2, 10)))
        return
    parts = textwrap.wrap(text, width - indent)
    yield [Cell(f"{keys:<{_KEYS_WIDTH}}", "accent"), Cell(f"{id_:<{_ID_WIDTH}}"), Cell(parts[0], "dim")]
    for part in parts[1:]:
        yield [Cell(" " * indent + part, "dim")]
