"""The log of deliveries as an operator asks for it: newest first, or as it grows.

What no sender has taken in yet is shown as the registry would deliver it now. What is waiting for an endpoint
that is gone is `held`.
"""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hookconsole.clock import parse_rfc3339
from hookconsole.config.event_types import pattern
from hookconsole.config.load import ConfigError
from hookconsole.delivery.lock import sender_note
from hookconsole.errors import InputError
from hookconsole.events.catalogue import BUILT_IN, TEST_TYPE, nearest
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import UNFINISHED, Delivery
from hookconsole.journal.history import Entry, Window, entries, of_event, select
from hookconsole.journal.tail import Tail
from hookconsole.operating.desk import Desk
from hookconsole.text import safe


class Query(NamedTuple):
    """Which deliveries; `since` in unix seconds of acceptance."""

    endpoint: str | None = None
    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    since: float = 0.0
    event: str | None = None


Found = tuple[Entry, str]
"""A delivery and its state, `held` included."""


def find(desk: Desk, query: Query) -> Iterator[Found]:
    """The deliveries that a query means, newest first."""
    if query.endpoint is not None:
        _check_endpoint(desk, query.endpoint)
    if query.event is not None:
        story = of_event(desk.store, query.event, desk.horizon)
        candidates: Iterator[Entry] = (
            entry
            for entry in (story.entries if story else ())
            if query.endpoint in (None, entry.delivery.endpoint)
            and parse_rfc3339(entry.accepted_at) >= query.since
        )
    else:
        candidates = entries(desk.store, Window(query.endpoint, query.since, None, desk.horizon))
    running = sender_note(desk.home.state) is not None
    for source in (_untaken(desk, query), candidates):
        for entry in source:
            state = state_of(desk, entry, running=running)
            if (not query.states or state in query.states) and select(entry, (), query.types):
                yield entry, state


def follow(desk: Desk, query: Query, every: float) -> Iterator[Found]:
    """Deliveries whenever something has happened to them, from now on, without end; looks each `every` s."""
    tail = Tail(desk.store, desk.fold.position)
    tail.drain_into(desk.fold)
    while True:
        changed: dict[str, set[str]] = {}
        for _, record in tail.read():
            for event, endpoints in _deliveries_of(record):
                changed.setdefault(event, set()).update(endpoints)
        for event, touched in changed.items():
            if query.event in (None, event):
                for entry, state in find(desk, query._replace(event=event)):
                    if entry.delivery.endpoint in touched:
                        yield entry, state
        time.sleep(every)


def state_of(desk: Desk, entry: Entry, *, running: bool) -> str:
    """An entry's state as it is shown."""
    if entry.state in UNFINISHED and entry.delivery.endpoint not in desk.switches:
        return "held"
    if entry.state == "sending" and not running:
        return "retrying" if entry.attempts else "pending"
    return entry.state


def check_type(desk: Desk, wanted: str) -> None:
    """InputError, naming the nearest, for a type or family that neither the config nor the journal knows."""
    try:
        own = desk.config.event_types
    except ConfigError:
        own = {}
    try:
        pattern({*BUILT_IN, TEST_TYPE, *own, *desk.fold.event_types})(wanted)
    except ValueError as error:
        if not _is_in_journal(desk, wanted):
            raise InputError(f"--type {error}") from None


def _is_in_journal(desk: Desk, wanted: str) -> bool:
    """Whether an event has that type or is of that family: one of the company's own, since removed."""
    family = wanted[:-1] if wanted.endswith(".*") else None
    needle = f'"type":"{family}' if family else f'"type":"{wanted}"'
    return any(
        isinstance(record, r.Event)
        and (record.type == wanted or (family is not None and record.type.startswith(family)))
        for _, record in desk.store.backward(needle.encode("utf-8", "surrogateescape"))
    )


def _check_endpoint(desk: Desk, name: str) -> None:
    known = {*desk.switches, *desk.fold.known, *desk.fold.last, *desk.fold.deliveries}
    if name not in known:
        near = nearest(name, known)
        raise InputError(f"no endpoint '{safe(name, 64)}'" + (f"; did you mean {near}?" if near else ""))


def _untaken(desk: Desk, query: Query) -> Iterator[Entry]:
    for event, untaken in reversed(desk.fold.untaken.items()):
        if query.event not in (None, event):
            continue
        record = desk.store.event_at(event, untaken.segment, untaken.offset)
        if record is None or parse_rfc3339(record.accepted_at or record.at) < query.since:
            continue
        for name in desk.route(untaken.type)[0]:
            if query.endpoint in (None, name):
                yield Entry(record, Delivery(event, name, untaken.segment, untaken.offset))


def _deliveries_of(record: r.AnyRecord) -> Iterator[tuple[str, Sequence[str]]]:
    """The deliveries that a record changes: events, with the endpoints."""
    if isinstance(record, r.Attempt | r.Cancel | r.Retry):
        yield record.event, (record.endpoint,)
    elif isinstance(record, r.Canceled):
        for event in record.events:
            yield event, (record.endpoint,)
    elif isinstance(record, r.Intake):
        for taken in record.events:
            yield taken.event, (*taken.to, *taken.skipped)
