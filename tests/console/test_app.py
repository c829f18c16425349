"""The application: what it allows, where it goes, what it wears, and what it says when nobody sends."""

import threading
from typing import Any

import pytest
from driving import drive, screen_text, shows, until
from textual.command import CommandList
from textual.pilot import Pilot
from watching_hub import CALM, HandHub, endpoint

from hookconsole.config.model import Console
from hookconsole.console import themes
from hookconsole.console.app import ConsoleApp
from hookconsole.console.demo import hints
from hookconsole.console.dialogs.takeover import lines, told
from hookconsole.console.palette import Palette
from hookconsole.delivery.adoption import TO_ACCEPT
from hookconsole.delivery.lock import Note
from hookconsole.errors import BusyError
from hookconsole.observing.values import SenderView

NOBODY = SenderView()
DAEMON = SenderView(True, False, 17, "daemon", "ann", CALM.now - 60)
NOBODY_SENDS = ("nobody sends: start one with hookconsole --daemon",)


class Host:
    """A process that may become the sender."""

    def __init__(self, hub: HandHub, error: Exception | None = None) -> None:
        self._hub = hub
        self._error = error
        self.delivers = False
        self.thread: threading.Thread | None = None

    def take_over(self) -> None:
        self.thread = threading.current_thread()
        if self._error is not None:
            raise self._error
        self.delivers = True
        self._hub.set(sender=CALM.sender, alarms=())


def app_of(hub: HandHub, settings: Console | None = None, **given: Any) -> ConsoleApp:
    return ConsoleApp(hub, settings or Console(), **given)


# Taking over


def test_it_says_who_has_ended_and_takes_over_when_asked() -> None:
    hub = HandHub()
    hub.set(sender=DAEMON)
    host = Host(hub)

    async def scenario(pilot: Pilot[int]) -> None:
        await shows(pilot, "daemon 17")
        hub.set(sender=NOBODY, alarms=NOBODY_SENDS)
        await shows(pilot, "the daemon, pid 17, has ended; T delivers from this console")
        await pilot.press("T")
        await shows(pilot, "Deliver from this console?")
        await pilot.press("enter")
        await until(pilot, lambda: "Deliver from this console?" not in screen_text(pilot.app))
        assert not host.delivers
        await pilot.press("T")
        await shows(pilot, "Deliver from this console?")
        await pilot.press("y")
        await shows(pilot, "this console delivers now")
        assert host.thread is not threading.main_thread()

    drive(app_of(hub, host=host), scenario)


def test_what_keeps_it_from_taking_over_is_said() -> None:
    hub = HandHub()
    hub.set(sender=NOBODY, alarms=NOBODY_SENDS)

    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("T")
        await shows(pilot, "Deliver from this console?")
        await pilot.press("y")
        await shows(pilot, "somebody was quicker")

    drive(app_of(hub, host=Host(hub, BusyError("somebody was quicker"))), scenario)


def test_there_is_nothing_to_take_over_while_somebody_sends() -> None:
    hub = HandHub()

    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("T")
        await pilot.pause()
        assert "Deliver from this console?" not in screen_text(pilot.app)

    drive(app_of(hub, host=Host(hub)), scenario)


def test_alarms_name_the_keys_that_mend_them() -> None:
    loses = f"it loses 3 endpoints; restore them, or {TO_ACCEPT}"
    assert told(("halted", *NOBODY_SENDS, loses), None, "T", "A") == (
        "halted",
        "nobody sends: T delivers from this console",
        "it loses 3 endpoints; restore them, or A lets it in",
    )


@pytest.mark.parametrize("read_only", [True, False])
def test_a_console_for_looking_has_no_keys_for_alarms(*, read_only: bool) -> None:
    hub = HandHub()
    hub.set(alarms=(f"the config on disk is refused: it loses 3 endpoints; restore them, or {TO_ACCEPT}",))

    async def scenario(pilot: Pilot[Any]) -> None:
        await shows(pilot, TO_ACCEPT if read_only else "or A lets it in")

    drive(app_of(hub, read_only=read_only), scenario, (140, 24))


