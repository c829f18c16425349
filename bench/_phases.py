"""Where a delivery's microseconds go: the sender in the main thread, sampled by its own processor time.

A sample counts for the innermost frame that a rule names, so what a phase calls belongs to it.
"""

import asyncio
import signal
import time
from collections import Counter
from types import FrameType

from hookconsole.config.load import load
from hookconsole.config.watch import Watcher
from hookconsole.delivery.lock import SenderLock
from hookconsole.delivery.sender import Sender
from hookconsole.journal.records import Attempt
from hookconsole.network.transport import Transport
from hookconsole.paths import Home

_EVERY = 0.001

_RULES = (
    ("journal/store.py", "event_at", "read the event's record"),
    ("journal/tail.py", "", "read what others appended"),
    ("events/accept.py", "body", "build the body"),
    ("delivery/signing.py", "", "sign"),
    ("delivery/attempt.py", "_kept", "keep the response"),
    ("delivery/attempt.py", "request_for", "build the request"),
    ("delivery/attempt.py", "perform", "deliverer: the rest"),
    ("network/message.py", "wire", "build the request"),
    ("network/response.py", "", "parse"),
    ("network/connection.py", "exchange", "transport: write"),
    ("network/", "", "transport: the rest"),
    ("httpx/_models.py", "", "httpx's types"),
    ("httpx/", "", "httpx's types"),
    ("journal/fold.py", "", "fold"),
    ("journal/totals.py", "", "fold"),
    ("journal/deliveries.py", "", "fold"),
    ("journal/records.py", "to_line", "encode"),
    ("delivery/deliverer.py", "_ended", "make the attempt's record"),
    ("delivery/deliverer.py", "start", "make the start's record"),
    ("delivery/deliverer.py", "", "deliverer: the rest"),
    ("delivery/outbox.py", "", "append and sync"),
    ("journal/segments.py", "", "append and sync"),
    ("delivery/lanes.py", "", "lanes"),
    ("delivery/dispatch.py", "_take_in", "take in"),
    ("delivery/dispatch.py", "", "sender: the rest"),
    ("delivery/reporting.py", "", "sender: the rest"),
    ("delivery/sender.py", "", "sender: the rest"),
    ("selectors.py", "", "loop: poll"),
    ("asyncio/selector_events.py", "_read_ready", "loop: read from sockets"),
    ("asyncio/selector_events.py", "write", "transport: write"),
    ("asyncio/", "", "loop: the rest"),
)


def _phase(frame: FrameType | None) -> tuple[str, str]:
    while frame is not None:
        code = frame.f_code
        for file, function, phase in _RULES:
            if file in code.co_filename and code.co_name.startswith(function):
                return phase, f"{code.co_filename.rpartition('/')[2]}:{frame.f_lineno} {code.co_name}"
        frame = frame.f_back
    return "elsewhere", ""


def profile(home: Home, count: int, what: str) -> None:
    """Deliver `count` waiting deliveries here, and print what they took by phase."""
    phases: Counter[str] = Counter()
    places: Counter[str] = Counter()

    def sample(_signum: int, frame: FrameType | None) -> None:
        phase, place = _phase(frame)
        phases[phase] += 1
        places[place] += 1

    before, cpu = time.thread_time(), time.process_time()
    signal.signal(signal.SIGPROF, sample)
    try:
        asyncio.run(_deliver(home, count))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    total = time.thread_time() - before
    others = time.process_time() - cpu - total
    samples = phases.total()
    print(f"{what}: {total / count * 1e6:.0f} us of the loop's thread for a delivery, by {samples} samples;")
    print(f"  {others / count * 1e6:.1f} us of other threads, which sync")
    for phase, number in phases.most_common():
        print(f"  {number / samples * total / count * 1e6:6.1f} us  {number / samples:4.0%}  {phase}")
    print("  the lines that took most:")
    for place, number in places.most_common(25):
        print(f"  {number / samples * total / count * 1e6:6.1f} us  {place}")


async def _deliver(home: Home, count: int) -> None:
    lock = SenderLock(home.state)
    lock.acquire("daemon")
    stop = asyncio.Event()
    left = count

    def ended(_: Attempt) -> None:
        nonlocal left
        left -= 1
        if not left:
            signal.setitimer(signal.ITIMER_PROF, 0)
            stop.set()

    sender = Sender(home, lock, Watcher(home.config, home.config.read_bytes()), Transport())
    sender.reporter.on_attempt = ended
    await sender.run(
        load(home.config), stop, lambda: signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY) and None
    )
    lock.release()
