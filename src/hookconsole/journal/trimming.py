"""Keeping the journal within its days: whole segments go, unfinished deliveries are carried forward first.

Order of acts: carry, checkpoint, sync, unlink the oldest first, sync the folder. A crash between any two
leaves a journal that says the same. A clock that jumps trims nothing by itself.
"""

import contextlib
import os
import time
from collections.abc import Collection

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.folders import sync_folder
from hookconsole.journal import checkpoint
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Appender, Position, segment_path
from hookconsole.journal.store import Store

ROTATE_SECONDS = 30 * 60
"""A segment with records in it is followed by a new one after this time: what is old goes within the hour."""

DOUBT_SECONDS = 3600.0
"""How long the clock must have run evenly, after a jump, before it is believed."""

JUMP_SECONDS = 300.0

CHECKPOINT_BYTES = 32 << 20
"""A checkpoint is due after so many bytes, or eight times the last one's size if that is more."""


class ClockTrust:
    """Whether the wall clock may be used to delete: pure, it is told both clocks."""

    def __init__(self, wall: float, monotonic: float, newest: float, retention: float) -> None:
        self._wall, self._monotonic = wall, monotonic
        # Nothing in the journal is from within its days: a long rest, or a clock that is wrong.
        doubtful = newest > 0 and wall - newest > retention
        self._trusted_from = monotonic + DOUBT_SECONDS if doubtful else 0.0

    def trusted(self, wall: float, monotonic: float) -> bool:
        """To be asked every minute or so."""
        if abs((wall - self._wall) - (monotonic - self._monotonic)) > JUMP_SECONDS:
            self._trusted_from = monotonic + DOUBT_SECONDS
        self._wall, self._monotonic = wall, monotonic
        return monotonic >= self._trusted_from


def newest_sign(store: Store) -> float:
    """Unix seconds of the latest sign of life in the journal: a record's time or a file's; 0 for none."""
    newest = 0.0
    for number in store.numbers()[-1:]:
        newest = os.stat(segment_path(store.folder, number)).st_mtime
    for _, record in store.backward():
        return max(newest, parse_rfc3339(record.at))
    return newest


def is_rotation_due(store: Store, now: float) -> bool:
    """Whether the newest segment is old enough, and has anything in it, to be followed by a new one."""
    numbers = store.numbers()
    if not numbers:
        return False
    opened = store.opened_at(numbers[-1])
    if opened is not None and now - parse_rfc3339(opened) < ROTATE_SECONDS:
        return False
    records = (record for _, record in store.backward())
    return not isinstance(next(records, None), r.Segment)


def expired(store: Store, horizon: float) -> list[int]:
    """The segments, oldest first, in which nothing is younger than `horizon` (unix seconds)."""
    numbers = store.numbers()
    found: list[int] = []
    for count, following in enumerate(numbers[1:], 1):
        opened = store.opened_at(following)
        if opened is None:
            continue  # a damaged header: the next one tells
        # The clock may have stood wrong when a segment was opened; what is in the one before tells as well.
        newest = next((record.at for _, record in store.backward(before=Position(following, 0))), opened)
        if max(parse_rfc3339(opened), parse_rfc3339(newest)) > horizon:
            break
        found = numbers[:count]
    return found


def distance(store: Store, since: Position, until: Position) -> int:
    """Bytes of journal between two positions."""
    total = until.offset - since.offset
    for number in range(since.segment, until.segment):
        with contextlib.suppress(OSError):
            total += os.stat(segment_path(store.folder, number)).st_size
    return max(total, 0)


def write_checkpoint(fold: Fold, appender: Appender) -> tuple[Position, int]:
    """Append a checkpoint of the fold, which must be that of its position. Returns where and how long."""
    lines = b"".join(checkpoint.dump(fold, rfc3339(time.time())))
    return appender.append(lines), len(lines)


CARRIED_AT_ONCE = 5000
"""Events carried forward in one go: a tenth of a second, in which nothing else is done."""


def carry(fold: Fold, store: Store, appender: Appender, going: Collection[int]) -> list[tuple[Position, int]]:
    """Copy events of unfinished deliveries out of segments that are going, so many; what was appended."""
    standings: dict[tuple[str, int, int], dict[str, r.Standing]] = {}
    for delivery in fold.unfinished():
        if delivery.segment in going and not fold.is_fed(delivery):
            place = (delivery.event, delivery.segment, delivery.offset)
            standings.setdefault(place, {})[delivery.endpoint] = r.Standing(
                delivery.attempts, delivery.slot, delivery.trigger
            )
    for event, untaken in fold.untaken.items():
        if untaken.segment in going:
            standings.setdefault((event, untaken.segment, untaken.offset), {})
    appended: list[tuple[Position, int]] = []
    for (event, segment, offset), carried in standings.items():
        if len(appended) == CARRIED_AT_ONCE:
            break
        record = store.event_at(event, segment, offset)
        if record is None:
            continue
        record.accepted_at = record.accepted_at or record.at
        record.at = rfc3339(time.time())
        record.carried = carried
        line = r.to_line(record)
        position = appender.append(line)
        fold.apply(record, position.segment, position.offset)
        appended.append((position, len(line)))
    return appended


def unlink(store: Store, going: Collection[int]) -> None:
    """Delete segments, the oldest first."""
    for number in sorted(going):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(segment_path(store.folder, number))
        store.forget(number)
    sync_folder(store.folder)
