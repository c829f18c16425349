"""A change to one endpoint, made in the text of the file.

Invariant: what comes out parses to exactly the old document with the change made, or nothing comes
out. Only the lines of that endpoint's tables pass through tomlkit; where they don't stand alone
(inline tables, dotted keys), the whole file does.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import tomlkit

from hookconsole.config.layout import ends_in_blank_line, newline_of, newlines_like, without
from hookconsole.config.outline import Block, blocks
from hookconsole.config.tables import add_endpoint_to, endpoint_text, set_values
from hookconsole.errors import RefusedError

Values = Mapping[str, Any]
"""New values by key; None takes the key out."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an endpoint; no values: it is removed."""

    name: str
    values: Values | None = field(repr=False)


def changed_document(document: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """The document as it should be after the change; the given one is left alone."""
    endpoints = dict(document.get("endpoints", {}))
    if change.values is None:
        del endpoints[change.name]
    else:
        table = {**endpoints.get(change.name, {}), **change.values}
        endpoints[change.name] = {key: value for key, value in table.items() if value is not None}
    return {**document, "endpoints": endpoints}


def changed_text(text: str, document: Mapping[str, Any], change: Change) -> str:
    """The text with the change made; RefusedError if no way of editing gives what it should."""
    wanted = _without_empty(changed_document(document, change))
    for way in _ways(document, change):
        try:
            edited = way(text)
            if edited is not None and _without_empty(tomllib.loads(edited)) == wanted:
                return edited
        except Exception:  # noqa: S112 - a way that fails, for whatever reason, is not the way
            continue
    raise RefusedError(
        f"endpoints.{change.name} is written in a way that can't be edited safely; edit the file by hand"
    )


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    # With its last endpoint the table of endpoints goes, too, unless it has a header.
    return {key: value for key, value in document.items() if key != "endpoints" or value}


def _ways(document: Mapping[str, Any], change: Change) -> list[Callable[[str], str | None]]:
    name, values = change.name, change.values
    if values is None:
        return [partial(_without_tables, name), partial(_whole_without, name)]
    if name in document.get("endpoints", {}):
        return [partial(_with_values, name, values), partial(_whole_with_values, name, values)]
    given = {key: value for key, value in values.items() if value is not None}
    return [partial(_with_table, name, given), partial(_whole_with_table, name, given)]


def _with_table(name: str, values: Values, text: str) -> str:
    """The text with a new table at its end."""
    newline = newline_of(text)
    gap = "" if not text or text.endswith("\n") else newline
    if not ends_in_blank_line(text + gap):
        gap += newline
    return text + gap + endpoint_text(name, values).replace("\n", newline)


def _with_values(name: str, values: Values, text: str) -> str | None:
    """The text with values set in the endpoint's own table, or in the sub-table that a key has."""
    tables = {block.path[2:]: block for block in blocks(text) if block.path[:2] == _path(name)}
    if () not in tables:
        return None
    own: dict[str, Any] = {}
    edits: dict[Block, Values | None] = {tables[()]: own}
    for key, value in values.items():
        if (key,) not in tables:
            own[key] = value
        else:
            edits[tables[(key,)]] = None if value is None else {key: value}
    for block, changes in sorted(edits.items(), key=_start, reverse=True):
        if changes is None:
            text = without(text, block.start, block.end)
        else:
            part = text[block.start : block.end]
            text = text[: block.start] + _edited(part, name, changes) + text[block.end :]
    return text


def _without_tables(name: str, text: str) -> str | None:
    """The text without the endpoint's table and its sub-tables, wherever they stand."""
    runs: list[tuple[int, int]] = []
    joined = False
    for block in blocks(text):
        ours = block.path[:2] == _path(name)
        if ours and joined:
            runs[-1] = (runs[-1][0], block.end)
        elif ours:
            runs.append((block.start, block.end))
        joined = ours
    for start, end in reversed(runs):
        text = without(text, start, end)
    return text if runs else None


def _whole_with_table(name: str, values: Values, text: str) -> str | None:
    document = _parsed(text)
    if document is None:
        return None
    add_endpoint_to(document, name, values)
    return newlines_like(text, document.as_string())


def _whole_with_values(name: str, values: Values, text: str) -> str | None:
    return None if _parsed(text) is None else _edited(text, name, values)


def _whole_without(name: str, text: str) -> str | None:
    document = _parsed(text)
    if document is None:
        return None
    endpoints: Any = document["endpoints"]
    del endpoints[name]
    return newlines_like(text, document.as_string())


def _parsed(text: str) -> tomlkit.TOMLDocument | None:
    """The document, if tomlkit would give back every character of it."""
    document = tomlkit.parse(text)
    return document if document.as_string() == text else None


def _edited(text: str, name: str, values: Values) -> str:
    document = tomlkit.parse(text)
    endpoints: Any = document["endpoints"]
    set_values(endpoints[name], values)
    return newlines_like(text, document.as_string())


def _path(name: str) -> tuple[str, str]:
    return ("endpoints", name)


def _start(edit: tuple[Block, Values | None]) -> int:
    return edit[0].start
