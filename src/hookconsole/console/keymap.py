"""`[console.keys]`: which of its entries can be used, and what is wrong with the others. Pure.

Invariant: in what is returned no key means two commands that can be offered in one view.
"""

import string
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from hookconsole.console.commands import ALSO_IN, COMMANDS, Command
from hookconsole.text import safe

_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_MODIFIERS = ("alt", "ctrl", "shift")
_BY_ID = {command.id: command for command in COMMANDS}


def _name_of(character: str) -> str:
    """The name that a character's key goes by: itself for letters and digits."""
    if character.isalnum():
        return character
    name = unicodedata.name(character).lower().replace(" ", "_").replace("-", "_")
    return _RENAMED.get(name, name)


_CHARACTERS = {_name_of(character): character for character in string.punctuation}
_NAMES = frozenset(
    [
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"),
        *("backspace", "tab", "enter", "escape", "space"),
        *(f"f{number}" for number in range(1, 25)),
    ]
)


def key_of(text: str) -> str | None:
    """One key by the name that it goes by; None for what is no key. `?` is `question_mark`."""
    *modifiers, base = text.strip().split("+") if text.strip() != "+" else ["+"]
    if len(base) == 1 and base.isascii() and base.isprintable() and base != " ":
        base = _name_of(base)
    elif base not in _NAMES and base not in _CHARACTERS:
        return None
    if len(base) == 1 and "shift" in modifiers:
        return None  # a terminal sends the capital
    if len(set(modifiers)) < len(modifiers) or not set(modifiers) <= set(_MODIFIERS):
        return None
    return "+".join([*sorted(modifiers), base])


def shown(keys: str) -> str:
    """Keys as a person reads them: `? ctrl+p`."""

    def one(key: str) -> str:
        *modifiers, base = key.split("+")
        return "+".join([*modifiers, {"escape": "esc"}.get(base, _CHARACTERS.get(base, base))])

    return " ".join(one(key) for key in keys.split(","))


def together(one: Command, other: Command) -> bool:
    """Whether two commands can be offered in one view."""
    scopes, others = _scopes(one), _scopes(other)
    return bool(scopes & others or {"app", "list"} & (scopes | others))


def _scopes(one: Command) -> set[str]:
    return {one.scope, ALSO_IN.get(one.id, one.scope)}


def usable(remapped: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The entries that can be used, for Textual, and a line for each that can't."""
    problems: list[str] = []
    chosen: dict[str, str] = {}
    for id_, text in remapped.items():
        if id_ not in _BY_ID:
            near = get_close_matches(id_[:100], _BY_ID, 1)
            mend = f"did you mean {near[0]}?" if near else "the console's help (?) has their ids"
            problems.append(f"'{safe(id_, 60)}' is no command; {mend}")
            continue
        keys = [key_of(part) for part in text.split(",")]
        if None in keys:
            mend = "give a character, a name such as f5 or pageup, or ctrl+x"
            problems.append(f"{id_}: '{safe(text, 60)}' is no key; {mend}")
            continue
        chosen[id_] = ",".join(key for key in keys if key)
    while clash := _clash(chosen):
        id_, other, key = clash
        del chosen[id_]
        problems.append(f"{id_}: {shown(key)} is the key of {other}, too; give one of them another key")
    return chosen, problems


def in_force(chosen: Mapping[str, str]) -> dict[str, str]:
    """Every command's keys."""
    return {command.id: chosen.get(command.id, command.keys) for command in COMMANDS}


def _clash(chosen: dict[str, str]) -> tuple[str, str, str] | None:
    """A remapped command, another one, and the key that both would have."""
    keys = {id_: set(text.split(",")) for id_, text in in_force(chosen).items()}
    for id_ in reversed(chosen):
        for other, theirs in keys.items():
            common = keys[id_] & theirs
            if other != id_ and common and together(_BY_ID[id_], _BY_ID[other]):
                return id_, other, min(common)
    return None
