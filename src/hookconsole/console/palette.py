"""The palette, and its entries: the commands of the view in front, endpoints by name, themes."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from hookconsole.console.commands import COMMANDS
from hookconsole.console.keymap import shown
from hookconsole.console.themes import TERMINAL
from hookconsole.text import safe

if TYPE_CHECKING:
    from hookconsole.console.app import ConsoleApp

_MOVING = frozenset(
    command.id
    for command in COMMANDS
    if command.id in ("app.palette", "app.back")
    or (command.scope == "list" and command.action in ("down", "up", "top", "bottom", "page_down", "page_up"))
)
"""What is only ever wanted by its key."""


class Palette(CommandPalette):
    """Textual's. A key for a page that finds the list not laid out yet does nothing, and ends no console."""

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(LookupError):
            super()._action_command_list(action)


class Entry(NamedTuple):
    """What can be chosen, its line of help, and what it does.

    Textual reads markup in the help, and in what it highlights: nothing from outside gets there.
    """

    title: str
    help: str
    act: Callable[[], Awaitable[object] | None]


class Commands(Provider):
    """All that can be chosen in the view that the palette was opened over."""

    @property
    def _console(self) -> "ConsoleApp":
        return cast("ConsoleApp", self.app)

    async def discover(self) -> Hits:
        """What applies here."""
        for entry in self._commands():
            yield DiscoveryHit(Content(entry.title), entry.act, entry.title, entry.help)

    async def search(self, query: str) -> Hits:
        """Whatever fits what was typed, endpoints and themes too."""
        matcher = self.matcher(query)
        for entries in (self._commands(), self._endpoints(), self._themes()):
            for entry in entries:
                score = matcher.match(entry.title)
                if score > 0:
                    yield Hit(score, Content(entry.title), entry.act, entry.title, entry.help)

    def _commands(self) -> Iterator[Entry]:
        keys = self._console.keys
        active = {found.binding.id: found for found in self.screen.active_bindings.values() if found.enabled}
        for command in COMMANDS:
            found = active.get(command.id)
            if found is None or command.id in _MOVING:
                continue
            action, node = found.binding.action, found.node
            yield Entry(
                command.title,
                f"{shown(keys[command.id])}   {command.help}",
                lambda action=action, node=node: self.app.run_action(action, node),  # type: ignore[misc]
            )

    def _endpoints(self) -> Iterator[Entry]:
        for name, row in self._console.hub.snapshot().endpoints.items():
            yield Entry(
                f"Endpoint {safe(name, 64)}",
                row.health,
                lambda name=name: self._console.open_endpoint(name),  # type: ignore[misc]
            )

    def _themes(self) -> Iterator[Entry]:
        for name in sorted([*self._console.available_themes, TERMINAL]):
            yield Entry(
                f"Theme {name}",
                f'for good, in the config file: theme = "{name}"',
                lambda name=name: self._console.wear(name),  # type: ignore[misc]
            )
