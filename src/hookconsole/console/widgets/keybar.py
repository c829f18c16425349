"""The line at the bottom: the keys that work now, as many as fit whole; help and quit always do.

Invariant: no key is cut off. Where something is typed only the keys of that field are told.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textual import events
from textual.screen import Screen
from textual.widgets import Input

from hookconsole.console.cells import Cell, width_of
from hookconsole.console.commands import COMMANDS
from hookconsole.console.keymap import shown
from hookconsole.console.status import VIEWS
from hookconsole.console.widgets.panel import Panel

_LAST = ("app.help", "app.quit")
_PLACES = {command.id: place for place, command in enumerate(COMMANDS)}
_GAPS = (2, 1)
"""Spaces between two keys: the wider ones where all fit so."""


class KeyHint(NamedTuple):
    """A key as it is read, what it does, the id of its command, and what a click on it presses."""

    text: str
    title: str
    id: str = ""
    key: str = ""

    @property
    def cells(self) -> list[Cell]:
        """As it is shown."""
        return [Cell(self.text, "title"), Cell(f" {self.title}", "dim")]


def fitting(hints: Sequence[KeyHint], width: int) -> tuple[list[KeyHint], int]:
    """Those of `hints` that `width` columns have room for, help and quit last, and the gap between two."""
    first = [hint for hint in hints if hint.id not in _LAST]
    last = [hint for hint in hints if hint.id in _LAST]
    for count in range(len(first), -1, -1):
        chosen = [*first[:count], *last]
        for gap in _GAPS if count == len(first) else _GAPS[-1:]:
            if sum(width_of(hint.cells) + gap for hint in chosen) - gap <= width:
                return chosen, gap
    return last, _GAPS[-1]


class KeyBar(Panel):
    """One line; a click on a key presses it."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $panel; }
    """

    def on_mount(self) -> None:
        """What has the focus, or keys of one's own, may change them."""
        self.screen.bindings_updated_signal.subscribe(self, self._tell)

    def _tell(self, screen: Screen[object]) -> None:
        hints = hints_of(screen)
        self.draw(lambda width, _height: [_line(hints, width)])

    def on_click(self, event: events.Click) -> None:
        """Press the key that is there."""
        hints, gap = fitting(hints_of(self.screen), self.size.width - 2)
        left = 1
        for hint in hints:
            right = left + width_of(hint.cells)
            if left <= event.x < right and hint.key:
                self.app.simulate_key(hint.key)
            left = right + gap


def hints_of(screen: Screen[object]) -> list[KeyHint]:
    """The keys that work on a screen now, one a command, in the table's order; then those of the views."""
    typing = isinstance(screen.focused, Input)
    found: dict[str, KeyHint] = {}
    views: dict[str, str] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not active.enabled or (typing and active.node is not screen.focused):
            continue
        if binding.action in VIEWS:
            views.setdefault(binding.action, shown(binding.key))
        elif binding.show:
            hint = KeyHint(shown(binding.key), binding.description, binding.id or "", binding.key)
            found.setdefault(binding.action, hint)
    hints = sorted(found.values(), key=lambda hint: _PLACES.get(hint.id, 0))
    if views and not screen.has_class("-wide"):  # there the first line has them
        hints.append(KeyHint(_from_to(views[view] for view in VIEWS if view in views), "Views"))
    return hints


def _from_to(keys: Iterable[str]) -> str:
    text = " ".join(keys)
    return "1-4" if text == "1 2 3 4" else text


def _line(hints: Sequence[KeyHint], width: int) -> list[Cell]:
    chosen, gap = fitting(hints, width - 2)
    line: list[Cell] = []
    for hint in chosen:
        line += [Cell(" " * gap if line else " "), *hint.cells]
    return line
