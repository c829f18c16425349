"""The application: which view is in front, what is allowed, and the tick that shows the hub's snapshot.

Nothing here delivers, and nothing waits on it: what takes time runs in a thread of Textual's workers.
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from msgspec.structs import replace
from textual import events, work
from textual.notifications import SeverityLevel
from textual.screen import Screen

from hookconsole.config.model import Console
from hookconsole.console import commands, keymap, themes
from hookconsole.console.acting import at_desk
from hookconsole.console.dialogs.takeover import TakeOver, told
from hookconsole.console.discreet import DiscreetApp
from hookconsole.console.driver import ConsoleDriver
from hookconsole.console.editor import accept_removals, edit_config
from hookconsole.console.host import Host, Onlooker
from hookconsole.console.keyboard import ACTS, Keyboard
from hookconsole.console.loglines import LogLines
from hookconsole.console.palette import Commands, Palette
from hookconsole.console.screens.base import View
from hookconsole.console.screens.deliveries import DeliveriesView
from hookconsole.console.screens.endpoints import EndpointsView
from hookconsole.console.screens.help import help_screen, log_screen
from hookconsole.console.screens.overview import OverviewView
from hookconsole.console.screens.replays import ReplaysView
from hookconsole.console.timers import SureTimers
from hookconsole.delivery.lock import last_note
from hookconsole.errors import HookconsoleError
from hookconsole.observing.hub import Hub
from hookconsole.observing.values import SenderView, Snapshot
from hookconsole.operating.desk import Desk
from hookconsole.text import safe

TICK_SECONDS = 0.2

Result = TypeVar("Result")


class ConsoleApp(SureTimers, DiscreetApp):
    """The console over one hub. `hints` are lines that explain what is to be seen, one after the other."""

    TITLE = "hookconsole"
    COMMANDS = {Commands}  # noqa: RUF012  Textual's
    ENABLE_COMMAND_PALETTE = False  # Textual's own, on a key of its own
    BINDINGS: ClassVar[list[Any]] = commands.bindings("app")
    ALLOW_IN_MAXIMIZED_VIEW = "KeyBar, StatusBar, Banner"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (130, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-medium"), (36, "-tall")]  # noqa: RUF012
    CSS = """
    SearchIcon { display: none; }
    Toast { width: auto; max-width: 80%; padding: 0 1; }
    CommandPalette > Vertical { margin-top: 1; }
    CommandPalette #--input, CommandPalette #--input CommandInput { border: none; height: 1; }
    CommandPalette #--input { padding: 0 1; background: $surface; }
    CommandPalette CommandInput { padding: 0; }
    CommandPalette CommandList { max-height: 70vh; }
    """
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "overview": OverviewView,
        "endpoints": EndpointsView,
        "deliveries": DeliveriesView,
        "replays": ReplaysView,
    }
    DEFAULT_MODE = "overview"

    def __init__(
        self,
        hub: Hub,
        settings: Console,
        *,
        read_only: bool = False,
        host: Host | None = None,
        log: LogLines | None = None,
        hints: Sequence[str] = (),
    ) -> None:
        # Without colour Textual would paint in shades of grey, which are colours to a terminal.
        super().__init__(driver_class=ConsoleDriver, ansi_color=True if "NO_COLOR" in os.environ else None)
        self.keyboard = Keyboard(self)
        self.hub = hub
        self.read_only = read_only
        self.frozen = False
        self.hints = hints
        self.began = time.monotonic()
        self.keys = keymap.in_force({})
        """Every command's keys, by its id."""
        self._host = host or Onlooker()
        self._lines = log or LogLines()
        self._settings = settings
        self._last_sender: SenderView | None = None

    def on_mount(self) -> None:
        """Dress, and begin to tick."""
        self.dress(self._settings)
        self.set_interval(TICK_SECONDS, self.look)

    def dress(self, settings: Console) -> None:
        """Wear the theme and the keys of `[console]`; what can't be used is said."""
        self.wear(settings.theme)
        remapped, problems = keymap.usable(settings.keys)
        self.keys = keymap.in_force(remapped)
        self.set_keymap(remapped)
        self.screen.refresh_bindings()  # Textual leaves it out at the start
        for problem in problems:
            self.say(f"[console.keys] {problem}", "warning")

    def wear(self, theme: str) -> None:
        """Change the theme."""
        self.theme, problem = themes.choose(theme, self.available_themes, os.environ)
        if problem:
            self.say(f"[console] theme: {problem}", "warning")

    def clear_selection(self) -> None:
        """As Textual's; from Python 3.12 on it comes from fields that are made before there is a screen."""
        if self._screen_stack:
            super().clear_selection()

    async def on_event(self, event: events.Event) -> None:
        """Keys in turn, all else as it comes."""
        if self.keyboard.admits(event):
            await super().on_event(event)

    def look(self) -> None:
        """Show how things stand on the view in front."""
        self.keyboard.look()
        for error in self._lines.new_errors():
            self.say(error, "error")
        # While the console ends its screens come apart, and the timer still ticks.
        for screen in reversed(self.screen_stack) if self.is_running else ():
            if isinstance(screen, View) and screen.is_mounted:
                screen.look(self._told(self.hub.snapshot()))
                return

    def _told(self, snapshot: Snapshot) -> Snapshot:
        """A snapshot as this console tells it: its alarms say who sent last, and which keys mend them."""
        if snapshot.sender.running:
            self._last_sender = snapshot.sender
        if self.read_only or not snapshot.alarms:
            return snapshot
        keys = (self.keys["app.take-over"], self.keys["app.accept-removals"])
        alarms = told(snapshot.alarms, self._last_sender, *keys)
        return replace(snapshot, alarms=alarms)

    async def act(self, what: Callable[[Desk], Result]) -> Result | None:
        """Do something at an operator's desk, in a thread; None when it is refused, which is said."""
        try:
            return await at_desk(self.hub.home, what)
        except HookconsoleError as error:
            self.say(str(error), "error")
        return None

    def say(self, text: str, severity: SeverityLevel = "information") -> None:
        """One line for the operator; text from outside is made safe here."""
        self.notify(safe(text, 300), severity=severity, markup=False)

    # What is allowed

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """With --read-only nothing that writes is offered, nor obeyed."""
        return self.allows(action)

    def allows(self, action: str) -> bool:
        """Whether a command is offered now."""
        if action == "take_over":
            return not self.read_only and not self.hub.snapshot().sender.running
        if action == "accept_removals" and "loses" not in self.hub.snapshot().refusal:
            return False
        if not self.read_only:
            return True
        return not any(found.writes and found.action == action for found in commands.COMMANDS)

    def may_suspend(self) -> bool:
        """Whether the process may be stopped; says why not: deliveries must not stop by accident."""
        if self._host.delivers:
            self.say("this console delivers and isn't put aside; q ends it, attempts in flight finish first")
        return not self._host.delivers

    # Where to go

    def action_overview(self) -> None:
        """View 1."""
        self.switch_mode("overview")

    def action_endpoints(self) -> None:
        """View 2."""
        self.switch_mode("endpoints")

    def action_deliveries(self) -> None:
        """View 3."""
        self.switch_mode("deliveries")

    def action_replays(self) -> None:
        """View 4."""
        self.switch_mode("replays")

    def open_deliveries(self, query: str) -> None:
        """The deliveries that a filter leaves."""
        self.run_worker(self._open_deliveries(query), exclusive=True, group="going")

    async def _open_deliveries(self, query: str) -> None:
        await self.switch_mode("deliveries")
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        view = self.screen
        if isinstance(view, DeliveriesView):
            view.call_after_refresh(view.filter_by, query)

    def open_endpoint(self, name: str) -> None:
        """The page of one endpoint."""
        from hookconsole.console.screens.endpoint import EndpointView

        self.push_screen(EndpointView(name))

    async def action_back(self) -> None:
        """Close what is open, the innermost first."""
        if isinstance(self.screen, View):
            self.screen.back()

    def action_palette(self) -> None:
        """Any command by its name."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_help(self) -> None:
        """The keys."""
        here = {found.binding.id or "" for found in self.screen.active_bindings.values()}
        self.push_screen(help_screen(here, self.keys, writes=not self.read_only))

    def action_log_lines(self) -> None:
        """What was logged."""
        self.push_screen(log_screen(self._lines.newest_first()))

    def action_zoom(self) -> None:
        """The focused pane alone, and back."""
        screen = self.screen
        if screen.maximized is not None:
            screen.minimize()
        elif screen.focused is not None:
            screen.maximize(screen.focused, container=False)

    @work(group=ACTS)
    async def action_edit_config(self) -> None:
        """The config file in the operator's editor."""
        await edit_config(self)

    @work(group=ACTS)
    async def action_accept_removals(self) -> None:
        """Let in a config that loses endpoints."""
        await accept_removals(self)

    def action_freeze(self) -> None:
        """Hold the view still, and go on."""
        self.frozen = not self.frozen
        self.look()

    # The process

    @work(group=ACTS)
    async def action_take_over(self) -> None:
        """Deliver from here, if nobody does."""
        snapshot = self.hub.snapshot()
        last, silent = await asyncio.to_thread(last_note, self.hub.home.state)
        if not await self.push_screen_wait(TakeOver(last, silent, snapshot.backlog)):
            return
        try:
            await asyncio.to_thread(self._host.take_over)
        except HookconsoleError as error:
            self.say(str(error), "error")
        else:
            self.say("this console delivers now")

    def action_suspend(self) -> None:
        """As Ctrl-Z does elsewhere, unless deliveries would stop with it."""
        if self.may_suspend():
            self.action_suspend_process()

    async def action_quit(self) -> None:
        """End; whoever runs the console waits for attempts in flight."""
        self.exit(0)

    def action_help_quit(self) -> None:
        """Ctrl-C, by habit."""
        self.say(f"{keymap.shown(self.keys['app.quit'])} ends the console")
