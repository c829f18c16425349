"""Retry and cancel: what they would do is decided here, from the journal and the registry; records do it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from hookconsole.delivery.lock import sender_note
from hookconsole.errors import InputError, RefusedError
from hookconsole.events.catalogue import TEST_TYPE
from hookconsole.journal.deliveries import WAITING
from hookconsole.journal.history import Entry, EventStory, of_event
from hookconsole.journal.records import Cancel, Retry
from hookconsole.journal.segments import Position
from hookconsole.operating.desk import Desk
from hookconsole.text import safe


class Steered(NamedTuple):
    """What was done to the deliveries of one event. `refused` has a reason for each endpoint left alone."""

    event: str
    done: list[str]
    refused: dict[str, str]
    since: Position
    """From here on the journal has what follows."""
    attempts: Mapping[str, int] = MappingProxyType({})
    """Of a retry: the number of the attempt that is meant, by endpoint."""


def story(desk: Desk, event: str) -> EventStory:
    """All about an event; InputError for one that the journal doesn't know."""
    found = of_event(desk.store, event, desk.horizon)
    if found is None:
        raise InputError(
            f"no event '{safe(event, 64)}' in the journal; `hookconsole logs` lists what there is"
        )
    return found


def retry(desk: Desk, event: str, endpoint: str | None) -> Steered:
    """Send an event again: to one endpoint, or to all that haven't got it (to all, if all have)."""
    since = desk.fold.position
    found = story(desk, event)
    if found.event.type == TEST_TYPE:
        raise RefusedError(f"{event} is a test event; a new one: hookconsole endpoints test NAME")
    entries = _chosen(desk, found, endpoint, "retry")
    if endpoint is None:
        entries = [entry for entry in entries if entry.state != "delivered"] or entries
    records: list[Retry] = []
    refused: dict[str, str] = {}
    attempts: dict[str, int] = {}
    for entry in entries:
        delivery = entry.delivery
        name = delivery.endpoint
        active = desk.switches.get(name)
        if active is None:
            refused[name] = "it is gone from the registry; bring it back first"
        elif not active:
            refused[name] = f"it is inactive; first: hookconsole endpoints enable {name}"
        else:
            attempts[name] = delivery.attempts + (entry.state != "sending")
            if entry.state != "sending":
                records.append(
                    Retry(
                        desk.now(),
                        event=event,
                        endpoint=name,
                        segment=delivery.segment,
                        offset=delivery.offset,
                        attempts=delivery.attempts,
                        user=desk.user,
                    )
                )
    if records:
        desk.put(*records)
    return Steered(event, list(attempts), refused, since, attempts)


def cancel(desk: Desk, event: str, endpoint: str | None) -> Steered:
    """End the waiting or held deliveries of an event."""
    entries = _chosen(desk, story(desk, event), endpoint, "cancel")
    waiting = [entry.delivery.endpoint for entry in entries if entry.state in WAITING]
    refused = {
        entry.delivery.endpoint: f"its delivery is {entry.state}"
        for entry in entries
        if entry.state not in WAITING
    }
    records = [Cancel(desk.now(), event=event, endpoint=name, user=desk.user) for name in waiting]
    since = desk.put(*records) if records else desk.fold.position
    return Steered(event, waiting, refused, since)


def _chosen(desk: Desk, found: EventStory, endpoint: str | None, verb: str) -> list[Entry]:
    """The deliveries that are meant, at least one; an error says why there is nothing to `verb`."""
    event = found.event.event
    chosen = [entry for entry in found.entries if endpoint in (None, entry.delivery.endpoint)]
    if chosen:
        return chosen
    if endpoint is not None:
        desk.check_name(endpoint)
    if not found.entries and found.taken is None:
        start = "" if sender_note(desk.home.state) else "; start one: hookconsole --daemon"
        raise RefusedError(f"event {event} waits for a sender to take it in: nothing to {verb} yet{start}")
    if endpoint is not None:
        raise RefusedError(f"event {event} has no delivery for {endpoint}; see hookconsole trace {event}")
    raise RefusedError(f"event {event} has no delivery: no endpoint subscribed to it")
