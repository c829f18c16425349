"""What a single value of the file may be. A rule gives the value back, or raises ValueError with a line each
(a `Problem`, its path from the value on, for one that stands inside).

Invariants: a boolean is never a number; NaN and the infinities are in no range; a rule never shows
a string, which might be a secret.
"""

import os
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from hookconsole.clock import parse_rfc3339
from hookconsole.text import safe

Rule = Callable[[Any], Any]
KeyPath = tuple[str, ...]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
NEAR_KEYS_AT_MOST = 100
"""Problems until which the near key is looked for: a file of something else altogether has only such."""

_LARGEST_SHOWN = 10**15


class Problem(NamedTuple):
    """What is wrong at a key, as `what; mend`."""

    path: KeyPath
    what: str


def number(low: float, high: float) -> Rule:
    """An integer or a float from `low` to `high`."""

    def rule(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"must be a number, is {type_name(value)}; write it without quotes")
        if not low <= value <= high:
            raise ValueError(f"must be from {low:g} to {high:g}{_shown(value)}")
        return value

    return rule


def integer(low: int, high: int) -> Rule:
    """An integer from `low` to `high`."""
    in_range = number(low, high)

    def rule(value: object) -> int:
        if not isinstance(value, int):
            raise ValueError(
                f"must be a whole number, is {type_name(value)}; write it without quotes and decimal point"
            )
        in_range(value)
        return value

    return rule


def boolean(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, is {type_name(value)}; write true or false")
    return value


def text(at_most: int, *, line: bool = True, empty: bool = False) -> Rule:
    """A string of at most so many characters; a `line` has printable ones only."""

    def rule(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"must be a string, is {type_name(value)}; put it in quotes")
        if not value and not empty:
            raise ValueError("is empty; fill it in or take the key out")
        if len(value) > at_most:
            raise ValueError(f"is longer than {at_most} characters; shorten it")
        if line and not value.isprintable():
            raise ValueError("must be one line of printable characters")
        return value

    return rule


def array(of: Rule, at_most: int, *, empty: bool = True) -> Rule:
    """An array of at most so many values, each after the rule `of`."""

    def rule(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError(f"must be an array, is {type_name(value)}; put it in square brackets")
        if not value and not empty:
            raise ValueError("is empty; name at least one")
        if len(value) > at_most:
            raise ValueError(f"has {len(value)} entries, {at_most} at most; remove some")
        judged, wrong = [], []
        for position, entry in enumerate(value, 1):
            try:
                judged.append(of(entry))
            except ValueError as error:
                wrong.append(f"entry {position}: {error}")
        if wrong:
            raise ValueError(*wrong)
        return tuple(judged)

    return rule


def path_from(folder: str) -> Rule:
    """A path, made absolute from `folder`; `~` is a home folder. Whether it exists is no matter here."""
    is_text = text(4096)

    def rule(value: object) -> str:
        return os.path.normpath(os.path.join(folder, os.path.expanduser(is_text(value))))

    return rule


def variable(value: object) -> str:
    """The name of an environment variable."""
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value) or len(value) > 255:
        raise ValueError("must be the name of an environment variable, such as ACME_SECRET")
    return value


def moment(value: object) -> float:
    """Unix seconds of a date-time with an offset, TOML's own or a string of RFC 3339."""
    try:
        if isinstance(value, str):
            return parse_rfc3339(value)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.timestamp()
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a time with an offset, such as 2026-04-15T14:32:00Z")


def check_table(
    table: object, rules: Mapping[str, Rule], path: KeyPath, problems: list[Problem]
) -> dict[str, Any]:
    """The judged values of a table's keys; what is wrong, an unknown key included, goes to `problems`."""
    if not isinstance(table, dict):
        problems.append(
            Problem(path, f"must be a table, is {type_name(table)}; write it as [{dotted(path)}]")
        )
        return {}
    values: dict[str, Any] = {}
    for key, value in table.items():
        rule = rules.get(key)
        if rule is None:
            near = len(problems) < NEAR_KEYS_AT_MOST
            problems.append(Problem((*path, key), unknown_key(key, rules, near=near)))
            continue
        try:
            values[key] = rule(value)
        except ValueError as error:
            for reason in error.args:
                within, what = reason if isinstance(reason, Problem) else ((), reason)
                problems.append(Problem((*path, key, *within), what))
    return values


def unknown_key(key: str, known: Mapping[str, object], *, near: bool = True) -> str:
    """What to say of a key that isn't among the known ones: the near one, if `near`, or all of them."""
    meant = near_key(key, known) if near else None
    if meant:
        return f"is no key here; did you mean {meant}?"
    return f"is no key here; the keys are {', '.join(known)}"


def near_key(key: str, known: Mapping[str, object]) -> str | None:
    """The known key that an unknown one was probably meant to be."""
    import difflib  # 3 ms that a sound file need not pay

    return next(iter(difflib.get_close_matches(key[:100].lower(), known, n=1)), None)


def dotted(path: KeyPath) -> str:
    """A key path as TOML writes it, made safe for a message."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{safe(part, 80)}"' for part in path)


def type_name(value: object) -> str:
    """What TOML calls a value's type, with its article."""
    if isinstance(value, bool):
        return "a boolean"
    names: dict[type, str] = {
        int: "an integer",
        float: "a float",
        str: "a string",
        list: "an array",
        dict: "a table",
        datetime: "a date-time",
        date: "a date",
        time: "a time",
    }
    return names.get(type(value), "something else")


def _shown(value: int | float) -> str:
    # An integer of thousands of digits can't always be printed, and never should be.
    if isinstance(value, float) or abs(value) < _LARGEST_SHOWN:
        return f", is {value}"
    return ""
