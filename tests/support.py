"""Records made short, and folds made and compared."""

from collections.abc import Iterable
from typing import Any

from msgspec import Raw

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.journal import checkpoint
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Position

T0 = parse_rfc3339("2026-04-15T14:32:00Z")
PLACE = Position(1, 0)

Line = tuple[Position, bytes]

RIGHT_WITHIN_PERCENT = 7
"""How far off a percentile of durations may be, as the documents say."""


def at(seconds: float = 0.0) -> str:
    """The time of a record, `seconds` after T0."""
    return rfc3339(T0 + seconds)


def event(name: str, seconds: float = 0.0, **fields: Any) -> r.Event:
    """An accepted event; `endpoint="acme"` makes it a test."""
    test = "endpoint" in fields and "carried" not in fields
    known = {"type": "webhook.test" if test else "invoice.paid", "source": "test" if test else "cli"}
    return r.Event(
        at(seconds),
        event=name,
        created_at="2026-04-15T14:32:00Z",
        **({"data": Raw(b"{}")} | known | fields),
    )


def intake(name: str, *to: str, place: Position = PLACE, skipped: Iterable[str] = ()) -> r.Intake:
    """One event taken in, of which the record is at `place`."""
    taken = r.Taken(event=name, **place._asdict(), to=list(to), skipped=list(skipped))
    return r.Intake(at(), events=[taken])


def start(name: str, endpoint: str, attempt: int = 1, seconds: float = 0.0, **fields: Any) -> r.Start:
    """One attempt about to be made."""
    started = r.Started(event=name, endpoint=endpoint, attempt=attempt, **fields)
    return r.Start(at(seconds), attempts=[started])


def attempt(
    name: str,
    endpoint: str,
    outcome: r.Outcome = "delivered",
    attempt: int = 1,
    seconds: float = 0.0,
    *,
    wait: float | None = None,
    **fields: Any,
) -> r.Attempt:
    """One attempt that began at `seconds` and took 100 ms; the next comes `wait` seconds after its end."""
    known: dict[str, Any] = {
        "trigger": "event",
        "status": 200 if outcome == "delivered" else 503,
        "error": None,
        "error_detail": None,
        "duration_ms": 100.0,
        "timings_ms": {},
        "remote": None,
        "response": None,
        "next_attempt_at": None if wait is None else at(seconds + 0.1 + wait),
    }
    return r.Attempt(
        at(seconds), event=name, endpoint=endpoint, attempt=attempt, outcome=outcome, **(known | fields)
    )


def retry(name: str, endpoint: str, attempts: int, seconds: float = 0.0, place: Position = PLACE) -> r.Retry:
    """An operator's retry, decided after `attempts`."""
    return r.Retry(
        at(seconds), event=name, endpoint=endpoint, **place._asdict(), attempts=attempts, user="anna"
    )


def cancel(name: str, endpoint: str) -> r.Cancel:
    """An operator's cancel."""
    return r.Cancel(at(), event=name, endpoint=endpoint, user="anna")


def canceled(endpoint: str, *names: str) -> r.Canceled:
    """The endpoint was switched off."""
    return r.Canceled(at(), endpoint=endpoint, events=list(names))


def item(name: str, endpoint: str, attempts: int = 1, place: Position = PLACE) -> r.ReplayItem:
    """One delivery to replay."""
    return r.ReplayItem(name, endpoint, *place, attempts)


def replay(name: str, *items: r.ReplayItem, rate: float = 100.0) -> list[r.AnyRecord]:
    """The records that begin a replay."""
    return [
        r.ReplayItems(at(), replay=name, items=list(items)),
        r.Replay(at(), replay=name, chosen={}, total=len(items), rate=rate, user="anna"),
    ]


def control(name: str, action: str) -> r.ReplayControl:
    """An operator's word to a replay."""
    return r.ReplayControl(at(), replay=name, action=action, user="anna")  # type: ignore[arg-type]


def registry(*removed: str, **endpoints: r.Known) -> r.Registry:
    """The sender adopted a config."""
    return r.Registry(at(), endpoints=endpoints, removed=list(removed), event_types=[])


def folded(*records: r.AnyRecord) -> Fold:
    """The fold of records, each at (1, 100 * its number)."""
    fold = Fold()
    for number, record in enumerate(records):
        fold.apply(record, 1, 100 * number)
    return fold


def only(fold: Fold) -> Delivery:
    """The one that is unfinished."""
    (delivery,) = fold.unfinished()
    return delivery


BEGUN = (event("evt_1"), intake("evt_1", "acme"))
SENT = (*BEGUN, start("evt_1", "acme"), attempt("evt_1", "acme"))


def fold_lines(lines: Iterable[Line], fold: Fold | None = None) -> Fold:
    """The fold of lines, on top of `fold`."""
    fold = fold or Fold()
    for position, line in lines:
        fold.apply(r.from_line(line[:-1]), *position)
        fold.position = Position(position.segment, position.offset + len(line))
    return fold


def through_checkpoint(fold: Fold) -> Fold:
    """The fold that a checkpoint of `fold` gives."""
    parts = [r.from_line(line[:-1]) for line in checkpoint.dump(fold, at())]
    loaded = Fold()
    checkpoint.load(loaded, [part for part in parts if isinstance(part, r.Checkpoint)])
    return loaded


def standing(delivery: Delivery) -> dict[str, object]:
    """All that the journal says of a delivery."""
    return {name: getattr(delivery, name) for name in Delivery.__struct_fields__ if name != "ticket"}


def snapshot(fold: Fold) -> dict[str, object]:
    """All that a fold knows, but for what it remembers of ended deliveries for a while."""
    return {
        "deliveries": {(d.event, d.endpoint): standing(d) for d in fold.unfinished()},
        "untaken": {name: (u.type, u.segment, u.offset, sorted(u.seen)) for name, u in fold.untaken.items()},
        "known": dict(fold.known),
        "last": dict(fold.last),
        "hours": fold.totals.dump(),
        "replays": {
            name: (one.record, dict(one.remaining), set(one.running)) for name, one in fold.replays.items()
        },
        "event_types": list(fold.event_types),
        "consented": set(fold.consented),
        "sender_ran": fold.sender_ran,
    }
