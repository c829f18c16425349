"""The sender's pen: all that it records goes to the journal through here, in order, in groups.

A group is written before anything that depends on it happens; durability follows within a few
milliseconds, on a thread of its own. When the disk refuses, nothing is lost and nothing is sent: lines are
kept, `halted` says why, and `flush` tries again until it succeeds.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hookconsole.errors import BusyError, RefusedError
from hookconsole.journal.segments import Appender, AppendError, Position, SyncError

SYNC_SECONDS = 0.004
"""What is written within this time becomes durable with one sync."""

BUSY_SECONDS = 5.0
"""How long another process may hold the journal's lock before that counts as a halt."""


class Outbox:
    """Lines on their way into the journal. Belongs to one event loop."""

    def __init__(self, appender: Appender, on_written: Callable[[Position, int], None]) -> None:
        self.appender = appender
        self.halted = ""
        self._lines: list[bytes] = []
        self._on_written = on_written
        self._busy_since = 0.0
        self._unsynced: list[bytes] = []
        self._sync: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "journal-sync")

    def put(self, line: bytes) -> None:
        """Add a line; `flush` writes it."""
        self._lines.append(line)

    @property
    def empty(self) -> bool:
        """Whether all that was put has been written."""
        return not self._lines

    def flush(self) -> bool:
        """Write what was put. False when that can't be done now: nothing may depend on it yet."""
        if not self._lines:
            return not self.halted
        lines = b"".join(self._lines)
        try:
            position = self.appender.append(lines, wait=False)
        except BusyError as error:
            now = time.monotonic()
            self._busy_since = self._busy_since or now
            if now - self._busy_since > BUSY_SECONDS:
                self.halted = str(error)
            return False
        except SyncError as error:
            self._lines[:0] = self._unsynced
            self._unsynced = []
            self.halted = str(error)
            return False
        except AppendError as error:
            # Whole lines that did get in stand; the torn one is sealed off and written again.
            written = lines[: error.written].rfind(b"\n") + 1
            if written and error.position is not None:
                self._unsynced.append(lines[:written])
                self._on_written(error.position, written)
            self._lines = [lines[written:]]
            self.halted = str(error)
            return False
        self._busy_since = 0.0
        self._lines.clear()
        self._unsynced.append(lines)
        self._on_written(position, len(lines))
        self.halted = ""
        return True

    def sync_soon(self) -> None:
        """Have what was written made durable, off the loop, together with what else comes meanwhile."""
        if self._sync is None and self._unsynced:
            self._sync = asyncio.get_running_loop().create_task(self._sync_all())

    async def settle(self) -> None:
        """Return when all that was put is durable. AppendError or BusyError when it can't be made so."""
        until = time.monotonic() + BUSY_SECONDS * 2
        while not self.flush():
            if time.monotonic() > until:
                raise RefusedError(self.halted or "the journal's lock is held by another process")
            await asyncio.sleep(0.01)
        self.sync_soon()
        if self._sync is not None:
            await self._sync
        if self._lines:
            await self.settle()

    async def _sync_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._unsynced:
                await asyncio.sleep(SYNC_SECONDS)
                covered, self._unsynced = self._unsynced, []
                copy = self.appender.copy()
                try:
                    await loop.run_in_executor(self._thread, self.appender.sync_copy, copy)
                except SyncError as error:
                    # What was written meanwhile stands in the same segment.
                    self.halted = str(error)
                    self._lines[:0] = covered + self._unsynced
                    self._unsynced = []
        finally:
            self._sync = None