def test_what_is_known_of_the_last_sender_is_safe_text() -> None:
    note = Note(pid=17, mode="dae\x1b[2Jmon", user="ann", since="2026-04-15T12:00:00Z")
    found = "\n".join("".join(cell.text for cell in line) for line in lines(note, 75.0, 1200))
    assert "\x1b" not in found
    assert "pid 17" in found
    assert "1m ago" in found
    assert "1,200 deliveries" in found


# What is allowed


def test_read_only_offers_nothing_that_writes() -> None:
    app = app_of(HandHub(), read_only=True)
    assert not app.allows("edit")
    assert not app.allows("edit_config")
    assert not app.allows("take_over")
    assert app.allows("copy")
    assert app.allows("help")


@pytest.mark.parametrize("read_only", [True, False])
def test_the_first_line_says_whether_it_is_read_only(*, read_only: bool) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        seen = await shows(pilot, "sends")
        assert ("read-only" in seen) == read_only

    drive(app_of(HandHub(), read_only=read_only), scenario)


def test_removals_are_let_in_only_when_some_wait() -> None:
    hub = HandHub()
    app = app_of(hub)
    assert not app.allows("accept_removals")
    hub.set(refusal="it loses 3 endpoints; restore them, or run: hookconsole endpoints accept-removals")
    assert app.allows("accept_removals")


def test_it_is_put_aside_only_when_nothing_stops_with_it() -> None:
    hub = HandHub()
    host = Host(hub)
    app = app_of(hub, host=host)

    async def scenario(pilot: Pilot[int]) -> None:
        assert app.may_suspend()
        host.delivers = True
        assert not app.may_suspend()
        await shows(pilot, "isn't put")

    drive(app, scenario)


# Where it goes


def test_views_have_numbers() -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        for key, mode in (("2", "endpoints"), ("3", "deliveries"), ("4", "replays"), ("1", "overview")):
            await pilot.press(key)
            assert pilot.app.current_mode == mode

    drive(app_of(HandHub()), scenario)


def test_an_endpoints_log_is_the_deliveries_with_its_filter() -> None:
    hub = HandHub()
    app = app_of(hub)

    async def scenario(pilot: Pilot[int]) -> None:
        app.open_deliveries("endpoint:acme")
        await until(pilot, lambda: "endpoint:acme" in hub.queries)
        assert app.current_mode == "deliveries"

    drive(app, scenario)


def test_zoom_gives_the_focused_pane_the_screen_and_takes_it_back() -> None:
    app = app_of(HandHub())

    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await until(pilot, lambda: app.screen.focused is not None)
        await pilot.press("z")
        assert app.screen.maximized is not None
        await pilot.press("z")
        assert app.screen.maximized is None

    drive(app, scenario)


def test_frozen_it_stands_still_and_says_so() -> None:
    hub = HandHub()

    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("space")
        await shows(pilot, "frozen")
        hub.set(endpoints={"late": endpoint("late")})
        await pilot.pause(0.5)
        assert "late" not in screen_text(pilot.app)
        await pilot.press("space")
        await shows(pilot, "late")

    drive(app_of(hub), scenario)


# The palette


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
def test_the_palette_runs_what_is_chosen(key: str) -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press(key)
        await shows(pilot, "Search for commands")
        assert isinstance(pilot.app.screen, Palette)
        await pilot.press(*"Replays")
        await shows(pilot, "bulk retries")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.current_mode == "replays")

    drive(app_of(HandHub()), scenario)


def test_the_palette_knows_endpoints_and_reads_no_markup() -> None:
    hub = HandHub()
    name = "a[@click=app.quit]x[/]"
    hub.set(endpoints={name: endpoint(name, "failing")})

    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("colon")
        await shows(pilot, "Search for commands")
        await pilot.press(*"Endpoint a")
        await shows(pilot, f"Endpoint {name}")

    drive(app_of(hub), scenario)


