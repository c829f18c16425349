"""Attempts without a running sender: made by a command, under the sender's lock and by its means."""

import asyncio
import time
from collections.abc import Mapping

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


def outcomes(desk: Desk, wanted: Mapping[Key, int], since: Position) -> dict[Key, Attempt | None]:
    """The first attempt of each delivery with this number or a higher one that ended after `since`: the
    sender's, another command's, or made here if nobody sends. None where none came in time.
    """
    found: dict[Key, Attempt | None] = dict.fromkeys(wanted)
    note = sender_note(desk.home.state)
    if note is None or note.mode == "command":  # another command makes its own attempts, not these
        lock = SenderLock(desk.home.state)
        try:
            lock.acquire("command")
        except BusyError:
            pass  # a sender has just started: it makes them
        else:
            try:
                made = asyncio.run(_attempt_all(desk, wanted))
            finally:
                lock.release()
            # What another command has made meanwhile is in the journal.
            return _ended(Tail(desk.store, since), wanted, found) | made
    return _await_all(desk, wanted, since)


async def _attempt_all(desk: Desk, wanted: Mapping[Key, int]) -> dict[Key, Attempt]:
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

    found = [fold.delivery(*key) for key in sorted(wanted)]
    due = [d for d in found if d is not None and d.state in WAITING]
    ended = await asyncio.gather(*(attempt(delivery) for delivery in due))
    await outbox.settle()
    await transport.aclose()
    return {(a.event, a.endpoint): a for a in ended}


def _await_all(desk: Desk, wanted: Mapping[Key, int], since: Position) -> dict[Key, Attempt | None]:
    timeouts = [desk.config.endpoints[endpoint].policy.timeout_seconds for _, endpoint in wanted]
    until = time.monotonic() + max(timeouts, default=0.0) + _GRACE_SECONDS
    found: dict[Key, Attempt | None] = dict.fromkeys(wanted)
    tail = Tail(desk.store, since)
    while None in _ended(tail, wanted, found).values() and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
    return found


def _ended(
    tail: Tail, wanted: Mapping[Key, int], found: dict[Key, Attempt | None]
) -> dict[Key, Attempt | None]:
    """`found`, with what has ended by the tail's end."""
    while records := tail.read():
        for _, record in records:
            if isinstance(record, Attempt) and record.outcome != "interrupted":
                key = (record.event, record.endpoint)
                if key in wanted and record.attempt >= wanted[key] and found[key] is None:
                    found[key] = record
    return found
