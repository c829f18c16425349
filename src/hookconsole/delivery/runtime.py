"""The sender in a thread of its own, with its own event loop; who owns the main thread starts and joins it.

Nothing that the main thread does, or fails to do, holds a delivery up.
"""

import asyncio
import contextlib
import gc
import signal
import threading
import time
from collections.abc import Callable

from hookconsole.config.file import read
from hookconsole.config.load import parse
from hookconsole.config.model import Config
from hookconsole.config.watch import Watcher
from hookconsole.delivery.lock import SenderLock
from hookconsole.delivery.sender import Sender
from hookconsole.journal.records import Attempt
from hookconsole.mishaps import on_loop_error
from hookconsole.network.transport import Transport
from hookconsole.paths import Home

STUCK_SECONDS = 15.0
"""A sender that hasn't looked at the journal, or waits for a sync of it, for so long makes no progress."""


GARBAGE_OBJECTS = 10_000
"""New objects between two searches for cycles. Nearly all are freed without; a search for every 700, as is
the default, costs a tenth of the time of a delivery."""


class Runtime:
    """One sender's thread. `start` raises what keeps it from starting; `error` is what ended it.

    `on_ready` and `on_attempt` are called in that thread and must not wait. `first` may: it is called there
    before the journal is read.
    """

    def __init__(
        self,
        home: Home,
        mode: str,
        on_ready: Callable[[], None] = lambda: None,
        on_attempt: Callable[[Attempt], None] | None = None,
        first: Callable[[], object] = lambda: None,
    ) -> None:
        self._home = home
        self._mode = mode
        self._on_ready = on_ready
        self._on_attempt = on_attempt
        self._first = first
        self._lock = SenderLock(home.state)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._sender: Sender | None = None
        self._thread = threading.Thread(target=self._run, name="sender")
        self.error: BaseException | None = None

    def start(self) -> None:
        """Take the sender's lock, read the config, and begin. ConfigError, BusyError."""
        try:
            found = read(self._home.config)
            self._config = parse(found.raw, self._home.config) if found else Config()
            self._watcher = Watcher(self._home.config, found.raw if found else None)
            self._lock.acquire(self._mode)
        except BaseException:
            self._loop.close()
            raise
        self._thread.start()

    def stop(self) -> None:
        """Let attempts in flight finish, start nothing new."""
        self._call(self._stop.set)

    def reload(self) -> None:
        """Look at the config file now."""
        if self._sender is not None:
            sender = self._sender
            self._call(lambda: self._loop.create_task(sender.reload()))

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread's end; whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def progressing(self) -> bool:
        """Whether the sender's loop goes round and its syncs of the journal end."""
        sender = self._sender
        return sender is None or time.monotonic() - sender.heartbeat < STUCK_SECONDS

    @property
    def in_flight(self) -> int:
        """How many attempts are being made."""
        return self._sender.in_flight if self._sender is not None else 0

    def _call(self, function: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # it has just ended
            self._loop.call_soon_threadsafe(function)

    def _run(self) -> None:
        # The kernel gives a signal to any thread that takes it; but who waits for it is the main thread.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._first()
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main())
        except BaseException as error:
            self.error = error
        finally:
            self._lock.release()

    async def _main(self) -> None:
        gc.set_threshold(GARBAGE_OBJECTS, 20, 20)
        self._loop.set_exception_handler(on_loop_error)
        self._sender = Sender(self._home, self._lock, self._watcher, Transport())
        self._sender.reporter.on_attempt = self._on_attempt
        await self._sender.run(self._config, self._stop, self._on_ready)
