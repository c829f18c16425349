"""Edits of one endpoint's table in tomlkit's terms, each touching as few lines as it can.

A value that stays isn't written again; an array keeps the entries that stay, with their comments; a
new key comes after the last one.
"""

import re
import tomllib
from collections.abc import Mapping, MutableMapping
from difflib import SequenceMatcher
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable, Item

_ARRAY_TOKEN = re.compile(r"""#[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,#"'\[\]]+|,""")


def endpoint_text(name: str, values: Mapping[str, Any]) -> str:
    """The lines of a new endpoint, header first."""
    table = tomlkit.table()
    for key, value in values.items():
        table.append(key, _item(value))
    endpoints = tomlkit.table(is_super_table=True)
    endpoints.append(name, table)
    document = tomlkit.document()
    document.append("endpoints", endpoints)
    return document.as_string()


def add_endpoint_to(document: tomlkit.TOMLDocument, name: str, values: Mapping[str, Any]) -> None:
    """Add an endpoint to a whole document, inside an inline table if that is where endpoints are."""
    if "endpoints" not in document:
        document.append("endpoints", tomlkit.table(is_super_table=True))
    endpoints: Any = document["endpoints"]
    table: Any = tomlkit.inline_table() if isinstance(endpoints, InlineTable) else tomlkit.table()
    for key, value in values.items():
        table.append(key, _item(value))
    endpoints[name] = table


def set_values(table: MutableMapping[str, Any], values: Mapping[str, Any]) -> None:
    """Give keys their new values, in place; None takes a key out."""
    for key, value in values.items():
        old = table.get(key)
        if value is None:
            table.pop(key, None)
        elif old is None:
            table[key] = _item(value)
        elif _same(old, value):
            continue
        elif isinstance(old, MutableMapping) and isinstance(value, Mapping):
            set_values(old, {**{name: None for name in old if name not in value}, **value})
        else:
            array = _array(old, value)
            table[key] = _item(value) if array is None else array


def _same(old: Any, value: Any) -> bool:
    plain = old.unwrap() if isinstance(old, Item) else old
    return type(plain) is type(value) and plain == value


def _array(old: Any, wanted: Any) -> Array | None:
    """The old array with the wanted values, comments kept; None if that can't be done."""
    if not isinstance(old, Array) or not isinstance(wanted, list):
        return None
    array: Any = tomlkit.parse(f"array = {_comma_before_comment(old.as_string())}")["array"]
    steps = SequenceMatcher(None, array.unwrap(), wanted, autojunk=False).get_opcodes()
    for _, start, end, first, last in reversed(steps):
        kept = min(end - start, last - first)
        for offset in range(kept):
            if array[start + offset] != wanted[first + offset]:
                array[start + offset] = wanted[first + offset]
        for _ in range(start + kept, end):
            del array[start + kept]
        for offset in range(kept, last - first):
            array.insert(start + offset, wanted[first + offset])
    try:
        says = tomllib.loads(f"array = {array.as_string()}")["array"]
    except tomllib.TOMLDecodeError:
        return None
    return array if says == wanted else None


def _comma_before_comment(array: str) -> str:
    # tomlkit would put the comma for a new value behind the comment, that is, into it.
    last = None
    for token in _ARRAY_TOKEN.finditer(array):
        if token[0][0] == "#":
            continue
        last = token
    if last is None or last[0] == "," or "#" not in array[last.end() :]:
        return array
    return f"{array[: last.end()]},{array[last.end() :]}"


def _item(value: Any) -> Item:
    if not isinstance(value, Mapping):
        item: Item = tomlkit.item(value)
        return item
    table = tomlkit.inline_table()
    for key, inner in value.items():
        table.append(key, _item(inner))
    return table
