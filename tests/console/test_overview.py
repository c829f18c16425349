"""The overview: what an operator sees without a key, at the sizes that terminals have."""

from typing import Any

import pytest
from driving import drive, screen_text, shows, until
from textual.pilot import Pilot
from textual.widget import Widget
from watching_hub import NOW, HandHub, endpoint

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.widgets.rowlist import RowList
from hookconsole.console.widgets.statusbar import Banner
from hookconsole.observing.values import EndpointRow, Minute, SenderView

HOSTILE = "\x1b[2J\x07[@click=app.quit]x[/]\u202e"


def on_fire() -> HandHub:
    hub = HandHub()
    calm = [endpoint(f"calm-{number}") for number in range(20)]
    sick = endpoint(
        "acme-erp",
        "failing",
        cause="status 503",
        last_status=503,
        waiting=12,
        overdue_since=NOW - 90,
        p95_ms=4e3,
    )
    hub.set(
        endpoints={one.name: one for one in (*calm, sick)},
        backlog=12,
        overdue_since=NOW - 90,
        causes=(("status 503", 40), ("timeout", 7)),
        minutes=tuple(Minute(int(NOW) - 60 * back, 40, back % 9) for back in range(59, -1, -1)),
    )
    return hub


def driven(hub: HandHub, scenario: Any, size: tuple[int, int] = (80, 24)) -> None:
    app = ConsoleApp(hub, Console())

    async def opened(pilot: Pilot[Any]) -> None:
        await shows(pilot, "Endpoints")
        await scenario(pilot, app)

    drive(app, opened, size)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50), (200, 60)])
def test_all_that_matters_is_seen_without_a_key(size: tuple[int, int]) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        for text in (
            *("acme-erp", "this console sends 2h", "waiting 12", "overdue 1m", "0.9/s"),
            *("Last hour", "failed attempts", "✗ 1 failing", "✗ failing", "503"),
            *("Why attempts failed", "status 503", "Slowest", "4.0 s"),
        ):
            await shows(pilot, text)

    driven(on_fire(), scenario, size)


def test_a_small_terminal_folds_what_is_beside_the_point() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        screen = await shows(pilot, "acme-erp")
        assert "✗ failing" in screen
        assert " 1h ● " in screen
        assert "Slowest" not in screen
        assert all(len(line) <= 60 for line in screen.splitlines())

    driven(on_fire(), scenario, (60, 15))


def test_the_cursor_is_at_the_worst_until_it_is_moved() -> None:
    hub = on_fire()

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        rows = app.screen.query_one(RowList)
        await until(pilot, lambda: rows.cursor_key == "acme-erp")
        worse = endpoint("worse", "failing", waiting=99, overdue_since=NOW - 900)
        hub.set(now=NOW + 2, endpoints={**hub.now.endpoints, "worse": worse})
        await until(pilot, lambda: rows.cursor_key == "worse")
        await pilot.press("j")
        await until(pilot, lambda: rows.cursor_key == "acme-erp")
        worst = endpoint("worst", "failing", waiting=999, overdue_since=NOW - 9000)
        hub.set(now=NOW + 4, endpoints={**hub.now.endpoints, "worst": worst})
        await shows(pilot, "3 failing")
        assert rows.cursor_key == "acme-erp"

    driven(hub, scenario)


def test_nobody_sending_cant_be_missed() -> None:
    hub = on_fire()
    hub.set(sender=SenderView(), alarms=("nobody sends: start one with hookconsole --daemon",))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "nobody sends: T delivers from this console")
        screen = await shows(pilot, " ✗ nobody sends")
        assert screen.startswith(" ✗ nobody sends")
        banner = app.screen.query_one(Banner)
        assert banner.region.width == app.size.width
        assert banner.render_line(0)._segments[0].style.bgcolor  # type: ignore[union-attr]
        hub.set(sender=on_fire().now.sender, alarms=())
        await until(pilot, lambda: "nobody sends" not in screen_text(app))
        assert not banner.display

    driven(hub, scenario)


def test_alarms_are_read_without_colour_too() -> None:
    hub = on_fire()
    hub.set(sender=SenderView(), alarms=("nobody sends: start one with hookconsole --daemon",))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "nobody sends: T delivers")
        app.theme = "ansi-dark"
        await pilot.pause()
        strips = (app.screen.query_one(Banner).render_line(0), app.screen.query_one(RowList).render_line(1))
        assert all(strip._segments[0].style.reverse for strip in strips)  # type: ignore[union-attr]

    driven(hub, scenario)


def test_a_long_alarm_is_wrapped_and_three_lines_are_the_most() -> None:
    hub = on_fire()
    hub.set(alarms=("the config on disk is refused: " + "word " * 40, "second", "third"))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await until(pilot, lambda: app.screen.query_one(Banner).size.height == 3)
        assert "acme-erp" in screen_text(app)
        assert screen_text(app).splitlines()[3].endswith(" …")

    driven(hub, scenario)


def test_an_empty_registry_says_what_to_do() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "a      adds one" in await shows(pilot, "no endpoint yet")

    driven(HandHub(), scenario)


def test_with_keys_of_ones_own_those_are_said() -> None:
    app = ConsoleApp(HandHub(), Console(keys={"endpoint.add": "n"}))

    async def scenario(pilot: Pilot[Any]) -> None:
        await shows(pilot, "n      adds one")

    drive(app, scenario)


def test_who_only_looks_is_offered_nothing_to_add() -> None:
    app = ConsoleApp(HandHub(), Console(), read_only=True)

    async def scenario(pilot: Pilot[Any]) -> None:
        assert "adds one" not in await shows(pilot, "no endpoint yet")

    drive(app, scenario)


def test_a_registry_without_traffic_says_so_in_a_line() -> None:
    hub = HandHub()
    hub.set(endpoints={"acme": EndpointRow("acme", "idle")}, minutes=())

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        screen = await shows(pilot, "Last hour  nothing was sent")
        assert "acme" in screen
        assert "none did" in screen

    driven(hub, scenario)


def test_a_look_at_what_hasnt_changed_paints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "acme-erp")
        painted: list[Widget] = []

        def refresh(widget: Widget, *_: Any, **__: Any) -> Widget:
            painted.append(widget)
            return widget

        monkeypatch.setattr(Widget, "refresh", refresh)
        app.look()
        assert not painted

    driven(on_fire(), scenario)


def test_text_from_outside_is_shown_as_text() -> None:
    hub = on_fire()
    hub.set(
        endpoints={"x": endpoint("x", "failing", cause=HOSTILE, detail=HOSTILE, url=HOSTILE)},
        causes=((HOSTILE, 3),),
        alarms=(HOSTILE,),
    )

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        screen = await shows(pilot, "\\x1b[2J\\x07[@click=app.quit]x[/]\\u202e")
        assert not any(character in screen for character in "\x1b\x07\u202e")

    driven(hub, scenario)


def test_a_frozen_view_holds_still_and_says_so() -> None:
    hub = on_fire()

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "acme-erp")
        await pilot.press("space")
        hub.set(now=NOW + 5, endpoints={})
        assert "acme-erp" in await shows(pilot, "‖ frozen")
        await pilot.press("space")
        await shows(pilot, "no endpoint yet")
        assert "frozen" not in screen_text(app)

    driven(hub, scenario)
