"""The console as a process: its sender, its hub and its screen, begun and ended together.

The main thread shows, the sender's thread delivers, and a third one keeps watch: over the config, the sender,
the terminal. Invariant: however the screen ends, attempts in flight finish and the terminal is given back;
a screen that hangs is left behind.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hookconsole.config.file import read
from hookconsole.config.load import ConfigError, parse
from hookconsole.config.model import Console
from hookconsole.config.watch import Watcher
from hookconsole.console import crash
from hookconsole.console.loglines import LogLines
from hookconsole.console.sending import OwnSender, Sending
from hookconsole.console.terminal import Terminal, unfit
from hookconsole.errors import InputError
from hookconsole.mishaps import take_over
from hookconsole.paths import Home
from hookconsole.text import safe

if TYPE_CHECKING:
    from hookconsole.console.app import ConsoleApp
    from hookconsole.observing.watch import JournalHub

LOOK_SECONDS = 0.5
"""How often the config, the sender and the terminal are looked at."""

STUCK_SECONDS = 5.0
"""A screen that hasn't ended for so long hangs on its terminal."""

_FIRST_TRY_SECONDS = 0.5
"""The sender may take so long to begin before the first picture is painted without it."""


def run(home: Home, *, read_only: bool = False, mouse: bool = True) -> int:
    """The console, delivering unless somebody else does; the exit code."""
    check_terminal()
    log = LogLines()
    log.install()
    return Showing(home, OwnSender(home, wanted=not read_only), log, read_only=read_only, mouse=mouse).run()


def check_terminal() -> None:
    """InputError where no console can be shown."""
    reason = unfit(os.environ)
    if reason:
        raise InputError(f"{reason}; deliver with hookconsole --daemon, look with status and logs")


class Showing:
    """One console on this process's terminal. `tick` is called twice a second beside it."""

    def __init__(
        self,
        home: Home,
        sender: Sending,
        log: LogLines,
        *,
        read_only: bool = False,
        mouse: bool = True,
        hints: Sequence[str] = (),
        tick: Callable[[], object] = lambda: None,
    ) -> None:
        self._home = home
        self._sender = sender
        self._log = log
        self._read_only = read_only
        self._mouse = mouse
        self._hints = hints
        self._tick = tick
        self._terminal = Terminal(0)
        self._watcher, self._settings = _settings(home)
        self._app: ConsoleApp | None = None
        self._hub: JournalHub | None = None
        self._tried, self._over = threading.Event(), threading.Event()
        self._ending = 0.0
        self._failed = ""

    def run(self) -> int:
        """Show until it is ended; the exit code."""
        take_over()
        os.environ["TEXTUAL_FPS"] = str(self._settings.frames_per_second)  # read when textual is imported
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup's
                signal.signal(number, self._on_signal)
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        from hookconsole.console.app import ConsoleApp
        from hookconsole.observing.watch import JournalHub

        self._tried.wait(_FIRST_TRY_SECONDS)
        self._hub = JournalHub(self._home, self._sender.shown)
        try:
            self._app = ConsoleApp(
                self._hub,
                self._settings,
                read_only=self._read_only,
                host=self._sender,
                log=self._log,
                hints=self._hints,
            )
            self._show(self._app)
            self._over.set()
            keeper.join()
            self._finish()
        finally:
            self._hub.close()
        return self._code()

    def _show(self, app: "ConsoleApp") -> None:
        try:
            app.run(mouse=self._mouse)
        except Exception as error:
            if not app._exit:  # a screen that was half made keeps Textual from its own end
                app.crash = app.crash or error
            self._terminal.give_back()

    def leave(self) -> None:
        """End the screen, from any thread."""
        app = self._app
        if app is not None and app._loop is not None and not self._over.is_set():
            with contextlib.suppress(RuntimeError):  # it has just ended
                app._loop.call_soon_threadsafe(app.exit, 0)

    def _on_signal(self, number: int, _frame: object) -> None:
        if not self._ending:
            self._end()
        elif number == signal.SIGHUP:
            pass  # a terminal that goes says so more than once, and the keeper may have seen it before
        elif not self._sender.hurry():
            self._terminal.give_back()
            os._exit(1)

    def _end(self) -> None:
        self._ending = time.monotonic()
        self._sender.stop()
        self.leave()

    def _finish(self) -> None:
        self._ending = self._ending or time.monotonic()
        self._sender.stop()
        if not self._sender.join(1.0):
            _say(f"{self._sender.left}; Ctrl-C ends it at once")
            self._sender.join()

    def _code(self) -> int:
        error = self._app.crash if self._app is not None else None
        if error is not None:
            path = crash.record(error, self._home.state)
            where = f"; report it with {path}" if path else ""
            _say(f"the console crashed ({type(error).__name__}){where}")
            return 1
        if self._failed:
            _say(self._failed)
            return 1
        return 0

    # Keeping watch

    def _keep(self) -> None:
        self._sender.look(config_changed=False)
        self._tried.set()
        while not self._over.wait(LOOK_SECONDS):
            self._sender.look(config_changed=self._look_at_config())
            if self._sender.failure and not self._failed and self._hub is not None:
                self._failed = self._sender.failure
                self._hub.fail(self._failed)
            self._tick()
            if self._terminal.hung_up and not self._ending:
                self._end()
            if self._ending:
                self.leave()  # it may not have begun when it was first told
                if time.monotonic() - self._ending > STUCK_SECONDS:
                    self._leave_behind()

    def _look_at_config(self) -> bool:
        """Whether it has changed; what it says of the console is put on."""
        changed = self._watcher.poll(time.monotonic())
        if changed is None:
            return False
        with contextlib.suppress(ConfigError):
            settings = parse(changed.raw, self._home.config).console if changed.raw is not None else Console()
            app = self._app
            if settings != self._settings and app is not None and app._loop is not None:
                self._settings = settings
                app._loop.call_soon_threadsafe(app.call_later, app.dress, settings)
        return True

    def _leave_behind(self) -> None:
        """The screen hangs: its terminal takes nothing. What is in flight finishes all the same."""
        self._sender.join()
        if not self._over.is_set():
            self._terminal.give_back()
            os._exit(1 if self._failed else 0)


def _settings(home: Home) -> tuple[Watcher, Console]:
    """What `[console]` says now, and who tells when the file changes; a refused file says nothing."""
    raw = None
    try:
        found = read(home.config)
        raw = found.raw if found else None
        return Watcher(home.config, raw), parse(raw, home.config).console if raw is not None else Console()
    except InputError:
        return Watcher(home.config, raw), Console()


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        os.write(2, f"hookconsole: {safe(line)}\n".encode(errors="replace"))