def test_keys_of_a_palette_that_is_not_laid_out_yet_do_nothing() -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("colon")
        await shows(pilot, "Search for commands")
        await until(pilot, lambda: pilot.app.screen.query_one(CommandList).highlighted is not None)
        found = pilot.app.screen.query_one(CommandList)
        found.styles.height = 0
        await until(pilot, lambda: not found.scrollable_content_region)
        found._clear_caches()
        await pilot.press("pageup", "pagedown")
        found.styles.height = "auto"
        await pilot.press(*"Replays")
        await shows(pilot, "bulk retries")

    drive(app_of(HandHub()), scenario)


def test_the_palette_is_opened_by_the_key_it_was_given_and_over_no_dialog() -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await shows(pilot, "esc closes")
        await pilot.press("ctrl+p", "colon")
        await pilot.press("escape", "ctrl+p")
        await until(pilot, lambda: "esc closes" not in screen_text(pilot.app))
        assert "Search for commands" not in screen_text(pilot.app)
        await pilot.press("f9")
        await shows(pilot, "Search for commands")

    drive(app_of(HandHub(), Console(keys={"app.palette": "f9"})), scenario)


def test_the_palette_changes_the_theme() -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("colon")
        await shows(pilot, "Search for commands")
        await pilot.press(*"Theme nord")
        await shows(pilot, "Theme nord")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.theme == "nord")

    drive(app_of(HandHub()), scenario)


def test_the_palette_of_a_read_only_console_has_nothing_that_writes() -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("colon")
        await shows(pilot, "Search for commands")
        await pilot.press(*"Config")
        await shows(pilot, "No matches")

    drive(app_of(HandHub(), read_only=True), scenario)


# What it wears


@pytest.mark.parametrize(
    ("wanted", "environment", "worn"),
    [
        ("nord", {}, "nord"),
        ("textual-light", {}, "textual-light"),
        ("terminal", {}, "ansi-dark"),
        ("terminal", {"COLORFGBG": "0;default;15"}, "ansi-light"),
        ("terminal", {"COLORFGBG": "15;0"}, "ansi-dark"),
        ("nord", {"NO_COLOR": ""}, "ansi-dark"),
    ],
)
def test_the_theme_that_is_meant(wanted: str, environment: dict[str, str], worn: str) -> None:
    assert themes.choose(wanted, ["nord", "textual-light"], environment) == (worn, "")


def test_an_unknown_theme_names_the_near_one() -> None:
    worn, problem = themes.choose("nrod", ["nord", "textual-light"], {})
    assert worn == themes.DEFAULT
    assert problem == "there is no theme 'nrod'; did you mean nord?"
    assert "textual-light" in themes.choose("\x1bzzz", ["nord", "textual-light"], {})[1]


def test_settings_are_put_on_while_it_runs() -> None:
    app = app_of(HandHub())

    async def scenario(pilot: Pilot[int]) -> None:
        app.dress(Console(theme="nord", keys={"app.help": "f1", "app.zoom": "q"}))
        await shows(pilot, "app.zoom: q is the")
        assert app.theme == "nord"
        await pilot.press("f1")
        await shows(pilot, "Keys")

    drive(app, scenario)


def test_ctrl_c_tells_how_to_end() -> None:
    async def scenario(pilot: Pilot[int]) -> None:
        await pilot.press("ctrl+c")
        await shows(pilot, "q ends the console")

    drive(app_of(HandHub()), scenario)


def test_the_demos_hints_fit_the_smallest_screen_that_shows_them() -> None:
    assert [hint for hint in hints() if len(hint) > 76 - 2] == []


def test_hints_are_told_one_after_the_other() -> None:
    app = app_of(HandHub(), hints=["first [b]hint", "second hint"])

    async def scenario(pilot: Pilot[int]) -> None:
        await shows(pilot, "first [b]hint")
        app.began -= 9.0
        await shows(pilot, "second hint")

    drive(app, scenario)
