"""A checkpoint: the fold over all records before a position, as records of the journal itself.

It comes in parts so that no line is long; it counts only when every part is sound. What it leaves out
(recently ended deliveries) only matters for a short while. Losing one costs time, never truth.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from sys import intern
from typing import TypeVar

from hookconsole.ids import ulid
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold, Untaken
from hookconsole.journal.replays import ReplayProgress
from hookconsole.journal.segments import Position

_T = TypeVar("_T")

_PER_PART = 1000
_HOURS_PER_PART = 50


def dump(fold: Fold, at: str) -> list[bytes]:
    """The lines of a checkpoint of `fold` at its position."""
    deliveries = (
        r.Standby(
            d.event,
            d.endpoint,
            d.segment,
            d.offset,
            d.state,  # type: ignore[arg-type]  # one of the unfinished
            d.attempts,
            d.slot,
            d.trigger,
            d.due,
            d.wait,
            d.replay,
            d.canceling,
        )
        for d in fold.unfinished()
        if not fold.is_fed(d)
    )
    waiting = (
        r.Waiting(event, u.type, u.segment, u.offset, list(u.seen)) for event, u in fold.untaken.items()
    )
    parts: list[dict[str, object]] = [
        {
            "sender_ran": fold.sender_ran,
            "event_types": fold.event_types,
            "consented": sorted(fold.consented),
            "replays": {name: replay.record for name, replay in fold.replays.items()},
        }
    ]
    parts += [{"deliveries": some} for some in _some(deliveries, _PER_PART)]
    parts += [{"waiting": some} for some in _some(waiting, _PER_PART)]
    parts += [{"endpoints": dict(some)} for some in _some(iter(fold.known.items()), _PER_PART)]
    parts += [{"last": dict(some)} for some in _some(iter(fold.last.items()), _PER_PART // 4)]
    parts += [{"hours": dict(some)} for some in _some(iter(fold.totals.dump().items()), _HOURS_PER_PART)]
    for name, replay in fold.replays.items():
        parts += [{"items": {name: some}} for some in _some(iter(replay.remaining.values()), _PER_PART)]
    name = ulid()
    return [
        r.to_line(
            r.Checkpoint(
                at,
                checkpoint=name,
                part=number,
                parts=len(parts),
                segment=fold.position.segment,
                offset=fold.position.offset,
                **part,  # type: ignore[arg-type]  # each part is one of the record's optional fields
            )
        )
        for number, part in enumerate(parts)
    ]


def load(fold: Fold, parts: Iterable[r.Checkpoint]) -> None:
    """Bring a new fold to where a whole checkpoint left off."""
    for part in parts:
        fold.position = Position(part.segment, part.offset)
        for s in part.deliveries:
            delivery = fold.add(Delivery(s.event, intern(s.endpoint), s.segment, s.offset, s.trigger))
            delivery.state = s.state
            delivery.attempts, delivery.slot = s.attempts, s.slot
            delivery.due, delivery.wait = s.due, s.wait or 0.0  # one zero for all
            delivery.replay, delivery.canceling = s.replay, s.canceling
        for w in part.waiting:
            fold.untaken[w.event] = Untaken(w.type, w.segment, w.offset, tuple(w.seen))
        fold.known.update(part.endpoints)
        fold.last.update(part.last)
        fold.totals.load(part.hours)
        fold.event_types += part.event_types
        fold.consented.update(part.consented)
        fold.sender_ran = fold.sender_ran or part.sender_ran
        for name, state in part.replays.items():
            fold.replays[name] = ReplayProgress(state.at)
            fold.replays[name].record = state
        for name, items in part.items.items():
            fold.replays.setdefault(name, ReplayProgress(part.at)).incoming(items)
    for delivery in fold.unfinished():
        if delivery.replay in fold.replays:
            fold.replays[delivery.replay].running.add((delivery.event, delivery.endpoint))


def _some(items: Iterator[_T], size: int) -> Iterator[list[_T]]:
    while some := list(islice(items, size)):
        yield some
