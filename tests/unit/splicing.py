"""One change to a text, with or without the way over the whole file."""

import tomllib
from typing import Any

import pytest

from hookconsole.config import splice
from hookconsole.config.splice import Change, changed_text


def changed(text: str, name: str, values: dict[str, Any] | None) -> str:
    return changed_text(text, tomllib.loads(text), Change(name, values))


def only_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the way over the whole file: the narrow one has to do it."""
    for name in ("_whole_with_values", "_whole_with_table", "_whole_without"):
        monkeypatch.setattr(splice, name, lambda *_: None)
