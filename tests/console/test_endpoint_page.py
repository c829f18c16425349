"""The page of one endpoint by its keys: why it fails, its settings, its log."""

import contextlib
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from driving import drive, screen_text, shows, until
from msgspec.structs import replace
from one_delivery import KEY, waiting
from sending import Site
from textual.pilot import Pilot
from textual.worker import WorkerFailed
from watching_hub import NOW, HandHub, delivery, endpoint

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.screens.delivery import DeliveryView
from hookconsole.console.screens.endpoint import EndpointView
from hookconsole.console.screens.overview import OverviewView
from hookconsole.console.widgets.rowlist import RowList
from hookconsole.journal.records import Retry
from hookconsole.observing import standing


def hub_at(folder: Path, body: bytes = b"out of paper") -> HandHub:
    """Over a real config and journal: `acme` answered 503, with that body."""
    site = waiting(folder, httpx.Response(503, content=body))
    hub = HandHub(site.home)
    failing = endpoint(
        "acme", "failing", cause="status 503", last_status=503, waiting=1, overdue_since=NOW - 90
    )
    hub.set(endpoints={"acme": failing, "bolt": endpoint("bolt")})
    hub.rows = [delivery(number, "retrying", status=503, endpoint="acme") for number in range(40)]
    return hub


def driven(hub: HandHub, scenario: Any, size: tuple[int, int] = (80, 24)) -> None:
    app = ConsoleApp(hub, Console())

    async def opened(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.screen.query_one(RowList).cursor_key == "acme")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, EndpointView))
        await scenario(pilot, app)

    drive(app, opened, size)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40), (200, 60)])
def test_why_the_worst_fails_takes_a_key_from_the_overview(tmp_path: Path, size: tuple[int, int]) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "│ out of paper")
        screen = screen_text(app)
        assert "acme  ✗ failing" in screen
        assert "✗ status 503" in screen
        assert "attempt 1 of evt_1" in screen
        assert "Its deliveries" in screen
        await until(pilot, lambda: "↻ retrying" in screen_text(app))

    driven(hub_at(tmp_path), scenario, size)


def test_settings_are_shown_without_what_is_private(tmp_path: Path) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        screen = await shows(pilot, "X-Tenant: ***")
        assert "https://acme.example/hooks?***" in screen
        assert "Last 7 days" in screen
        assert "canary" not in screen

    driven(hub_at(tmp_path), scenario, (120, 40))


def test_its_log_leads_to_a_delivery_and_escape_leads_back(tmp_path: Path) -> None:
    hub = hub_at(tmp_path)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        rows = app.screen.query_one(RowList)
        await until(pilot, lambda: len(rows.rows) == 40)
        assert hub.queries == ["endpoint:acme"]
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(app.screen, DeliveryView))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, EndpointView))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, OverviewView))

    driven(hub, scenario)


def test_r_sends_the_cursors_delivery_again_where_it_stands(tmp_path: Path) -> None:
    hub = hub_at(tmp_path)
    hub.rows = [replace(delivery(0, "retrying", endpoint="acme"), event=KEY.event)]

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await until(pilot, lambda: app.screen.query_one(RowList).cursor_key == KEY)
        await pilot.press("r")
        await shows(pilot, "acme: sent again")

    driven(hub, scenario)
    assert [(one.event, one.endpoint) for one in Site(tmp_path).records(Retry)] == [KEY]


def test_what_happens_to_it_comes_on_top_of_its_log(tmp_path: Path) -> None:
    hub = hub_at(tmp_path)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        rows = app.screen.query_one(RowList)
        await until(pilot, lambda: len(rows.rows) == 40)
        newer = delivery(-1, endpoint="acme")
        hub.put(newer, delivery(-2, endpoint="bolt"))
        await until(pilot, lambda: len(rows.rows) == 41)
        assert rows.cursor_key == newer.key

    driven(hub, scenario)


def test_a_newer_failure_is_read_but_not_at_every_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = hub_at(tmp_path)
    reads: list[str] = []
    read = standing.newest_failure

    def counted(desk: Any, name: str) -> Any:
        reads.append(name)
        return read(desk, name)

    monkeypatch.setattr(standing, "newest_failure", counted)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "│ out of paper")
        assert isinstance(app.screen, EndpointView)
        for number in range(20):
            hub.set(endpoints={"acme": endpoint("acme", "failing", cause="timeout", last_at=NOW + number)})
            app.look()
        assert len(reads) == 1
        await shows(pilot, "✗ timeout")
        await until(pilot, lambda: len(reads) == 2)

    driven(hub, scenario)


def test_an_endpoint_that_is_gone_has_a_page_too(tmp_path: Path) -> None:
    hub = hub_at(tmp_path)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "Its deliveries")
        hub.set(endpoints={})
        await shows(pilot, "acme  ? there is no such endpoint any more")

    driven(hub, scenario)


def test_text_from_a_receiver_is_shown_as_text(tmp_path: Path) -> None:
    hub = hub_at(tmp_path, b"\x1b[2J\x07[@click=app.quit]x[/]")

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        screen = await shows(pilot, "\\x1b[2J\\x07[@click=app.quit]x[/]")
        assert "\x1b" not in screen

    driven(hub, scenario)


def test_what_is_read_for_a_page_that_is_closed_meanwhile_ends_no_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, late = threading.Event(), []
    latency = standing.latency

    def waits(*given: Any) -> Any:
        assert gone.wait(60)
        late.append(given)
        return latency(*given)

    async def comes_apart(self: EndpointView) -> None:
        gone.set()
        for worker in list(self.app.workers):
            with contextlib.suppress(WorkerFailed):
                await worker.wait()

    monkeypatch.setattr(standing, "latency", waits)
    monkeypatch.setattr(EndpointView, "on_unmount", comes_apart, raising=False)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("escape")
        await until(pilot, lambda: late and isinstance(app.screen, OverviewView))
        await pilot.press("2")
        await until(pilot, lambda: app.current_mode == "endpoints")
        assert app.crash is None

    driven(hub_at(tmp_path), scenario)
