"""The filter of the Deliveries view."""

from typing import Any

import pytest
from deliveries_open import driven, fresh, hub_of, list_of, title
from driving import drive, screen_text, shows, until
from textual.pilot import Pilot
from watching_hub import HandSearch, delivery

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.dialogs.field import CHARACTERS_AT_MOST, OneLine
from hookconsole.console.screens.deliveries import DeliveriesView
from hookconsole.console.widgets import rowlist
from hookconsole.errors import InputError


def test_a_filter_is_typed_applied_shown_and_cleared() -> None:
    hub = hub_of(5)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash")
        await shows(pilot, "invoice.*")
        await pilot.press(*"state:failed", "space", *"qFW", "enter")
        await shows(pilot, "filter state:failed qFW")
        assert hub.queries[-1] == "state:failed qFW"
        assert list_of(app).has_focus
        await pilot.press("escape")
        await until(pilot, lambda: "filter" not in title(app))
        assert hub.queries[-1] == ""
        assert app.is_running
        assert not app.frozen

    driven(hub, scenario)


def test_a_filter_that_isnt_understood_is_refused_where_it_is_typed() -> None:
    hub = hub_of(5)
    search = hub.search

    def refusing(query: str) -> HandSearch:
        if "endpoint:" in query:
            raise InputError("no endpoint 'amce'; did you mean acme? \x1b[31m")
        return search(query)

    hub.search = refusing  # type: ignore[method-assign]

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash", *"acme", "enter")
        await shows(pilot, "filter acme")
        await pilot.press("slash", *"endpoint:amce", "enter")
        shown = await shows(pilot, "did you mean acme? \\x1b[31m")
        assert "acme endpoint:amce" in shown
        assert "filter acme" in title(app)
        await pilot.press("escape")
        await until(pilot, lambda: "endpoint:amce" not in screen_text(app))
        assert "filter acme" in title(app)
        assert list_of(app).has_focus

    driven(hub, scenario)


def test_only_failed_and_only_waiting_are_a_key_each_and_back() -> None:
    hub = hub_of(5)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash", *"acme", "enter")
        for key, query in (
            ("F", "acme state:failed"),
            ("F", "acme"),
            ("W", "acme state:waiting"),
            ("F", "acme state:failed"),
            ("F", "acme"),
        ):
            await pilot.press(key)
            await until(pilot, lambda: hub.queries[-1] == query)  # noqa: B023

    driven(hub, scenario)


def test_live_rows_go_through_the_filter_and_one_that_is_shown_stays() -> None:
    hub = hub_of(3, state="failed", status=503)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("F")
        await until(pilot, lambda: hub.queries[-1] == "state:failed" and len(list_of(app).rows) == 3)
        hub.put(fresh(1), fresh(2, "failed", status=500), delivery(1, "sending", status=503, attempts=2))
        shown = await shows(pilot, "500")
        assert len(list_of(app).rows) == 4
        assert "sending" in shown

    driven(hub, scenario)


def test_another_view_can_ask_for_a_filter_before_this_one_was_ever_open() -> None:
    view = DeliveriesView()
    view.filter_by("endpoint:acme")
    hub = hub_of(3)
    app = ConsoleApp(hub, Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        await app.push_screen(view)
        await shows(pilot, "filter endpoint:acme")
        assert hub.queries[-1] == "endpoint:acme"

    drive(app, scenario)


def test_a_filter_that_another_view_asked_for_in_vain_is_said() -> None:
    view = DeliveriesView()
    view.filter_by("state:fialed")
    hub = hub_of(3)
    app = ConsoleApp(hub, Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        await app.push_screen(view)
        await shows(pilot, "no state 'fialed'")
        await shows(pilot, "Deliveries 3")

    drive(app, scenario)


def test_another_filter_takes_the_marks_back() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("m", "m")
        await shows(pilot, "* 2 marked")
        await pilot.press("F")
        await until(pilot, lambda: "marked" not in title(app))

    driven(hub_of(5), scenario)


def test_a_line_that_is_typed_is_bounded() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash")
        typed = app.screen.query_one(OneLine)
        typed.value = "x" * (CHARACTERS_AT_MOST - 1)
        typed.cursor_position = len(typed.value)
        await pilot.press("y", "z")
        assert typed.value == "x" * (CHARACTERS_AT_MOST - 1) + "y"

    driven(hub_of(3), scenario)


def test_no_more_are_marked_than_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rowlist, "MARKS_AT_MOST", 2)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("m", "m", "m")
        await shows(pilot, "can be marked")
        assert "* 2 marked" in screen_text(app)

    driven(hub_of(5), scenario)
