"""The sender's pen: all that it records goes to the journal through here, in order, in groups.

A group is written before anything that depends on it happens; durability follows within a few
milliseconds, on a thread of its own. When the disk refuses, nothing is lost and nothing is sent: lines are
kept, `halted` says why, and `flush` tries again until it succeeds. After a failed sync all that was
unconfirmed is written again, to a new segment, and nothing may depend on it before a sync has succeeded.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import inf

from hookconsole.errors import BusyError, RefusedError
from hookconsole.journal.segments import Appender, AppendError, Position, SyncError

SYNC_SECONDS = 0.004
"""What is written within this time becomes durable with one sync."""

BUSY_SECONDS = 5.0
"""How long another process may hold the journal's lock before that counts as a halt."""

PAUSE_SECONDS = 5.0
"""How long after a second failed sync it is tried again: each try begins a segment."""


class Outbox:
    """Lines on their way into the journal. Belongs to one event loop."""

    def __init__(self, appender: Appender, on_written: Callable[[Position, int], None]) -> None:
        self.appender = appender
        self.halted = ""
        self._lines: list[bytes] = []
        self._unsynced: list[bytes] = []
        self._syncing: list[bytes] = []
        self._on_written = on_written
        self._busy_since = 0.0
        self._failed_syncs = appender.failed_syncs
        self._doubtful = False
        self._not_before = 0.0
        self.syncing_since = inf
        """When (monotonic) the sync that runs began; infinity while none does."""
        self._sync: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "journal-sync")

    def put(self, line: bytes) -> None:
        """Add a line; `flush` writes it."""
        self._lines.append(line)

    @property
    def settled(self) -> bool:
        """Whether all that was put is durable."""
        return not (self._lines or self._unsynced or self._syncing)

    def flush(self) -> bool:
        """Write what was put. False when that can't be done now: nothing may depend on it yet."""
        self._take_back_doubtful()
        if not self._lines or time.monotonic() < self._not_before:
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
            self._take_back_doubtful(str(error))
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
        if self._doubtful:
            self.sync_soon()
            return False
        self.halted = ""
        return True

    def sync_soon(self) -> None:
        """Have what was written made durable, off the loop, together with what else comes meanwhile."""
        if self._sync is None and self._unsynced:
            self._sync = asyncio.get_running_loop().create_task(self._sync_all())

    async def settle(self) -> None:
        """Return when all that was put is durable. RefusedError when it can't be made so."""
        until = time.monotonic() + BUSY_SECONDS * 2
        while not self.settled:
            if time.monotonic() > until:
                raise RefusedError(self.halted or "the journal's lock is held by another process")
            if self.flush():
                self.sync_soon()
            if self._sync is not None:
                await self._sync
            else:
                await asyncio.sleep(0.01)

    async def _sync_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._unsynced:
                await asyncio.sleep(SYNC_SECONDS)
                try:
                    copy = self.appender.copy()
                except OSError:  # no descriptor is free: the next round has one
                    continue
                self._syncing, self._unsynced = self._unsynced, []
                self.syncing_since = time.monotonic()
                try:
                    await loop.run_in_executor(self._thread, self.appender.sync_copy, copy)
                except SyncError as error:
                    self._take_back_doubtful(str(error))
                else:
                    self._confirm()
                finally:
                    self.syncing_since = inf
        finally:
            self._sync = None

    def _confirm(self) -> None:
        self._take_back_doubtful()
        if self._syncing:
            self._syncing, self._doubtful = [], False
            if not self._lines:
                self.halted = ""

    def _take_back_doubtful(self, reason: str = "the journal can't be synced") -> None:
        """Write again what stood unconfirmed in a segment of which a sync failed, whoever asked for it."""
        if self.appender.failed_syncs == self._failed_syncs:
            return
        self._failed_syncs = self.appender.failed_syncs
        self._lines[:0] = self._syncing + self._unsynced
        self._syncing, self._unsynced = [], []
        if self._doubtful:
            self._not_before = time.monotonic() + PAUSE_SECONDS
        self._doubtful = bool(self._lines)
        if self._doubtful:
            self.halted = reason
