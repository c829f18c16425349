"""Bulk replay: choosing deliveries by what became of them, counting them, and the records that begin it."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.errors import InputError, RefusedError
from hookconsole.events.catalogue import TEST_TYPE
from hookconsole.ids import ulid
from hookconsole.journal.history import Entry, Window, entries, select
from hookconsole.journal.records import (
    Attempt,
    Replay,
    ReplayControl,
    ReplayItem,
    ReplayItems,
    Retry,
    Start,
    to_line,
)
from hookconsole.journal.segments import Position
from hookconsole.operating.attempting import outcomes
from hookconsole.operating.desk import Desk
from hookconsole.text import safe

STATES = ("failed", "skipped", "canceled")
DEFAULT_RATE = 100.0
"""Deliveries a second."""

LOWEST_RATE, HIGHEST_RATE = 0.01, 100_000.0

ITEMS_AT_MOST = 1_000_000
"""Of one replay. Who looks for them and who sends them keep all in memory, some 300 bytes each."""

_ITEMS_PER_RECORD = 1000

Action = Literal["pause", "resume", "cancel"]

_STEERED_IN: dict[Action, tuple[str, ...]] = {
    "pause": ("running",),
    "resume": ("paused",),
    "cancel": ("running", "paused"),
}
"""The states of a replay in which an action does something."""


class Choice(NamedTuple):
    """What a replay is to take. Times are unix seconds of the events' acceptance."""

    endpoint: str | None
    states: tuple[str, ...]
    types: tuple[str, ...]
    since: float
    until: float | None
    off_since: float | None = None
    """Only what an off-period that began then canceled or skipped, no operator's cancel."""
    filter: str = ""
    """What an operator typed to find them, or `marked`, where that says more than the rest."""


class Chosen(NamedTuple):
    """The deliveries that a choice found; `counts` by endpoint and cause. `left` are of resting endpoints.
    What the journal has from `since` on may not have been seen. `unfit` of what was named one by one can't
    be replayed: it waits or is sent just now, or is a test.
    """

    items: list[ReplayItem]
    counts: Counter[tuple[str, str]]
    left: Counter[str]
    since: Position
    unfit: int = 0


class Begun(NamedTuple):
    """A replay that has begun, and of how many deliveries."""

    replay: str
    total: int


def check_room(items: int) -> None:
    """RefusedError when a replay that has so many deliveries has room for no more."""
    if items >= ITEMS_AT_MOST:
        raise RefusedError(
            f"over {ITEMS_AT_MOST:,} deliveries: choose fewer, by endpoint, by type or by time"
        )


def choose(desk: Desk, choice: Choice) -> Chosen:
    """Find what a replay would take; RefusedError if that is too much for one."""
    since = desk.fold.position
    items: list[ReplayItem] = []
    counts: Counter[tuple[str, str]] = Counter()
    left: Counter[str] = Counter()
    for entry in _found(desk, choice):
        name = entry.delivery.endpoint
        if not desk.switches.get(name):
            left[name] += 1
            continue
        check_room(len(items))
        delivery = entry.delivery
        items.append(ReplayItem(delivery.event, name, delivery.segment, delivery.offset, delivery.attempts))
        counts[name, entry.cause] += 1
    items.reverse()  # the oldest first
    return Chosen(items, counts, left, since)


def _found(desk: Desk, choice: Choice) -> Iterator[Entry]:
    window = Window(choice.endpoint, choice.since, choice.until, desk.horizon)

    def wanted(entry: Entry) -> bool:
        if desk.passing is not None:
            desk.passing(parse_rfc3339(entry.accepted_at))
        return (
            entry.event.type != TEST_TYPE
            and select(entry, choice.states, choice.types)
            and (choice.off_since is None or (not entry.canceled_by and entry.last_at >= choice.off_since))
        )

    return entries(desk.store, window, wanted)


def begin(desk: Desk, choice: Choice, chosen: Chosen, rate: float) -> Begun:
    """Have the sender replay these, but for those that were sent again since they were chosen: another
    operator may have answered first. Durable when it returns; RefusedError where nothing is left.
    """
    with _still_unsent(desk, chosen) as every:
        if not every:
            raise RefusedError("all of them have been sent again meanwhile: nothing is left to replay")
        name = "rpl_" + ulid()
        desk.appender.append_locked(b"".join(map(to_line, _records(desk, name, choice, every, rate))))
    desk.appender.sync()
    return Begun(name, len(every))


@contextlib.contextmanager
def _still_unsent(desk: Desk, chosen: Chosen) -> Iterator[list[ReplayItem]]:
    """Those that weren't sent again since they were chosen; nobody appends while that is acted on."""
    sent: dict[tuple[str, str], int] = {}
    since = _sent_since(desk, chosen.since, sent)  # most of it while others may still write
    with desk.appender.locked():
        _sent_since(desk, since, sent)
        yield [item for item in chosen.items if sent.get((item.event, item.endpoint), 0) <= item.attempts]


def _sent_since(desk: Desk, since: Position, sent: dict[tuple[str, str], int]) -> Position:
    """Note the highest attempt that has begun of each delivery; the journal's end."""
    for _, record, behind in desk.store.forward(since):
        since = behind
        if isinstance(record, Start):
            sent.update({(one.event, one.endpoint): one.attempt for one in record.attempts})
    return since


def _records(
    desk: Desk, name: str, choice: Choice, every: list[ReplayItem], rate: float
) -> list[ReplayItems | Replay]:
    records: list[ReplayItems | Replay] = [
        ReplayItems(desk.now(), replay=name, items=every[at : at + _ITEMS_PER_RECORD])
        for at in range(0, len(every), _ITEMS_PER_RECORD)
    ]
    chosen: dict[str, object] = {
        "endpoint": choice.endpoint,
        "states": list(choice.states),
        "types": list(choice.types),
        "since": rfc3339(choice.since),
        "until": rfc3339(choice.until) if choice.until is not None else None,
    }
    if choice.filter:
        chosen["filter"] = choice.filter
    records.append(
        Replay(desk.now(), replay=name, chosen=chosen, total=len(every), rate=rate, user=desk.user)
    )
    return records


def try_first(desk: Desk, chosen: Chosen) -> Attempt | None:
    """Send the first of them now, as a retry of its own, and wait; None where no attempt came in time.

    RefusedError where it was sent again since it was chosen.
    """
    first = chosen.items[0]
    desk.endpoint(first.endpoint)
    retry = Retry(
        desk.now(),
        event=first.event,
        endpoint=first.endpoint,
        segment=first.segment,
        offset=first.offset,
        attempts=first.attempts,
        user=desk.user,
    )
    with _still_unsent(desk, chosen._replace(items=[first])) as still:
        if not still:
            raise RefusedError(f"{first.event} has been sent again meanwhile: look for them anew")
        since = desk.appender.append_locked(to_line(retry))
    desk.appender.sync()
    key = (first.event, first.endpoint)
    return outcomes(desk, {key: first.attempts + 1}, since)[key]


def control(desk: Desk, replay: str, action: Action) -> None:
    """Pause, resume or cancel a replay."""
    progress = desk.fold.replays.get(replay)
    if progress is None:
        raise InputError(f"no replay '{safe(replay, 64)}'; hookconsole replay list shows them")
    if progress.state not in _STEERED_IN[action]:
        raise RefusedError(f"{replay} is {progress.state}: there is nothing to {action}")
    desk.put(ReplayControl(desk.now(), replay=replay, action=action, user=desk.user))
