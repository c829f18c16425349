"""A journal on disk, looked at from outside: its lines, its disk's failures, other processes that write."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from hookconsole.delivery import upkeep
from hookconsole.journal import records as r
from hookconsole.journal import segments, trimming
from hookconsole.journal.line import is_sound
from hookconsole.journal.segments import Appender, Position, segment_numbers, segment_path
from hookconsole.journal.store import Store
from support import T0, attempt, event, intake, start

PATIENCE_SECONDS = 60.0


class Journal:
    """One journal folder, with an appender and a reader of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.appender = Appender(folder)

    def put(self, *records: r.AnyRecord) -> list[Position]:
        """Append records one by one; where they stand."""
        return [self.appender.append(r.to_line(record)) for record in records]

    @property
    def numbers(self) -> list[int]:
        return segment_numbers(str(self.folder))

    def path(self, number: int) -> Path:
        return Path(segment_path(str(self.folder), number))

    def raw(self, number: int = 1) -> bytes:
        return self.path(number).read_bytes()

    def add_raw(self, raw: bytes, number: int = 1) -> None:
        """What another program, or a torn write, put there."""
        with self.path(number).open("ab") as file:
            file.write(raw)

    def sound(self) -> list[bytes]:
        """The sound lines of all segments, without their newline, headers left out."""
        lines = [line for number in self.numbers for line in self.raw(number).split(b"\n")[:-1]]
        return [line for line in lines if is_sound(line) and not line.startswith(b'{"kind":"segment"')]

    def events(self) -> list[str]:
        """The events in the order of their records."""
        store = Store(self.folder)
        found = [record for _, record, _ in store.forward(Position(0, 0))]
        store.close()
        return [record.event for record in found if isinstance(record, r.Event)]


class Clock:
    """Both clocks, for the modules that ask them; `jump` moves the wall's alone."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wall, self.ticks = T0, 1000.0
        for module in (segments, trimming, upkeep):
            patch.setattr(module, "time", self)

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks

    def pass_time(self, seconds: float) -> None:
        self.wall += seconds
        self.ticks += seconds

    def jump(self, seconds: float) -> None:
        self.wall += seconds


def held(journal: Journal, name: str, endpoint: str = "gone") -> Position:
    """A delivery that waits, and its event's place."""
    (place,) = journal.put(event(name, data=Raw(b'{"total":2500.00}')))
    journal.put(
        intake(name, endpoint, place=place),
        start(name, endpoint),
        attempt(name, endpoint, "retrying", wait=1.0),
    )
    return place


def segments_of_days(journal: Journal, clock: Clock, days: int) -> None:
    """A segment a day with an event each; the newest was opened now."""
    for number in range(days):
        journal.put(event(f"evt_{number}", clock.wall - T0))
        clock.pass_time(86400.0)
        journal.appender.rotate()


def failing(
    patch: pytest.MonkeyPatch, name: str, number: int = errno.EIO, times: int = 1, *, owner: Any = os
) -> list[int]:
    """Have a function fail so many times; the list says how often it was called."""
    calls: list[int] = []

    def fail(*_: Any, **__: Any) -> None:
        calls.append(len(calls))
        if len(calls) <= times:
            raise OSError(number, os.strerror(number))

    watched(patch, name, fail, owner=owner)
    return calls


def watched(patch: pytest.MonkeyPatch, name: str, seen: Callable[..., None], *, owner: Any = os) -> None:
    """Have `seen` called with a function's arguments before the function itself."""
    real: Callable[..., Any] = getattr(owner, name)

    def act(*args: Any, **options: Any) -> Any:
        seen(*args, **options)
        return real(*args, **options)

    patch.setattr(owner, name, act)


def python(script: str, *args: object) -> "subprocess.Popen[str]":
    """Another process that runs a script."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition: Callable[[], bool], what: str = "it didn't come true") -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)
