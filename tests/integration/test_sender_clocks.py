"""The sender under clocks that jump: a suspended machine, a year ahead, a day behind. Nothing fails by it."""

import time
from pathlib import Path

import pytest
from sending import Site, run, settled, until

from hookconsole.journal import records as r

DAY = 86400.0


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.settings = "[delivery]\nretry_schedule = [0.3, 0.3]\n"
    made.save(acme="", beta="")
    return made


class Wall:
    """The wall's clock, which is `ahead` of the true one. The one that only counts goes on evenly."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        real = time.time
        patch.setattr(time, "time", lambda: real() + self.ahead)


@pytest.mark.parametrize("jump", [600.0, 365 * DAY, -DAY])
def test_a_jump_with_retries_waiting_and_attempts_in_flight_fails_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    """As a machine that slept for ten minutes: its own clock stood, the world's went on."""
    wall = Wall(monkeypatch)
    waiting = [f"waiting_{number}" for number in range(20)]
    flying = [f"flying_{number}" for number in range(5)]
    site.receivers.answer("acme.example", *[503] * 20, 200)

    async def scenario() -> None:
        async with site.sending():
            gate = site.receivers.hang("beta.example")
            for name in (*waiting, *flying):
                site.emit(name)
            await until(lambda: len(site.records(r.Attempt)) >= 20)
            wall.ahead = jump
            gate.set()
            site.emit("later")
            names = (*waiting, *flying, "later")
            for endpoint in ("acme", "beta"):
                await settled(site, *names, endpoint=endpoint)
            wall.ahead = 0.0
            site.emit("last")
            await settled(site, "last")
            assert {site.state(name, "beta") for name in names} == {"delivered"}
        for name in (*waiting, *flying, "later", "last"):
            assert site.state(name) == "delivered"

    run(scenario)
    outcomes = [a.outcome for a in site.records(r.Attempt)]
    assert outcomes.count("retrying") == 20, "the jump failed an attempt"
    assert outcomes.count("failed") == 0
    assert set(site.receivers.got("beta.example")) >= {*waiting, *flying, "later"}


def test_a_sender_that_starts_with_a_clock_that_jumped_delivers_all(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = Wall(monkeypatch)

    async def scenario() -> None:
        for number, ahead in enumerate((0.0, 365 * DAY, -DAY, 0.0)):
            wall.ahead = ahead
            site.emit(f"evt_{number}")
            async with site.sending():
                await settled(site, f"evt_{number}")

    run(scenario)
    assert site.receivers.got("acme.example") == [f"evt_{number}" for number in range(4)]
    assert len(site.records(r.Event)) == 4, "a jump has trimmed"
