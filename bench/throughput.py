"""Accepted and durable to attempt recorded: one sender against a bare asyncio-streams loop.

Both send the same bytes with 64 in flight to the same nginx on loopback, in turns; the ratio of the two is
the figure. `waiting`: all events are accepted before the sender starts, the clock runs from its `ready`.
`live`: the sender runs, the clock runs from the first acceptance; emitting takes its share of the machine.
"""

import argparse
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx
import msgspec
from _common import (
    DATA,
    TYPE,
    AttemptCounter,
    Daemon,
    Verdicts,
    emit,
    nginx,
    spread,
    temporary_home,
    write_config,
)
from _phases import profile

from hookconsole.config.load import load
from hookconsole.delivery.signing import signature_headers
from hookconsole.delivery.target import Target
from hookconsole.events.accept import body
from hookconsole.ids import new_event_id
from hookconsole.network.transport import wire_bytes
from hookconsole.paths import Home

IN_FLIGHT = 64
TARGET = 0.25
AIM = 0.40


class Rate(NamedTuple):
    """Requests a second, and processor time of the client for each, in microseconds."""

    per_second: float
    cpu_us: float


def requests(home: Home, count: int) -> list[bytes]:
    """`count` requests as the sender would send them, signatures and all, one endpoint after the other."""
    config = load(home.config)
    targets = [Target(endpoint, config) for endpoint in config.endpoints.values()]
    data = msgspec.json.encode(DATA)
    made = []
    for number in range(count):
        target, event = targets[number % len(targets)], new_event_id()
        content = body(event, TYPE, "2026-04-15T14:32:00Z", data)
        headers = [
            *target.head.raw_headers,
            (b"Content-Length", b"%d" % len(content)),
            *signature_headers(target.keys(0), target.signing_header, True, event, 1776263520, content),
        ]
        made.append(wire_bytes(httpx.Request("POST", target.url, headers=headers, content=content)))
    return made


def bare(port: int, wires: Path, count: int) -> Rate:
    """The limit, measured by a fresh process."""
    script = Path(__file__).with_name("_bare.py")
    command = [sys.executable, str(script), str(port), str(count), str(IN_FLIGHT), str(wires)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, cpu = map(float, told.split())
    return Rate(count / seconds, cpu / count * 1e6)


def sender(urls: dict[str, str], events: int, *, live: bool) -> Rate:
    """The daemon's rate over `events` events for all of `urls`."""
    with temporary_home() as home:
        settings(home, urls)
        if not live:
            emit(home, events)
        with Daemon(home) as daemon:
            cpu, began = daemon.cpu_seconds(), daemon.ready_at
            if live:
                time.sleep(0.3)
                cpu, began = daemon.cpu_seconds(), time.monotonic()
                emit(home, events)
            count = events * len(urls)
            ended = AttemptCounter(home.journal).wait(count, 300)
            return Rate(count / (ended - began), (daemon.cpu_seconds() - cpu) / count * 1e6)


def settings(home: Home, urls: dict[str, str]) -> None:
    """64 in flight, all of them to one endpoint where there is but one."""
    write_config(home, urls, concurrency=IN_FLIGHT, endpoint_concurrency=IN_FLIGHT if len(urls) == 1 else 8)


def compare(
    what: str, verdicts: Verdicts, pairs: int, base: Callable[[], Rate], ours: Callable[[], Rate]
) -> None:
    """Both in turns; the median of the pairs' ratios is judged."""
    ratios, by_cpu = [], []
    for _ in range(pairs):
        limit, rate = base(), ours()
        ratios.append(rate.per_second / limit.per_second)
        by_cpu.append(limit.cpu_us / rate.cpu_us)
        print(
            f"  {what}: bare {limit.per_second:,.0f}/s, {limit.cpu_us:.0f} us of processor each;"
            f" sender {rate.per_second:,.0f}/s, {rate.cpu_us:.0f} us; ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"  {what}: ratio {spread(ratios)}, by processor time {spread(by_cpu)}; the aim is {AIM}")
    verdicts.at_least(f"throughput, {what}", median(ratios), TARGET)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50_000, help="deliveries of a round")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of each")
    parser.add_argument("--profile", action="store_true", help="say where a delivery's microseconds go")
    args = parser.parse_args()
    verdicts = Verdicts()
    with nginx() as port:
        for endpoints in (1, 100):
            urls = {f"e{number}": f"http://127.0.0.1:{port}/e{number}" for number in range(endpoints)}
            events = args.count // endpoints
            with temporary_home() as home:
                settings(home, urls)
                if args.profile:
                    emit(home, events)
                    profile(home, events * endpoints, f"{endpoints} endpoint(s)")
                    continue
                wires = home.state / "requests"
                wires.write_bytes(pickle.dumps(requests(home, IN_FLIGHT)))
                base = partial(bare, port, wires, args.count)
                for live in (False, True):
                    what = f"{endpoints} endpoint(s), {'live' if live else 'waiting'}"
                    compare(what, verdicts, args.pairs, base, partial(sender, urls, events, live=live))
    verdicts.exit()


if __name__ == "__main__":
    main()
