"""How an onlooker's thread rests."""

import pytest

from hookconsole.observing import pace
from hookconsole.observing.pace import SLICE_SECONDS, EndedError, Pace


class Clock:
    """A clock that a test moves, and that notes for how long somebody slept."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ticks = 0.0
        self.slept: list[float] = []
        patch.setattr(pace, "time", self)

    def monotonic(self) -> float:
        return self.ticks

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.ticks += seconds


def test_it_rests_in_proportion_to_what_it_worked_and_not_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    one = Pace()
    one.share = 3.0
    clock.ticks += SLICE_SECONDS / 2
    one.rest()
    assert clock.slept == []
    clock.ticks += SLICE_SECONDS
    one.rest()
    assert clock.slept == [round(SLICE_SECONDS * 4.5, 6)]
    one.rest()
    assert len(clock.slept) == 1
    clock.ticks += 10.0
    one.rest()
    assert clock.slept[1] == 0.05, "no piece of work is paid for twice"


def test_a_rest_of_another_kind_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    one = Pace()
    clock.ticks += 10.0
    one.begin()
    one.rest()
    assert clock.slept == []


def test_it_ends_at_the_next_rest() -> None:
    one = Pace()
    one.rest()
    one.end()
    with pytest.raises(EndedError):
        one.rest()
