"""The Replays view: progress, and the means to pause and end one."""

from collections import Counter
from pathlib import Path
from typing import Any

from driving import drive, screen_text, shows, until
from textual.pilot import Pilot
from watching_hub import NOW, HandHub

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.journal import records as r
from hookconsole.journal.records import ReplayItem
from hookconsole.observing.values import ReplayRow, SenderView
from hookconsole.operating.desk import Desk
from hookconsole.operating.replaying import Choice, Chosen, begin
from hookconsole.paths import Home

RUNNING = ReplayRow("rpl_1", "running", NOW - 60, "ann", "failed at acme", 1000, 400, 300, 90, 10, 10.0)


def driven(hub: HandHub, scenario: Any, size: tuple[int, int] = (120, 24)) -> None:
    app = ConsoleApp(hub, Console())

    async def opened(pilot: Pilot[Any]) -> None:
        await pilot.press("4")
        await shows(pilot, "Bulk retries")
        await scenario(pilot, app)

    drive(app, opened, size)


def test_a_replay_is_shown_with_its_progress() -> None:
    hub = HandHub()
    hub.set(replays=(RUNNING,))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        screen = await shows(pilot, "↻ running")
        for text in ("██████░░░░░░░░░░   40%", "1,000", "300", "90", "59s", "ann", "failed at acme"):
            assert text in screen, text
        assert "Bulk retries 1  ↻ 1 running" in screen

    driven(hub, scenario)


def test_all_about_the_cursors_one_is_beneath() -> None:
    hub = HandHub()
    other = RUNNING._replace(replay="rpl_0", state="done", user="bob", chosen="skipped at bolt " + "x" * 70)
    hub.set(replays=(RUNNING, other))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "rpl_1  failed at acme")
        await shows(pilot, "590 to start")
        await pilot.press("j")
        await shows(pilot, "rpl_0  skipped at bolt")
        await shows(pilot, "begun by bob")

    driven(hub, scenario, (80, 24))


def test_a_small_terminal_has_the_list_alone() -> None:
    hub = HandHub()
    hub.set(replays=(RUNNING,))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "40%" in await shows(pilot, "↻ running")
        assert "begun by" not in screen_text(app)

    driven(hub, scenario, (60, 15))


def test_while_nobody_sends_a_replay_waits_and_that_is_said() -> None:
    hub = HandHub()
    hub.set(replays=(RUNNING,), sender=SenderView())

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "59s" not in await shows(pilot, "they wait for a sender")

    driven(hub, scenario)


def test_what_has_ended_isnt_canceled() -> None:
    hub = HandHub()
    hub.set(replays=(RUNNING._replace(state="done"),))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "● done")
        await pilot.press("c")
        await shows(pilot, "it is done: there is nothing to cancel")
        await pilot.press("enter")
        await shows(pilot, "● done")

    driven(hub, scenario)


def test_none_yet_says_how_one_begins() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        assert "R begins one: at an endpoint" in await shows(pilot, "no bulk retry yet")

    driven(HandHub(), scenario)


def test_pause_go_on_and_cancel_are_put_into_the_journal(tmp_path: Path) -> None:
    home = Home(tmp_path / "config.toml", tmp_path / "state")
    desk = Desk(home)
    chosen = Chosen([ReplayItem("evt_1", "acme", 1, 0, 6)], Counter(), Counter(), desk.fold.position)
    name = begin(desk, Choice(None, ("failed",), (), 0.0, None), chosen, 10.0).replay
    hub = HandHub(home)
    hub.set(replays=(RUNNING._replace(replay=name),))

    def controls() -> list[str]:
        records = (
            record for _, record, _ in Desk(home).store.forward(Desk(home).store.checkpointed().position)
        )
        return [record.action for record in records if isinstance(record, r.ReplayControl)]

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "↻ running")
        await pilot.press("p")
        await until(pilot, lambda: controls() == ["pause"])
        hub.set(replays=(RUNNING._replace(replay=name, state="paused"),))
        await shows(pilot, "‖ paused")
        await pilot.press("p")
        await until(pilot, lambda: controls() == ["pause", "resume"])
        await pilot.press("c")
        await shows(pilot, "Cancel this bulk retry?")
        await pilot.press("enter")
        await shows(pilot, "‖ paused")
        await pilot.press("c")
        await shows(pilot, "590 that haven't begun stay as they are")
        await pilot.press("y")
        await until(pilot, lambda: controls() == ["pause", "resume", "cancel"])

    driven(hub, scenario)
