"""What can be done from the Deliveries view: retry, cancel, retry many, go on to pages."""

from pathlib import Path
from typing import Any

import pytest
from deliveries_open import driven, hub_of, list_of
from driving import screen_text, shows, until
from one_delivery import KEY, failed, hub_at, waiting
from sending import Site
from textual.pilot import Pilot
from watching_hub import HandHub, delivery

from hookconsole.console.app import ConsoleApp
from hookconsole.console.screens.deliveries import DeliveriesView
from hookconsole.console.screens.delivery import DeliveryView
from hookconsole.console.screens.endpoint import EndpointView
from hookconsole.console.screens.replays import ReplaysView
from hookconsole.journal import records as r
from hookconsole.observing.rows import row_of
from hookconsole.observing.values import SenderView


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return waiting(tmp_path)


def test_r_retries_the_cursors_delivery_at_once(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("r")
        await shows(pilot, "acme: sent again")

    driven(hub_at(site), scenario)
    assert [(one.event, one.endpoint) for one in site.records(r.Retry)] == [KEY]


def test_a_retry_that_is_refused_says_why(site: Site) -> None:
    site.save(acme="active = false")

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("r")
        await shows(pilot, "it is inactive")

    driven(hub_at(site), scenario)
    assert not site.records(r.Retry)


def test_a_retry_while_nobody_sends_says_so(site: Site) -> None:
    hub = hub_at(site)
    hub.set(sender=SenderView())

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("r")
        await shows(pilot, "acme: will be sent again")

    driven(hub, scenario)


def test_c_asks_and_cancels(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("c")
        await shows(pilot, "Cancel this delivery to acme?")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DeliveriesView))
        assert site.state(KEY.event) == "retrying"
        await pilot.press("c")
        await shows(pilot, "Cancel this delivery to acme?")
        await pilot.press("y")
        await shows(pilot, "acme: canceled")

    driven(hub_at(site), scenario)
    assert site.state(KEY.event) == "canceled"


def test_an_act_that_cant_be_done_is_said_and_nothing_ends() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        for key in ("r", "v", "d"):
            await pilot.press(key)
            await until(pilot, lambda: any("no event 'evt_0" in one.message for one in app._notifications))
            app.clear_notifications()
            await until(pilot, lambda: not app._notifications)

    driven(hub_of(3), scenario)


def test_an_empty_list_takes_every_key() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "no delivery yet" in screen_text(app)
        await pilot.press(*"rcyovdRmGgjk", "enter", "ctrl+d", "f")
        await pilot.pause()
        assert isinstance(app.screen, DeliveriesView)

    driven(HandHub(), scenario)


def hub_of_failed(site: Site) -> HandHub:
    hub = hub_at(site)
    entry = site.entry(KEY.event)
    assert entry is not None
    hub.rows = [row_of(entry, {"acme"}, running=True), delivery(5, "delivered")]
    return hub


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        (["m", "R"], "Retry 1 marked delivery"),
        (["F", "R"], "Retry what failed, was skipped or canceled of: state:failed"),
    ],
)
def test_many_are_retried_by_marks_or_by_the_filter(tmp_path: Path, keys: list[str], says: str) -> None:
    site = failed(tmp_path)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press(*keys)
        await shows(pilot, says)
        assert "status 503" in await shows(pilot, "1 delivery to send again")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReplaysView))

    driven(hub_of_failed(site), scenario)
    (items,) = site.records(r.ReplayItems)
    assert [(item.event, item.endpoint, item.attempts) for item in items.items] == [(*KEY, 1)]
    assert site.records(r.Replay)


def test_what_is_marked_and_cant_be_retried_is_counted(tmp_path: Path) -> None:
    hub = hub_of_failed(failed(tmp_path))
    hub.rows.append(delivery(4, "retrying"))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("m", "m", "m", "R")
        await shows(pilot, "Retry 3 marked deliveries")
        assert "1 delivery left out: not ended yet, or a test" in await shows(
            pilot, "2 deliveries to send again"
        )

    driven(hub, scenario)


def test_neither_marks_nor_a_filter_is_no_bulk_retry() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("R")
        await shows(pilot, "mark deliveries, or filter them")
        assert isinstance(app.screen, DeliveriesView)

    driven(hub_of(3), scenario)


def test_o_opens_the_endpoints_page() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, EndpointView))

    driven(hub_of(3), scenario)


def test_read_only_neither_retries_nor_cancels(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("r", "c", "R")
        await pilot.pause()
        assert isinstance(app.screen, DeliveriesView)
        assert "Retry" not in screen_text(app)

    before = len(site.places())
    driven(hub_at(site), scenario, read_only=True)
    assert len(site.places()) == before


def test_enter_opens_the_delivery_and_escape_comes_back_to_its_row(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DeliveryView))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DeliveriesView))
        assert list_of(app).cursor_key == KEY

    driven(hub_at(site), scenario)
