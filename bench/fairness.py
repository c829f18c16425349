"""An endpoint can't slow another: what dead and hanging ones cost in memory, and the others in latency.

Memory: a daemon with 100,000 deliveries waiting for a dead endpoint, against itself when it was idle, and
started with them. Latency: five healthy endpoints, alone and beside twenty that never answer, each with 1,000
waiting, and a dead one with 100,000; `emit` returning to hit, in turns.
"""

import argparse
import time
from statistics import median

from _common import (
    Daemon,
    Verdicts,
    emit,
    free_port,
    receiver,
    share,
    spread,
    temporary_home,
    write_config,
)
from _latency import emit_steadily, latencies

from hookconsole.journal.store import Store
from hookconsole.paths import Home

MEMORY_TARGET = 50.0
LATENCY_TARGET = 2.0
HEALTHY, HANGING = 5, 20
DEAD_TYPE, HANGING_TYPE = "invoice.sent", "invoice.overdue"


def wait_until_taken_in(home: Home) -> None:
    """Return when the sender has taken in every event."""
    while Store(home.journal).fold().untaken:
        time.sleep(1)


def memory(verdicts: Verdicts, waiting: int) -> None:
    """100,000 waiting, over idle."""
    with temporary_home() as home:
        write_config(home, {"dead": f"http://127.0.0.1:{free_port()}/"})
        with Daemon(home) as daemon:
            time.sleep(2)
            idle = daemon.memory()
            emit(home, waiting, DEAD_TYPE)
            wait_until_taken_in(home)
            time.sleep(3)
            live = daemon.memory() - idle
        with Daemon(home) as daemon:
            time.sleep(5)
            started = daemon.memory() - idle
    print(f"  memory: idle {idle / 1e6:.0f} MB; {waiting:,} waiting cost {live / 1e6:.0f} MB,")
    print(f"  and {started / 1e6:.0f} MB when it starts with them")
    verdicts.at_most("fairness, memory over idle", max(live, started) / 1e6, MEMORY_TARGET, " MB")


def p99(waiting: int, rate: float, seconds: float, *, burdened: bool) -> float:
    """The healthy endpoints' p99 in milliseconds."""
    with temporary_home() as home:
        hits = home.state / "hits"
        with receiver("_receiver.py", str(hits)) as port, receiver("_receiver.py") as hanging:
            urls = {f"healthy-{number}": f"http://127.0.0.1:{port}/" for number in range(HEALTHY)}
            types = dict.fromkeys(urls, "invoice.paid")
            if burdened:
                for number in range(HANGING):
                    urls[f"hanging-{number}"] = f"http://127.0.0.1:{hanging}/hang"
                    types[f"hanging-{number}"] = HANGING_TYPE
                urls["dead"], types["dead"] = f"http://127.0.0.1:{free_port()}/", DEAD_TYPE
            write_config(home, urls, types=types)
            with Daemon(home):
                if burdened:
                    emit(home, 1000, HANGING_TYPE)
                    emit(home, waiting, DEAD_TYPE)
                    wait_until_taken_in(home)
                time.sleep(3)
                returned = emit_steadily(home, rate, seconds)
                time.sleep(3)
        found = latencies(returned, hits)
    if len(found) != HEALTHY * len(returned):
        raise RuntimeError(f"{len(found)} hits for {len(returned)} events at {HEALTHY} endpoints")
    print(
        f"  latency {'beside the others' if burdened else 'alone'}: p50 {share(found, 0.5):.1f} ms,"
        f" p99 {share(found, 0.99):.1f} ms, most {max(found):.1f} ms",
        flush=True,
    )
    return share(found, 0.99)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=100_000, help="deliveries for the dead endpoint")
    parser.add_argument("--rate", type=float, default=50.0, help="events a second for the healthy ones")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long")
    parser.add_argument("--pairs", type=int, default=3, help="runs of each")
    args = parser.parse_args()
    verdicts = Verdicts()
    memory(verdicts, args.waiting)
    ratios = []
    for _ in range(args.pairs):
        alone = p99(args.waiting, args.rate, args.seconds, burdened=False)
        ratios.append(p99(args.waiting, args.rate, args.seconds, burdened=True) / alone)
    print(f"  latency: ratio {spread(ratios)}")
    verdicts.at_most("fairness, p99 beside dead and hanging ones to alone", median(ratios), LATENCY_TARGET)
    verdicts.exit()


if __name__ == "__main__":
    main()
