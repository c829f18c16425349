"""Copying with two keys, into the clipboard of the operator's terminal."""

import json
import threading
from typing import Any

import msgspec
import pytest
from driving import drive, screen_text, shows, until
from one_delivery import DATA, KEY, hub_at, waiting
from sending import SECRET, Site
from textual.pilot import Pilot
from watching_hub import HandHub

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.dialogs import copy
from hookconsole.console.dialogs.copy import CopyMenu, harmless
from hookconsole.console.screens.deliveries import DeliveriesView
from hookconsole.errors import RefusedError


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return waiting(tmp_path_factory.mktemp("copy"))


def copied(site: Site, *keys: str) -> str:
    """What two keys at the delivery in the list put into the clipboard."""
    app = ConsoleApp(hub_at(site), Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await shows(pilot, "acme")
        await pilot.press(*keys)
        await shows(pilot, "copied: ")
        assert isinstance(app.screen, DeliveriesView)

    drive(app, scenario)
    return app.clipboard


def test_the_event_id(site: Site) -> None:
    assert copied(site, "y", "e") == KEY.event


def test_the_url_without_its_query(site: Site) -> None:
    assert copied(site, "y", "u") == "https://acme.example/hooks?***"


def test_the_body_to_the_byte(site: Site) -> None:
    body = copied(site, "y", "b").encode()
    assert body == site.receivers.requests[-1].body
    assert bytes(msgspec.json.decode(body, type=dict[str, msgspec.Raw])["data"]) == DATA


def test_a_curl_that_repeats_it_with_nothing_private(site: Site) -> None:
    command = copied(site, "y", "c")
    assert command.startswith("curl ")
    assert '"$HEADER_X_TENANT"' in command
    assert '"$URL_QUERY"' in command
    assert "AccBooks-Signature: sha256=" in command
    assert "canary" not in command
    assert SECRET not in command


# The menu


def menu(choices: list[Any], scenario: Any) -> ConsoleApp:
    app = ConsoleApp(HandHub(), Console())

    async def run(pilot: Pilot[Any]) -> None:
        app.push_screen(CopyMenu("\x1b[2J[/] acme", choices))
        await shows(pilot, "Copy of \\x1b[2J[/] acme")
        await scenario(pilot, app)

    drive(app, run)
    return app


def test_what_cant_be_copied_is_said_in_the_menu() -> None:
    def refuse() -> str:
        raise RefusedError("no secret \x1b[31m")

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("x")
        await shows(pilot, "✗ no secret \\x1b[31m")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, CopyMenu))

    assert menu([("x", "a thing", refuse)], scenario).clipboard == ""


def test_the_text_is_made_and_spelled_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def make() -> str:
        threads.append(threading.current_thread())
        return "text"

    def spell(text: str) -> str:
        threads.append(threading.current_thread())
        return text

    monkeypatch.setattr(copy, "harmless", spell)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("x")
        await shows(pilot, "copied: a thing")

    assert menu([("x", "a thing", make)], scenario).clipboard == "text"
    assert len(threads) == 2
    assert threading.main_thread() not in threads


def test_other_keys_copy_nothing_and_do_nothing_below() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("c", "r", "q", "1")
        assert isinstance(app.screen, CopyMenu)
        assert "a thing" in screen_text(app)

    assert menu([("x", "a thing", lambda: "text")], scenario).clipboard == ""


def test_a_text_that_some_terminals_dont_take_is_copied_with_a_word() -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("x")
        await shows(pilot, "copied: a thing; 80,000 bytes")

    assert menu([("x", "a thing", lambda: "x" * 80_000)], scenario).clipboard == "x" * 80_000


def test_what_was_copied_does_nothing_where_it_is_pasted() -> None:
    hostile = '{"x":"\x7f\x9b201~\u202e\u200b\U000e0041é"}'

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("x")
        await shows(pilot, "copied: a thing; with \\u")

    copied = menu([("x", "a thing", lambda: hostile)], scenario).clipboard
    assert copied == '{"x":"\\u007f\\u009b201~\\u202e\\u200b\\udb40\\udc41é"}'
    assert json.loads(copied) == json.loads(hostile)


@pytest.mark.parametrize("hidden", ["\u3164", "\ufe0f", "\U000e0100", "\u115f", "\u00a0", "\ue000", "\u200d"])
def test_what_hides_is_spelled_where_it_is_copied(hidden: str) -> None:
    copied = harmless(f'{{"x":"é{hidden}漢"}}')
    assert copied.isprintable()
    assert hidden not in copied
    assert json.loads(copied) == {"x": f"é{hidden}漢"}
