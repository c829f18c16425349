"""Attempts without a running sender: made by a command, under the sender's lock and by its means."""

import asyncio
from collections.abc import Iterable

from hookconsole.delivery.deliverer import Deliverer
from hookconsole.delivery.lock import SenderLock, sender_note
from hookconsole.delivery.outbox import Outbox
from hookconsole.errors import BusyError
from hookconsole.journal.deliveries import WAITING, Delivery
from hookconsole.journal.records import Attempt
from hookconsole.journal.segments import Position
from hookconsole.journal.tail import Tail
from hookconsole.mishaps import on_loop_error
from hookconsole.network.transport import Transport
from hookconsole.operating.desk import Desk

Key = tuple[str, str]
"""Event id and endpoint."""

_GRACE_SECONDS = 20.0
"""Beyond an endpoint's timeout: for the sender's wake-up, its queue, and a stalled machine."""

_POLL_SECONDS = 0.02


def outcomes(desk: Desk, wanted: Iterable[Key], since: Position) -> dict[Key, Attempt | None]:
    """The next ended attempt of each delivery after `since`: the sender's, or made here if nobody sends.

    None where none came in time.
    """
    keys = set(wanted)
    if sender_note(desk.home.state) is None:
        lock = SenderLock(desk.home.state)
        try:
            lock.acquire("command")
        except BusyError:
            pass  # a sender has just started: it makes them
        else:
            try:
                return asyncio.run(_attempt_all(desk, keys))
            finally:
                lock.release()
    return asyncio.run(_await_all(desk, keys, since))


async def _attempt_all(desk: Desk, keys: set[Key]) -> dict[Key, Attempt | None]:
    asyncio.get_running_loop().set_exception_handler(on_loop_error)
    fold = desk.store.fold()
    outbox = Outbox(desk.appender, lambda _position, _length: None)
    transport = Transport()
    deliverer = Deliverer(fold, desk.store, outbox, transport)
    deliverer.use(desk.config)
    deliverer.interrupt()
    slots = asyncio.Semaphore(desk.config.concurrency)

    async def attempt(delivery: Delivery) -> Attempt:
        async with slots:
            deliverer.start([delivery])
            await outbox.settle()
            return await deliverer.attempt(delivery)

    found = [fold.delivery(*key) for key in sorted(keys)]
    due = [d for d in found if d is not None and d.state in WAITING]
    ended = await asyncio.gather(*(attempt(delivery) for delivery in due))
    await outbox.settle()
    await transport.aclose()
    return dict.fromkeys(keys) | {(a.event, a.endpoint): a for a in ended}


async def _await_all(desk: Desk, keys: set[Key], since: Position) -> dict[Key, Attempt | None]:
    loop = asyncio.get_running_loop()
    timeouts = [desk.config.endpoints[endpoint].policy.timeout_seconds for _, endpoint in keys]
    until = loop.time() + max(timeouts, default=0.0) + _GRACE_SECONDS
    found: dict[Key, Attempt | None] = dict.fromkeys(keys)
    tail = Tail(desk.store, since)
    while any(attempt is None for attempt in found.values()) and loop.time() < until:
        for _, record in tail.read():
            if isinstance(record, Attempt) and record.outcome != "interrupted":
                key = (record.event, record.endpoint)
                if key in keys:
                    found[key] = record
        await asyncio.sleep(_POLL_SECONDS)
    return found
