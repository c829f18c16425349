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
_LEAST_WORDS = 24
_WORDS_WIDTH = max(len(command.help) for command in COMMANDS) + 3


def help_lines(here: Collection[str], keys: Mapping[str, str], width: int, *, writes: bool) -> list[Line]:
    """All commands, those of the view in front first; `here` are the ids that it offers.

    `writes` is false with --read-only. A line has the keys, what they do, the id that `[console.keys]` takes.
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
    beside = width >= _KEYS_WIDTH + _LEAST_WORDS + _ID_WIDTH
    room = min(width - _KEYS_WIDTH - (_ID_WIDTH if beside else 0), _WORDS_WIDTH)
    first, *others = textwrap.wrap(text, max(room - 2, 4))
    yield [
        Cell(f"{keys:<{_KEYS_WIDTH}}", "accent"),
        Cell(f"{first:<{room}}" if beside else first),
        Cell(id_ if beside else "", "dim"),
    ]
    yield from ([Cell(" " * _KEYS_WIDTH + other)] for other in others)
    if not beside:
        yield [Cell(" " * _KEYS_WIDTH + id_, "dim")]
