"""What a bulk retry is to take when it is chosen by hand or by a filter: the records that it needs.

Only what has ended can be retried in bulk; test events never.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from hookconsole.events.catalogue import TEST_TYPE
from hookconsole.journal.deliveries import UNFINISHED
from hookconsole.journal.records import ReplayItem
from hookconsole.observing.hub import Search
from hookconsole.observing.values import DeliveryRow
from hookconsole.operating.desk import Desk
from hookconsole.operating.replaying import STATES, Choice, Chosen, check_room

_POLL_SECONDS = 0.05
_EVERY = 1 << 62


def of_rows(desk: Desk, rows: Iterable[DeliveryRow]) -> tuple[Choice, Chosen]:
    """These deliveries, as far as they have ended and their endpoints are active."""
    since = desk.fold.position
    items: list[tuple[float, ReplayItem]] = []
    counts: Counter[tuple[str, str]] = Counter()
    left: Counter[str] = Counter()
    states: set[str] = set()
    unfit = 0
    for row in rows:
        if row.state in UNFINISHED or row.state == "held" or row.type == TEST_TYPE:
            unfit += 1
            continue
        if not desk.switches.get(row.endpoint):
            left[row.endpoint] += 1
            continue
        check_room(len(items))
        item = ReplayItem(row.event, row.endpoint, row.segment, row.offset, row.attempts)
        items.append((row.accepted, item))
        counts[row.endpoint, _cause(row)] += 1
        states.add(row.state)
    items.sort(key=lambda pair: pair[0])  # the oldest first
    endpoints = {item.endpoint for _, item in items}
    choice = Choice(
        endpoint=next(iter(endpoints)) if len(endpoints) == 1 else None,
        states=tuple(sorted(states)),
        types=(),
        since=items[0][0] if items else 0.0,
        until=items[-1][0] if items else None,
    )
    return choice, Chosen([item for _, item in items], counts, left, since, unfit)


def of_search(desk: Desk, search: Search) -> tuple[Choice, Chosen]:
    """All that a search finds that failed, was skipped or canceled."""
    try:
        return of_rows(desk, (row for row in _all(desk, search) if row.state in STATES))
    finally:
        search.cancel()


def _all(desk: Desk, search: Search) -> Iterator[DeliveryRow]:
    search.want(_EVERY)
    while True:
        done = search.done
        found = search.take()
        for row in found:
            if desk.passing is not None:
                desk.passing(row.accepted)
            yield row
        if done and not found:
            return
        if not found:
            time.sleep(_POLL_SECONDS)


def _cause(row: DeliveryRow) -> str:
    if row.state in ("skipped", "canceled"):
        return row.state
    if row.state == "delivered":
        return "delivered"
    return row.error or f"status {row.status}"
