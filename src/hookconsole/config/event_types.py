"""Event types as a config names them: a company's own, and the patterns of a subscription.

Invariant: every pattern that passes matches at least one known type, so a misspelled one can't lose
events.
"""

import re
from collections.abc import Iterable

from hookconsole.config.rules import KeyPath, Problem, Rule, type_name
from hookconsole.events.catalogue import BUILT_IN, TEST_TYPE, nearest
from hookconsole.text import safe

TYPES_AT_MOST = 10_000
NAME_CHARACTERS_AT_MOST = 128
DESCRIPTION_CHARACTERS_AT_MOST = 1000
"""Of a type's description, and of an endpoint's."""

_COMPARED_AT_MOST = 20_000
"""Names looked at for the nearest ones to wrong patterns: a second's work."""

_NAME = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+", re.ASCII)


def check_event_types(table: object, problems: list[Problem]) -> dict[str, str]:
    """The types that `[event_types]` adds, with their descriptions."""
    path: KeyPath = ("event_types",)
    if not isinstance(table, dict):
        problems.append(Problem(path, f"must be a table, is {type_name(table)}; write it as [event_types]"))
        return {}
    if len(table) > TYPES_AT_MOST:
        problems.append(Problem(path, f"holds over {TYPES_AT_MOST} types; remove some"))
        return {}
    types: dict[str, str] = {}
    for name, description in table.items():
        reason = _why_no_type(name, description)
        if reason:
            problems.append(Problem((*path, name), reason))
        else:
            types[name] = description
    return types


def pattern(known: Iterable[str]) -> Rule:
    """A rule for one entry of `events`: a known type, a family `x.*` of known ones, or `*`."""
    types = set(known)
    families = {f"{name[:dot]}.*" for name in types for dot in _dots(name)}
    accepted = types | families | {"*"}
    nearests: dict[str, str | None] = {}

    def near(name: str, among: set[str]) -> str | None:
        # A type that is taken out of [event_types] may be wrong in 50,000 endpoints.
        if name not in nearests and len(nearests) * len(among) < _COMPARED_AT_MOST:
            nearests[name] = nearest(name, sorted(among))
        return nearests.get(name)

    def rule(value: object) -> str:
        if isinstance(value, str) and value in accepted:
            return value
        if not isinstance(value, str):
            raise ValueError(f"must be a string, is {type_name(value)}; put it in quotes")
        if value == TEST_TYPE:
            raise ValueError(f"{TEST_TYPE} needs no subscription; take it out")
        kind, among = ("family", families) if value.endswith(".*") else ("event type", types)
        meant = near(value, among)
        hint = f"; did you mean {meant}?" if meant else ""
        raise ValueError(f"{safe(value, 80)!r} is no known {kind}{hint}")

    return rule


def _why_no_type(name: str, description: object) -> str | None:
    if isinstance(description, dict):
        inner = next(iter(description), "…")
        return f'is a table; a name with a dot needs quotes: "{safe(f"{name}.{inner}", 80)}" = "…"'
    if not _NAME.fullmatch(name):
        return 'is no type name; use lower-case words with dots between, such as "stock.low"'
    if len(name) > NAME_CHARACTERS_AT_MOST:
        return f"is longer than {NAME_CHARACTERS_AT_MOST} characters; shorten it"
    if name in BUILT_IN:
        return "is built in; take it out"
    if name.startswith("webhook."):
        return "is under webhook., which is reserved; choose another first word"
    if not isinstance(description, str):
        return f"must be a description as a string, is {type_name(description)}"
    if len(description) > DESCRIPTION_CHARACTERS_AT_MOST:
        return f"has a description of over {DESCRIPTION_CHARACTERS_AT_MOST} characters; shorten it"
    return None


def _dots(name: str) -> Iterable[int]:
    return (at for at, character in enumerate(name) if character == ".")
