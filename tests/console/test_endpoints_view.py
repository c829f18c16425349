"""The Endpoints view by its keys: order, filter, many of them."""

from typing import Any

import pytest
from driving import drive, screen_text, shows, until
from textual.pilot import Pilot
from watching_hub import NOW, HandHub, endpoint

from hookconsole.config.model import Console
from hookconsole.console import endpointrows
from hookconsole.console.app import ConsoleApp
from hookconsole.console.screens.deliveries import DeliveriesView
from hookconsole.console.widgets.rowlist import RowList


def hub_of(count: int, **fields: Any) -> HandHub:
    hub = HandHub()
    names = [f"e{number:05d}" for number in range(count)]
    hub.set(endpoints={name: endpoint(name, p95_ms=float(n), **fields) for n, name in enumerate(names)})
    return hub


def driven(hub: HandHub, scenario: Any, size: tuple[int, int] = (80, 24)) -> None:
    app = ConsoleApp(hub, Console())

    async def opened(pilot: Pilot[Any]) -> None:
        await pilot.press("2")
        await shows(pilot, "HEALTH▼")
        await scenario(pilot, app)

    drive(app, opened, size)


def rows_of(app: ConsoleApp) -> RowList:
    return app.screen.query_one(RowList)


def title(app: ConsoleApp) -> str:
    return screen_text(app).splitlines()[1].strip()


def test_ten_thousand_endpoints_scroll_and_filter() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "Endpoints 10,000")
        await pilot.press("G")
        await shows(pilot, "e09999")
        await pilot.press("slash", *"e0777 ok !e07770", "enter")
        await shows(pilot, "filter e0777 ok !e07770 9 ")
        assert "e07771" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: len(rows_of(app).rows) == 10_000)
        assert "filter" not in title(app)

    driven(hub_of(10_000), scenario)


def test_of_ten_thousand_only_what_is_visible_is_made_into_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = hub_of(10_000)
    made: list[int] = []
    line = endpointrows.EndpointRows.line

    def counted(self: endpointrows.EndpointRows, index: int, width: int) -> Any:
        made.append(index)
        return line(self, index, width)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "e00000")
        monkeypatch.setattr(endpointrows.EndpointRows, "line", counted)
        app.look()
        assert 0 < len(made) <= app.size.height
        assert max(made) <= app.size.height

    driven(hub, scenario)


def test_s_sorts_by_the_next_column_and_S_the_other_way_round_the_cursor_stays_on_its_row() -> None:  # noqa: N802
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("j", "j")
        await until(pilot, lambda: rows_of(app).cursor_key == "e00002")
        await pilot.press("s")
        await shows(pilot, "LAST▲")
        await pilot.press("s", "s")
        await shows(pilot, "P95▼")
        assert rows_of(app).cursor_key == "e00002"
        assert rows_of(app).rows.key(0) == "e00049"
        await pilot.press("S")
        await shows(pilot, "P95▲")
        assert rows_of(app).rows.key(0) == "e00000"
        assert rows_of(app).cursor_key == "e00002"
        await pilot.press("s", "s", "s", "s")
        await shows(pilot, "ENDPOINT▲")

    driven(hub_of(50), scenario)


def test_trouble_is_counted_in_the_title() -> None:
    hub = hub_of(3)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert title(app) == "Endpoints 3  ● no trouble"
        worse = {
            "sick": endpoint("sick", "failing"),
            "gone": endpoint("gone", "gone", waiting=2),
            "late": endpoint("late", overdue_since=NOW - 70),
        }
        hub.set(endpoints={**hub.now.endpoints, **worse})
        await until(pilot, lambda: title(app) == "Endpoints 6  ✗ 1 failing  ? 1 gone  ! 1 late")

    driven(hub, scenario)


def test_letters_in_the_filter_are_letters_and_escape_leaves_it_as_it_was() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash", *"qq3")
        await shows(pilot, "qq3")
        assert app.is_running
        await pilot.press("escape")
        await until(pilot, lambda: rows_of(app).has_focus)
        assert "filter" not in title(app)
        assert len(rows_of(app).rows) == 3

    driven(hub_of(3), scenario)


def test_a_filter_that_leaves_nothing_says_so() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash", *"nobody", "enter")
        await shows(pilot, "none is like that")

    driven(hub_of(3), scenario)


def test_its_log_is_its_deliveries() -> None:
    hub = hub_of(3)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await until(pilot, lambda: rows_of(app).cursor_key == "e00000")
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, DeliveriesView))
        await until(pilot, lambda: "endpoint:e00000" in hub.queries)

    driven(hub, scenario)


def test_a_filter_of_deliveries_is_looked_for_among_them() -> None:
    hub = hub_of(3)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("slash", *"e00000 state:failed", "enter")
        await until(pilot, lambda: isinstance(app.screen, DeliveriesView))
        await until(pilot, lambda: "e00000 state:failed" in hub.queries)

    driven(hub, scenario)


def test_wide_it_has_every_column() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        for heading in ("P50", "AGO", "7 DAYS", "URL"):
            await shows(pilot, heading)
        assert "https://e00000.example/hooks" in screen_text(app)

    driven(hub_of(3), scenario, (160, 24))
