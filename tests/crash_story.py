"""A fixed story of one site, from nothing to after its first trim: what crashes are tried in.

Each step is one that writes: emits by one and by several at once, a batch, a segment that is left, a sender's
intakes, starts and results, retries, an operator's acts, edits of the registry, a held delivery, the table of
known ids, a kill in mid-flight, and a trim that carries forward what is unfinished.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from hookconsole.errors import HookconsoleError
from hookconsole.operating import registry
from simulated_site import Moment, Site

OPERATIONS = ("write", "sync", "make", "rename", "unlink", "truncate")
"""What a moment may be after; after anything else something has just been promised."""

HOUR = 3600.0
DAY = 24 * HOUR
ACME = ("acme",)
BOTH = ("acme", "beta")


def tell(site: Site) -> None:
    """All of it. The machine is on."""
    _before_any_sender(site)
    site.run(_first_sender(site))
    site.run(_second_sender(site))


def _before_any_sender(site: Site) -> None:
    site.begin()
    site.record()
    first = site.emitter()
    site.emit("evt_first", by=first)
    site.add("acme")
    site.emit("evt_1", "evt_2", "evt_3", to=ACME, known=True)
    _two_at_once(site)
    first.close()


def _two_at_once(site: Site) -> None:
    """One has written and not yet synced when the other does both, and begins a segment."""
    slow, quick = site.emitter(), site.emitter()
    site.emit("evt_slow", to=ACME, by=slow, between=lambda: site.emit("evt_quick", to=ACME, by=quick))
    site.emit("evt_left", to=ACME, by=slow, between=quick._appender.rotate)
    site.emit("evt_next", to=ACME, by=quick)
    site.emit("evt_known", to=ACME, by=quick, known=True)
    slow.close()
    quick.close()


async def _first_sender(site: Site) -> None:
    site.receivers.answer("acme.example", 200, 503, 200)
    site.receivers.answer("beta.example", 503)
    site.start()
    await site.until(lambda: site.idle, 60)
    site.add("beta", "invoice.*")
    await asyncio.sleep(1)
    _at_the_next_request(site, lambda: _sync_fails(site))
    site.emit("evt_both", to=BOTH)
    await asyncio.sleep(4)
    _at_the_next_request(site, lambda: _rotated(site))
    site.emit("evt_more", to=BOTH)
    await asyncio.sleep(2)
    site.emit("evt_canceled", to=BOTH)
    await asyncio.sleep(1)
    site.cancel("evt_canceled", "beta")
    site.retry("evt_1", "acme")
    await asyncio.sleep(40)
    site.replay("failed")
    site.edit(lambda desk: registry.change(desk, "acme", {"description": "moved"}))
    await asyncio.sleep(2)
    await _rest(site, 2 * HOUR)
    site.emit("evt_held", to=BOTH)
    await asyncio.sleep(2)
    site.edit(lambda desk: registry.remove(desk, "beta"))
    await _rest(site, 2 * HOUR)
    gate = site.receivers.hang("acme.example")
    site.emit("evt_cut", to=ACME)
    await asyncio.sleep(1)
    await site.kill()
    gate.set()


async def _second_sender(site: Site) -> None:
    site.machine.clock.advance(8 * DAY)
    promises = site.promises
    unfinished = ("evt_held", "evt_cut")
    known = promises.emitted.keys() | promises.accepted.keys()
    promises.past.update(name for name in known if name not in unfinished)
    promises.replays.clear()
    promises.told.update(promises.ended | promises.dropped)
    site.start()
    await asyncio.sleep(30)
    await _rest(site, 2 * HOUR)
    if "000000000001.jsonl" not in site.machine.disk.node(site.home.journal).names:
        promises.gone.add(1)
        _over(site)
        site.note("trimmed")
    site.emit("evt_after", to=ACME, known=True)
    site.receivers.answer("beta.example", 200)
    site.add("beta", "invoice.*")
    await asyncio.sleep(2)
    await site.until(lambda: site.idle, 60)
    await site.stop()


def _at_the_next_request(site: Site, act: Callable[[], None]) -> None:
    """Do something while the request's result is written and waits for its sync."""

    def arrived(_: object) -> None:
        site.receivers.before = lambda _: None
        asyncio.get_running_loop().call_later(0.002, act)

    site.receivers.before = arrived


def _sync_fails(site: Site) -> None:
    """An emitter's sync fails; it leaves the sender's results in that segment in doubt. The sender writes."""
    failures, fails = [1], site.machine.fails
    site.machine.fails = lambda act: failures.pop() if act == "sync" and failures else fails(act)
    site.emit("evt_failed", to=BOTH)
    site.machine.fails = fails
    if site.running is not None:
        site.running.sender._dispatcher.wake()


def _rotated(site: Site) -> None:
    """The sender's upkeep begins a new segment."""
    if site.running is not None:
        with suppress(HookconsoleError):
            site.running.sender._appender.rotate()


def _over(site: Site) -> None:
    """What had ended before the trim may have gone with it."""
    assert site.running is not None
    fold = site.running.sender._fold
    waiting = {delivery.event for delivery in fold.unfinished()} | fold.untaken.keys()
    over = site.promises.accepted.keys() - waiting
    site.promises.past |= over
    site.promises.told |= {(name, endpoint) for name in over for endpoint in BOTH}


async def _rest(site: Site, seconds: float) -> None:
    """Nothing happens for long, as far as the sender can tell; then its upkeep has time."""
    site.machine.clock.advance(seconds)
    await asyncio.sleep(45)


def told(site: Site | None = None) -> Site:
    """The story once told, with all its moments."""
    site = site or Site()
    with site.machine.powered():
        tell(site)
    return site


def damaged(site: Site, moment: Moment) -> Iterator[Site]:
    """The site as at a moment, once for each line of its journal: with another digit in that line.

    Nothing is promised any more of the events that the line speaks of.
    """
    for path, content in sorted(moment.disk.tree()):
        begin = 0
        for line in content.split(b"\n") if path.endswith(".jsonl") else ():
            if digit := re.search(rb"(?<=2)500\.00", line) or re.search(rb"(?<=[T:])\d", line):
                disk, at = moment.disk.copy(), begin + digit.start()
                disk.node(path).now = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
                events = re.findall(rb'"event":"([^"]+)"', line)
                site.machine.crash(disk)
                promises = moment.promises.without(map(bytes.decode, events))
                promises.power_lost = True  # a start may be missing
                yield Site(site.machine, promises)
            begin += len(line) + 1
