"""What waits, counted as `status` counts it: by endpoint, in all, and since when. Pure but for reading."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from math import inf
from typing import NamedTuple, TypeVar

from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.store import Store
from hookconsole.observing.registry import Registry
from hookconsole.operating.health import due_since, is_ours, untaken_since

_T = TypeVar("_T")

_AT_ONCE = 10_000
"""Deliveries between two rests: a millisecond."""


class Backlog(NamedTuple):
    """`waiting`: unfinished deliveries by endpoint, with what no sender has taken in yet; of endpoints that
    are gone those that are held. `due`: when the first of each endpoint became due, or will.
    `overdue_since`: as `status` has it, infinite for nothing.
    """

    waiting: Mapping[str, int]
    due: Mapping[str, float]
    total: int
    held: int
    overdue_since: float


NOTHING = Backlog({}, {}, 0, 0, inf)


def count(fold: Fold, store: Store, registry: Registry, rest: Callable[[], None]) -> Backlog:
    """Count all; `rest` is called often."""
    switches = registry.switches
    waiting: Counter[str] = Counter()
    due: dict[str, float] = {}
    types: Counter[str] = Counter()
    for some in _pieces(untaken.type for untaken in fold.untaken.values()):
        types.update(some)
        rest()
    for event_type, number in types.items():
        for name in registry.route(event_type)[0]:
            waiting[name] += number
    held, since = 0, untaken_since(fold, store)
    for name, deliveries in fold.deliveries.items():
        waiting[name] += len(deliveries)
        due[name] = _first_due(deliveries.values(), rest)
        if name not in switches:
            held += len(deliveries)
        elif is_ours(fold.last.get(name)):
            since = min(since, due[name])
    return Backlog(waiting, due, waiting.total() - held, held, since)


def _first_due(deliveries: Iterable[Delivery], rest: Callable[[], None]) -> float:
    first = inf
    for some in _pieces(deliveries):
        first = min(first, due_since(some))
        rest()
    return first


def _pieces(things: Iterable[_T]) -> Iterator[list[_T]]:
    each = iter(things)
    while some := list(islice(each, _AT_ONCE)):
        yield some
