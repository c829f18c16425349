"""Making requests ready: apart from sending them, each event read once, and nothing that fails is lost."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sending import Site, run, settled, until
from writing import watched

from hookconsole.delivery import attempt
from hookconsole.journal import records as r
from hookconsole.journal.store import Store


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


def test_what_starts_together_is_made_ready_before_any_of_it_leaves(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    watched(monkeypatch, "event_at", lambda *_: seen.append("ready"), owner=Store)
    site.receivers.before = lambda _: seen.append("left")

    async def scenario() -> None:
        for number in range(3):
            site.emit(f"evt_{number}")
        async with site.sending():
            await until(lambda: len(site.receivers.requests) == 3)

    run(scenario)
    assert seen == ["ready"] * 3 + ["left"] * 3


def test_an_event_for_many_is_read_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.save(acme="", beta="", core="")
    read: list[object] = []
    watched(monkeypatch, "event_at", lambda *place: read.append(place), owner=Store)

    async def scenario() -> None:
        site.emit("evt_1")
        async with site.sending():
            await until(lambda: len(site.receivers.requests) == 3)

    run(scenario)
    assert len(read) == 1
    assert len({request.body for request in site.receivers.requests}) == 1


def test_a_request_that_cant_be_made_is_an_attempt_that_failed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise httpx.LocalProtocolError("a request header has a line end or a NUL: remove it")

    async def scenario() -> None:
        async with site.sending():
            with monkeypatch.context() as broken:
                broken.setattr(attempt, "signature_headers", fail)
                site.emit("evt_1")
                await until(lambda: site.records(r.Attempt))
            await settled(site, "evt_1")

    run(scenario)
    first, *_, last = site.attempts("evt_1")
    assert (first.outcome, first.error) == ("retrying", "protocol")
    assert last.outcome == "delivered"


def test_what_nobody_foresaw_ends_the_sender_and_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    watched(monkeypatch, "event_at", fail, owner=Store)

    async def scenario() -> None:
        site.emit("evt_1")
        async with site.sending() as running:
            await until(running.task.done)

    with pytest.raises(ZeroDivisionError):
        run(scenario)
