"""What must be true of a disk after a crash, by what was promised before. The real code is asked.

Accepted events are recovered; outcomes that were recorded stay; what is recovered was emitted, byte for byte;
the registry is whole, the old one or the new one; what is unfinished goes on; trimmed segments stay away.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from msgspec import UNSET

from crash_promises import Key
from hookconsole.config.file import read
from hookconsole.config.load import parse
from hookconsole.emitter import Emission
from hookconsole.errors import BusyError
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store
from simulated_disk import Disk
from simulated_site import Site

PATIENCE_SECONDS = 60.0
ATTEMPTS = 6


class BrokenPromiseError(AssertionError):
    """What must hold doesn't."""


def hold(truth: object, what: str) -> None:
    """Raise unless it is so."""
    if not truth:
        raise BrokenPromiseError(what)


class Found:
    """What a new process finds in the journal."""

    def __init__(self, site: Site) -> None:
        store = Store(site.home.journal)
        self.events: dict[str, r.Event] = {}
        self.final: set[Key] = set()
        self.begun: dict[Key, int] = {}
        self.out_of_slot: list[Key] = []
        self._next_slot: dict[Key, int] = {}
        for _, record, _ in store.forward(START):
            self._take(record)
        self.fold: Fold = store.fold()
        self.numbers = store.numbers()
        store.close()

    def _take(self, record: r.AnyRecord) -> None:
        if isinstance(record, r.Event):
            self.events[record.event] = record
            for endpoint, standing in (record.carried or {}).items():
                self._begin((record.event, endpoint), standing.attempts)
        elif isinstance(record, r.Start):
            for one in record.attempts:
                key = one.event, one.endpoint
                is_new = one.attempt > self.begun.get(key, 0) and one.trigger in ("event", "retry")
                if is_new and one.slot != self._next_slot.get(key, one.slot):
                    self.out_of_slot.append(key)
                self._begin(key, one.attempt)
        elif isinstance(record, r.Attempt):
            key = record.event, record.endpoint
            if record.attempt >= self.begun.get(key, 0):
                again = record.outcome == "interrupted" or record.error == "config"
                self._next_slot[key] = record.slot if again else record.slot + 1
            self._begin(key, record.attempt)
            if record.outcome in ("delivered", "failed", "canceled"):
                self.final.add((record.event, record.endpoint))
        elif isinstance(record, r.Retry):
            self._next_slot.pop((record.event, record.endpoint), None)
        elif isinstance(record, r.Canceled):
            self.final.update((event, record.endpoint) for event in record.events)

    def _begin(self, key: Key, attempt: int) -> None:
        self.begun[key] = max(self.begun.get(key, 0), attempt)

    def goes_on(self, event: str, endpoint: str) -> bool:
        """Whether a delivery is known to be unfinished."""
        untaken = self.fold.untaken.get(event)
        waits = untaken is not None and endpoint not in untaken.seen
        return waits or self.fold.delivery(event, endpoint) is not None


def check(site: Site) -> Found:
    """Raise unless a new process finds what was promised."""
    promises = site.promises
    found = Found(site)
    for name, event in found.events.items():
        if event.endpoint is UNSET:
            hold(name in promises.emitted, f"{name} was never emitted")
            hold(bytes(event.data) == promises.emitted[name], f"{name} has other content")
    for name, endpoints in promises.accepted.items():
        hold(name in promises.past or name in found.events, f"{name} was accepted and is lost")
        for key in ((name, endpoint) for endpoint in endpoints):
            over = key in promises.ended | promises.dropped | promises.told | found.final
            hold(over or found.goes_on(*key), f"{key} is unfinished and is lost")
    for key in promises.canceled:
        hold(not found.goes_on(*key), f"{key} was canceled and goes on")
    for key in promises.ended - promises.dropped:
        hold(not found.goes_on(*key), f"{key} has ended and goes on")
        hold(key in promises.told or key in found.final, f"the outcome of {key} is lost")
    if not promises.power_lost:
        hold(not found.out_of_slot, f"an attempt took a wrong slot of its series: {found.out_of_slot}")
        for key, count in Counter(promises.requests).items():
            known = key[0] not in promises.emitted or key in promises.told
            hold(known or found.begun.get(key, 0) >= count, f"a request of {key} left no record")
    hold(promises.replays <= found.fold.replays.keys(), "a replay that was begun is lost")
    config = site.machine.disk.read(site.home.config_name)
    hold(config in promises.configs, f"the registry is neither the old one nor the new one: {config!r}")
    back = promises.gone & set(found.numbers)
    hold(not back, f"trimmed segments are back: {back}")
    return found


def go_on(site: Site, name: str) -> None:
    """After the crash: a known id is known, a new event is accepted."""
    promises = site.promises
    emitter = site.emitter()
    with suppress(BusyError):
        for known in sorted((promises.accepted.keys() & promises.emitted.keys()) - promises.past)[:2]:
            again = emitter.accept([Emission("invoice.paid", promises.emitted[known], known)])
            hold(again[0].duplicate, f"{known} was accepted twice")
        hold(site.emit(name, by=emitter), f"{name} isn't accepted")
    emitter.close()


def deliver(site: Site) -> None:
    """After the crash: a sender delivers all that is to be delivered, and nothing that has ended."""
    promises = site.promises
    before = len(promises.requests)
    ended = promises.ended - promises.dropped

    async def send() -> None:
        site.start()
        await site.until(lambda: site.idle, PATIENCE_SECONDS)
        hold(site.idle, "the sender doesn't come to an end")
        await site.stop()

    site.run(send())
    again = ended.intersection(promises.requests[before:])
    hold(not again, f"sent again after the outcome was recorded: {again}")
    found = read(site.home.config)
    endpoints = parse(found.raw, site.home.config).endpoints if found else {}
    for name, expected in promises.accepted.items():
        for key in ((name, endpoint) for endpoint in expected if endpoint in endpoints):
            fine = key in promises.answered | promises.ended | promises.dropped
            fine = fine or promises.requests.count(key) >= ATTEMPTS
            hold(fine, f"{key} was accepted and never delivered")


def worst(disk: Disk) -> Disk:
    """What is left of a disk when all that may be lost is lost."""
    return next(disk.losses(1))


def images(disk: Disk, at_most: int) -> Iterator[tuple[Disk, bool]]:
    """What a crash may leave: the processes killed, then (True) the power lost in every way, or so many."""
    yield disk.copy(), False
    for each in disk.losses(at_most):
        yield each, True
