"""Adding and editing an endpoint: the file, the journal, the test's result and the secret."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from driving import drive, screen_text, shows, until
from operated import SECRET, World
from running import Receiver
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from hookconsole.console.dialogs.field import Tick
from hookconsole.console.dialogs.form import EndpointForm
from hookconsole.journal import records as r


@pytest.fixture
def world(tmp_path: Path, receiver: Receiver) -> World:
    return World(tmp_path, receiver)


async def type_into(pilot: Pilot[Any], field: str, text: str) -> None:
    """Replace what stands in a field: the last character is typed, what comes before it pasted."""
    pilot.app.screen.set_focus(pilot.app.screen.query_one(f"#{field}", Input))
    await pilot.press("home", "ctrl+k")
    pilot.app.post_message(Paste(text[:-1]))
    await pilot.press(text[-1])


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_a_new_endpoint_is_saved_tested_and_its_secret_shown(world: World, size: tuple[int, int]) -> None:
    url = world.receiver.url("/bolt")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("a")
        await shows(pilot, "New endpoint")
        await pilot.press(*"bolt", "enter", *url, "enter", *"invoice.*", "ctrl+s")
        await shows(pilot, "The secret of bolt, shown once")
        await shows(pilot, "● saved; test: delivered, 200")
        secret = world.loaded.endpoints["bolt"].secret.value
        assert secret.startswith("whsec_")
        assert secret in screen_text(world.app)
        await pilot.press("enter")
        assert secret not in screen_text(world.app)
        assert "New endpoint" not in await shows(pilot, "● saved; test: delivered, 200")
        await pilot.press("enter")
        assert world.app.screen is world.app.view
        assert not any(secret in said for said in world.app.said)

    before = world.config.read_text()
    drive(world.app, scenario, size)
    assert world.config.read_text().startswith(before)
    endpoint = world.loaded.endpoints["bolt"]
    assert (endpoint.url, endpoint.events) == (url, ("invoice.*",))
    assert world.tests("/bolt") == 1
    (change,) = world.records(r.Change)
    assert (change.action, change.endpoint, bool(change.user)) == ("added", "bolt", True)


def test_a_failed_test_is_a_warning_and_the_url_can_be_corrected_at_once(world: World) -> None:
    world.receiver.answers["/wrong"] = 404

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        await type_into(pilot, "url", world.receiver.url("/wrong"))
        await pilot.press("ctrl+s")
        await shows(pilot, "✗ saved; the test failed: 404")
        assert world.loaded.endpoints["acme"].url.endswith("/wrong")
        await type_into(pilot, "url", world.receiver.url("/right"))
        await pilot.press("ctrl+s")
        await shows(pilot, "● saved; test: delivered, 200")
        await pilot.press("escape")
        assert world.app.screen is world.app.view

    drive(world.app, scenario)
    assert world.loaded.endpoints["acme"].url.endswith("/right")
    assert (world.tests("/wrong"), world.tests("/right")) == (1, 1)


def test_only_the_changed_keys_are_written_and_no_test_is_sent_for_them(world: World) -> None:
    world.endpoint('headers = { "X-Tenant" = "of-theirs" }  # theirs\ndescription = "old"\n')
    before = world.config.read_text()

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        seen = await shows(pilot, "X-Tenant: ***")
        assert "of-theirs" not in seen
        await type_into(pilot, "description", "new: q j x D 1 ?")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "saved acme" in world.app.said)
        assert world.app.screen is world.app.view

    drive(world.app, scenario)
    assert world.config.read_text() == before.replace('"old"', '"new: q j x D 1 ?"')
    assert world.tests() == 0
    assert world.records(r.Change)[0].keys == ["description"]


def test_what_is_typed_is_judged_at_once_and_not_saved_while_it_is_wrong(world: World) -> None:
    before = world.config.read_text()

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        await type_into(pilot, "url", "https://user@acme.example/")
        await shows(pilot, "the URL has a user or password before @")
        await type_into(pilot, "events", "invoice.pai")
        await shows(pilot, "'invoice.pai' is no known event type")
        await pilot.press("ctrl+s")
        await shows(pilot, "not saved: see what is marked")
        assert world.app.screen.focused is world.app.screen.query_one("#url")

    drive(world.app, scenario)
    assert world.config.read_text() == before


def test_a_new_form_complains_of_nothing_before_something_is_typed(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("a")
        assert "✗" not in await shows(pilot, "New endpoint")
        await pilot.press("ctrl+s")
        assert (await shows(pilot, "is no endpoint name")).count("✗") == 4  # the fields' and the form's

    drive(world.app, scenario)


def test_a_hand_edit_made_meanwhile_is_not_overwritten(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        await type_into(pilot, "description", "mine")
        world.endpoint('timeout_seconds = 7\ndescription = "theirs"\n')
        by_hand = world.config.read_text()
        await pilot.press("ctrl+s")
        await shows(pilot, "acme was changed in the file meanwhile; nothing was saved. Load")
        await pilot.press("n")
        await shows(pilot, "not saved: it was changed in the file meanwhile")
        assert world.config.read_text() == by_hand
        await type_into(pilot, "endpoint_concurrency", "3")
        await pilot.press("ctrl+s")
        await shows(pilot, "Changed there: description, timeout_seconds")
        await pilot.press("y")
        await shows(pilot, "loaded what the file says now; nothing is saved yet")
        assert world.config.read_text() == by_hand
        await shows(pilot, "theirs")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "saved acme" in world.app.said)

    drive(world.app, scenario)
    endpoint = world.loaded.endpoints["acme"]
    assert (endpoint.description, endpoint.policy.timeout_seconds) == ("theirs", 7)
    assert endpoint.policy.endpoint_concurrency == 3


def test_a_file_that_is_refused_by_now_is_said_with_its_line_and_nothing_typed_is_lost(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        await type_into(pilot, "description", "mine")
        broken = world.config.read_text() + "[delivery]\ntimeout_seconds = 0\n"
        world.config.write_text(broken)
        await pilot.press("ctrl+s")
        seen = await shows(pilot, "not saved: ")
        assert "config.toml:10:delivery.timeout_seconds" in "".join(seen.replace("│", "").split())
        assert "mine" in seen
        assert world.config.read_text() == broken

    drive(world.app, scenario, (120, 30))


def test_escape_asks_before_it_throws_away_what_was_typed(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        await type_into(pilot, "description", "mine")
        await pilot.press("escape")
        await shows(pilot, "Close without saving what you typed?")
        await pilot.press("enter")
        assert isinstance(world.app.screen, EndpointForm)
        await pilot.press("escape")
        await shows(pilot, "Close without saving what you typed?")
        await pilot.press("y")
        await until(pilot, lambda: world.app.screen is world.app.view)

    drive(world.app, scenario)


def test_escape_closes_at_once_where_nothing_was_typed(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        await pilot.press("escape")
        assert world.app.screen is world.app.view

    drive(world.app, scenario)


def test_switching_off_in_the_form_asks_as_the_key_does(world: World) -> None:
    world.pen().event("one", "acme")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        world.app.screen.set_focus(world.app.screen.query_one("#active"))
        await pilot.press("space", "ctrl+s")
        await shows(pilot, "1 delivery waits and will be canceled")
        await pilot.press("enter")
        await pilot.pause()
        assert world.loaded.endpoints["acme"].active
        await pilot.press("ctrl+s")
        await shows(pilot, "1 delivery waits and will be canceled")
        await pilot.press("y")
        await until(pilot, lambda: not world.loaded.endpoints["acme"].active)

    drive(world.app, scenario)


def test_enter_passes_the_switch_by_and_only_space_turns_it(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        tick = world.app.screen.query_one("#active", Tick)
        world.app.screen.set_focus(tick)
        await pilot.press("enter")
        assert tick.value
        assert world.app.screen.focused is world.app.screen.query_one("#timeout_seconds")
        await pilot.press("up", "space")
        assert not tick.value

    drive(world.app, scenario)


def test_event_types_are_picked_from_a_list_by_searching(world: World) -> None:
    world.config.write_text(f'{world.config.read_text()}[event_types]\n"stock.low" = "A level fell"\n')

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "4 of 12 types")
        await pilot.press("down", "enter")
        await shows(pilot, "[x] invoice.*")
        await pilot.press(*"level")
        assert "invoice" not in (await shows(pilot, "stock.low")).split("of 12 types")[0]
        await pilot.press("space")
        await shows(pilot, "5 of 12 types: invoice.*, stock.low")
        await pilot.press("enter")
        await shows(pilot, "invoice.*, stock.low")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "saved acme" in world.app.said)

    drive(world.app, scenario)
    assert world.loaded.endpoints["acme"].events == ("invoice.*", "stock.low")


def test_escape_leaves_the_types_as_they_were(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        await pilot.press("down", "enter")
        await shows(pilot, "[x] invoice.*")
        await pilot.press("space", "escape")
        assert world.app.screen.query_one("#events", Input).value == "invoice.*"

    drive(world.app, scenario)


def test_a_new_endpoint_may_have_its_secret_elsewhere(world: World) -> None:
    (world.folder / "bolt.secret").write_text(SECRET)

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("a")
        await shows(pilot, "New endpoint")
        await type_into(pilot, "name", "bolt")
        await type_into(pilot, "url", world.receiver.url("/bolt"))
        await type_into(pilot, "events", "*")
        await type_into(pilot, "secret_file", "bolt.secret")
        await pilot.press("ctrl+s")
        await shows(pilot, "● saved; test: delivered, 200")
        assert isinstance(world.app.screen, EndpointForm)

    drive(world.app, scenario)
    table = tomllib.loads(world.config.read_text())["endpoints"]["bolt"]
    assert table["secret_file"] == "bolt.secret"
    assert "secret" not in table


def test_the_first_endpoint_needs_no_file(world: World) -> None:
    world.config.unlink()

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("a")
        await shows(pilot, "New endpoint")
        await type_into(pilot, "name", "bolt")
        await type_into(pilot, "url", "https://bolt.invalid/")
        await type_into(pilot, "events", "*")
        await pilot.press("ctrl+s")
        await shows(pilot, "✗ saved; the test failed: dns")

    drive(world.app, scenario)
    assert "bolt" in world.loaded.endpoints


def test_pasted_controls_dont_reach_the_screen_or_the_file(world: World) -> None:
    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await shows(pilot, "Edit acme")
        world.app.screen.query_one("#description", Input).value = "a\x1b[2Jb\u202e"
        await pilot.pause()
        assert "\x1b" not in screen_text(world.app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "saved acme" in world.app.said)

    drive(world.app, scenario)
    assert world.loaded.endpoints["acme"].description == "a[2Jb"
