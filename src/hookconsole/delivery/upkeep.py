"""The sender's housekeeping: new segments by age, checkpoints by bytes, trimming by days.

Nothing here changes what the journal says; a failure costs disk or the speed of the next start, never truth.
"""

import logging
import time

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.delivery.inbox import Inbox
from hookconsole.journal import trimming
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Appender
from hookconsole.journal.store import Store
from hookconsole.journal.tail import Tail

CHECKPOINT_AT_END_BYTES = 1 << 20

log = logging.getLogger("hookconsole")


class Upkeep:
    """Looks after one journal for the sender whose fold and tail it is given."""

    interval_seconds = 20.0

    def __init__(self, fold: Fold, store: Store, appender: Appender, tail: Tail, inbox: Inbox) -> None:
        self._fold = fold
        self._store = store
        self._appender = appender
        self._tail = tail
        self._inbox = inbox
        self._checkpoint_at = fold.position
        self._checkpoint_due = trimming.CHECKPOINT_BYTES
        self._newest = trimming.newest_sign(store)
        self._trust: trimming.ClockTrust | None = None
        self._doubting = False

    def run(self, retention: float) -> None:
        """Do what is due; `retention` in seconds. The outbox must have been flushed."""
        wall, monotonic = time.time(), time.monotonic()
        if self._trust is None:
            self._trust = trimming.ClockTrust(wall, monotonic, self._newest, retention)
        if trimming.is_rotation_due(self._store, wall):
            self._appender.rotate()
        trusted = self._trust.trusted(wall, monotonic)
        if trusted:
            self._trim(wall - retention)
        elif not self._doubting:
            log.warning("the clock jumped, or the journal rested for long: nothing is trimmed for an hour")
        self._doubting = not trusted
        since = trimming.distance(self._store, self._checkpoint_at, self._tail.position)
        if since > self._checkpoint_due:
            self._checkpoint()

    def checkpoint_at_end(self) -> None:
        """So that the next start reads little."""
        since = trimming.distance(self._store, self._checkpoint_at, self._tail.position)
        if since > CHECKPOINT_AT_END_BYTES:
            self._checkpoint()

    def _trim(self, horizon: float) -> None:
        going = trimming.expired(self._store, horizon)
        if self._fold.untaken:
            first = min(untaken.segment for untaken in self._fold.untaken.values())
            going = [number for number in going if number < first]
        self._forget(horizon)
        if not going or not self._inbox.drain():
            return
        doubtful = self._appender.doubtful  # what was carried into them, too
        carried = trimming.carry(self._fold, self._store, self._appender, doubtful.union(going))
        for position, length in carried:
            self._tail.own(position, length)
        if len(carried) == trimming.CARRIED_AT_ONCE:
            return  # the rest the next times
        if not self._checkpoint():
            return  # without it what was carried would be all that is known of those deliveries
        self._appender.sync()
        trimming.unlink(self._store, going)
        log.info("trimmed %d segments older than %s", len(going), rfc3339(horizon))

    def _checkpoint(self) -> bool:
        # The fold is that of a position only when all of the sender's own lines lie before it.
        if not self._inbox.drain():
            return False
        position, length = trimming.write_checkpoint(self._fold, self._appender)
        self._tail.own(position, length)
        self._checkpoint_at = position
        self._checkpoint_due = max(trimming.CHECKPOINT_BYTES, 8 * length)
        return True

    def _forget(self, horizon: float) -> None:
        for name, replay in list(self._fold.replays.items()):
            if parse_rfc3339(replay.record.at) < horizon and replay.state not in ("running", "paused"):
                del self._fold.replays[name]
        for name, last in list(self._fold.last.items()):
            if parse_rfc3339(last.at) < horizon:
                del self._fold.last[name]
                self._fold.totals.forget(name)
