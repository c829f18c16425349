"""The sender of this console's process: begun when nobody else sends, or as soon as its obstacle is gone.

Invariant: it never begins by itself after another process was the sender; that is the operator's to decide.
"""

import logging
import threading
import time
from functools import partial
from typing import Protocol

from hookconsole.config.load import ConfigError
from hookconsole.delivery.runtime import Runtime
from hookconsole.errors import BusyError, HookconsoleError
from hookconsole.paths import Home

RETRY_SECONDS = 5.0
"""Between two tries to begin, where neither the config nor another sender is in the way."""

VIEW_SECONDS = 1.0
"""So long at most the first view has the processor to itself before a sender reads the journal, too."""

log = logging.getLogger("hookconsole")


class Sending(Protocol):
    """What delivers beside a console in its process, if anything does."""

    failure: str

    @property
    def delivers(self) -> bool:
        """Whether it delivers now."""

    @property
    def left(self) -> str:
        """What is waited for at the end, as a line."""

    def take_over(self) -> None:
        """Begin, because the operator wants it; a HookconsoleError says why not."""

    def look(self, *, config_changed: bool) -> None:
        """Do what is due; called twice a second in a thread of its own."""

    def shown(self) -> None:
        """The first view has all it shows. Called from any thread, again and again."""

    def stop(self) -> None:
        """Let attempts in flight finish, start nothing new."""

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it has come."""

    def hurry(self) -> bool:
        """Don't wait for anything any more; false where the process may simply be ended."""


class OwnSender:
    """`wanted` is false for a console that only looks on. `failure` says what ended the sender early."""

    def __init__(self, home: Home, *, wanted: bool) -> None:
        self._home = home
        self._runtime: Runtime | None = None
        self._stopping = False
        self._lock = threading.Lock()
        self._next_try = 0.0 if wanted else None
        """When to try to begin, in monotonic seconds; None for not at all."""
        self._waits_for_config = False
        self._said = ""
        self._shown = threading.Event()
        self.failure = ""

    @property
    def delivers(self) -> bool:
        """Whether it delivers now."""
        return self._runtime is not None and not self._runtime.join(0)

    @property
    def left(self) -> str:
        """What is waited for at the end, as a line."""
        count = self._runtime.in_flight if self._runtime is not None else 0
        return f"finishing {'1 attempt' if count == 1 else f'{count} attempts'} in flight"

    def take_over(self) -> None:
        """Become the sender."""
        with self._lock:
            if self.delivers or self._stopping:
                return
            runtime = Runtime(self._home, "console", first=partial(self._shown.wait, VIEW_SECONDS))
            runtime.start()
            self._runtime = runtime
            self._next_try = None

    def look(self, *, config_changed: bool) -> None:
        """Begin, if that is due; see whether the sender has died."""
        due = self._next_try is not None and time.monotonic() >= self._next_try
        if due and (config_changed or not self._waits_for_config):
            self._try()
        runtime = self._runtime
        if runtime is not None and not self._stopping and runtime.join(0) and not self.failure:
            error = runtime.error
            why = str(error) if isinstance(error, HookconsoleError) else type(error).__name__
            self.failure = f"the sender of this console ended: {why}"
            log.error("the sender ended: %s", why)

    def shown(self) -> None:
        """Let the sender read the journal."""
        self._shown.set()

    def stop(self) -> None:
        """Let attempts in flight finish, start nothing new."""
        self._stopping = True
        if self._runtime is not None:
            self._runtime.stop()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it has come."""
        return self._runtime is None or self._runtime.join(timeout)

    def hurry(self) -> bool:
        """The next sender makes what is in flight again."""
        return False

    def _try(self) -> None:
        self._waits_for_config = False
        try:
            self.take_over()
        except BusyError:
            self._next_try = None
        except HookconsoleError as error:
            self._waits_for_config = isinstance(error, ConfigError)
            self._next_try = time.monotonic() + (0 if self._waits_for_config else RETRY_SECONDS)
            if str(error) != self._said:
                self._said = str(error)
                log.error("this console can't deliver yet: %s", error)
