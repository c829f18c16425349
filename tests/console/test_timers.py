"""Timers that fire once, in a process that is put aside as they start."""

import asyncio
import time
from collections import Counter
from types import SimpleNamespace

import pytest
import textual.timer
from driving import drive, until
from textual.pilot import Pilot
from watching_hub import HandHub

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp


class PutAside:
    """A clock by which minutes pass between any two looks of some timers at it."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self.looks = Counter[str]()

    def get_time(self) -> float:
        task = asyncio.current_task()
        name = task.get_name() if task else ""
        self.looks[name] += name in self._names
        return time.monotonic() + 60 * self.looks[name]


def test_a_timer_that_is_late_from_the_start_fires_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fired: list[str] = []

    async def scenario(pilot: Pilot[int]) -> None:
        clock = PutAside("late")
        monkeypatch.setattr(textual.timer, "_time", SimpleNamespace(get_time=clock.get_time))
        pilot.app.set_timer(0.01, lambda: fired.append("late"), name="late")
        pilot.app.set_timer(0.05, lambda: fired.append("in time"))
        await until(pilot, lambda: "in time" in fired)
        assert clock.looks["late"] > 1

    drive(ConsoleApp(HandHub(), Console()), scenario)
    assert fired == ["late", "in time"]


def test_a_view_that_is_changed_meanwhile_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        clock = PutAside("delay_update")
        monkeypatch.setattr(textual.timer, "_time", SimpleNamespace(get_time=clock.get_time))
        for key in "2343":
            await pilot.press(key)
        await until(pilot, lambda: clock.looks["delay_update"] > 1)
        await until(pilot, lambda: pilot.app._batch_count == 0, "nothing is drawn any more")

    drive(ConsoleApp(HandHub(), Console()), scenario)
