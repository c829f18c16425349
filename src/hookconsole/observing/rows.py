"""Deliveries as rows of a list, from what the journal and the registry say of them. Pure but for reading."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from hookconsole.clock import parse_rfc3339
from hookconsole.errors import RefusedError
from hookconsole.journal import records as r
from hookconsole.journal.deliveries import UNFINISHED, Delivery
from hookconsole.journal.fold import Untaken
from hookconsole.journal.history import Entry
from hookconsole.journal.store import Store
from hookconsole.observing.values import DeliveryRow


def shown_state(state: str, endpoint: str, *, tried: bool, registry: Collection[str], running: bool) -> str:
    """A delivery's state as it is shown: `held` without its endpoint; nothing is sent where nobody sends.

    `tried`: an attempt of it has ended. `registry`: the endpoints that there are. `running`: somebody sends.
    """
    if state in UNFINISHED and endpoint not in registry:
        return "held"
    if state == "sending" and not running:
        return "retrying" if tried else "pending"
    return state


def row_of(entry: Entry, registry: Collection[str], *, running: bool) -> DeliveryRow:
    """The row of a delivery that was read from the journal."""
    delivery = entry.delivery
    last = entry.attempts[-1] if entry.attempts else None
    state = delivery.state
    return DeliveryRow(
        entry.event.event,
        delivery.endpoint,
        entry.event.type,
        delivery.segment,
        delivery.offset,
        entry.accepted,
        shown_state(state, delivery.endpoint, tried=last is not None, registry=registry, running=running),
        delivery.attempts,
        last.status if last else None,
        last.error if last else None,
        last.duration_ms if last else None,
        (delivery.due or None) if state == "retrying" else None,
    )


def untaken_rows(
    store: Store,
    untaken: Iterable[tuple[str, Untaken]],
    route: Callable[[str], tuple[list[str], list[str]]],
) -> Iterator[DeliveryRow]:
    """What no sender has taken in yet, as the registry would deliver it now."""
    for event, waiting in untaken:
        record = store.event_at(event, waiting.segment, waiting.offset)
        if record is None:
            continue
        for endpoint in route(waiting.type)[0]:
            delivery = Delivery(event, endpoint, waiting.segment, waiting.offset)
            yield row_of(Entry(record, delivery), (endpoint,), running=True)


class Told(NamedTuple):
    """What an event's record says of all its deliveries."""

    event: str
    type: str
    accepted: float


class Records:
    """Event records read by their place, for whoever doesn't keep their ids."""

    def __init__(self, journal: str) -> None:
        self._store = Store(journal)

    def told(self, segment: int, offset: int) -> Told | None:
        """What stands there of an event; None when it is gone."""
        try:
            record = self._store.record_at(segment, offset)
        except (OSError, RefusedError):
            return None
        finally:
            # A descriptor that is kept keeps a deleted segment on the disk.
            self._store.close()
        if not isinstance(record, r.Event):
            return None
        return Told(record.event, record.type, parse_rfc3339(record.accepted_at or record.at))
