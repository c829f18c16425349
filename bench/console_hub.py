"""What a console's view of the journal costs while it grows: processor time for a delivery, lag, memory.

Another process puts down what a sender writes for each delivery, at a rate, to 100 endpoints. Changes are
asked for five times a second, as a console asks.
"""

import argparse
import gc
import os
import time
from collections import deque
from multiprocessing import get_context

import msgspec
from _common import DATA, TYPE, Verdicts, memory, temporary_home, write_config

from hookconsole.clock import rfc3339
from hookconsole.ids import new_event_id
from hookconsole.journal import records as r
from hookconsole.journal.segments import Appender
from hookconsole.journal.store import Store
from hookconsole.observing.watch import JournalHub
from hookconsole.paths import Home

ENDPOINTS = [f"e{number:02d}" for number in range(100)]
BATCH_SECONDS = 0.01


def write(state: str, rate: int, count: int) -> None:
    """Append `count` deliveries at `rate` a second, in batches as the sender's cycles make them."""
    appender = Appender(Home("", state).journal)
    data = msgspec.Raw(msgspec.json.encode(DATA))
    response = r.Response(headers={"content-length": "2", "server": "nginx"}, body="ok", truncated=False)
    batch = max(int(rate * BATCH_SECONDS), 1)
    began = time.monotonic()
    for done in range(0, count, batch):
        at = rfc3339(time.time())
        names = [(new_event_id(), ENDPOINTS[number % 100]) for number in range(done, done + batch)]
        taken, started, lines = [], [], []
        for event, endpoint in names:
            accepted = r.Event(at, event=event, type=TYPE, created_at=at[:19] + "Z", data=data, source="api")
            place = appender.append(r.to_line(accepted))
            taken.append(r.Taken(event=event, **place._asdict(), to=[endpoint]))
            started.append(r.Started(event=event, endpoint=endpoint, attempt=1))
        lines += [r.to_line(r.Intake(at, events=taken)), r.to_line(r.Start(at, attempts=started))]
        for event, endpoint in names:
            attempt = r.Attempt(
                at, event=event, endpoint=endpoint, attempt=1, trigger="event", outcome="delivered",
                status=200, error=None, error_detail=None, duration_ms=12.5,
                timings_ms={"first_byte": 12.0}, remote="203.0.113.7:443", next_attempt_at=None,
                response=response,
            )  # fmt: skip
            lines.append(r.to_line(attempt))
        appender.append(b"".join(lines))
        time.sleep(max(began + (done + batch) / rate - time.monotonic(), 0.0))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000, help="deliveries")
    parser.add_argument("--rate", type=int, default=10_000, help="of them a second")
    args = parser.parse_args()
    verdicts = Verdicts()
    with temporary_home() as home:
        write_config(
            home,
            {name: f"http://127.0.0.1:9/{name}" for name in ENDPOINTS},
            types=dict.fromkeys(ENDPOINTS[1:], "payroll.*"),  # who gets an event, intakes say
        )
        hub = JournalHub(home)
        while not hub.snapshot().version:
            time.sleep(0.01)
        gc.set_threshold(10_000, 20, 20)  # as where a sender runs
        cpu = time.process_time()
        writer = get_context("spawn").Process(
            target=write, args=(home.state_name, args.rate, args.count), daemon=True
        )
        writer.start()
        number, seen, sizes = hub.changes(0)[0], 0, deque([memory(os.getpid())])
        ended = 0.0
        while seen < args.count:
            time.sleep(0.2)
            ended = ended or (0.0 if writer.is_alive() else time.monotonic())
            number, rows = hub.changes(number)
            snapshot = hub.snapshot()
            seen = sum(row.delivered for row in snapshot.endpoints.values())
            sizes.append(memory(os.getpid()))
            assert rows is None or len({row.key for row in rows}) == len(rows)
        lag = max(time.monotonic() - ended, 0.0) if ended else 0.0
        cpu = time.process_time() - cpu
        hub.close()
        base = time.process_time()
        Store(home.journal).fold()
        base = time.process_time() - base
    half = len(sizes) // 2
    growth = max(list(sizes)[half:]) / max(list(sizes)[:half])
    print(
        f"  {args.count:,} deliveries; {cpu / args.count * 1e6:.0f} us of processor each, of which folding is"
        f" {base / args.count * 1e6:.0f} us; {max(sizes) / 1e6:.0f} MB at most, {lag:.1f} s behind at the end"
    )
    verdicts.at_most("processor time, times that of folding", cpu / base, 4)
    verdicts.at_most("memory, second half to first", growth, 1.2)
    verdicts.exit()


if __name__ == "__main__":
    main()
