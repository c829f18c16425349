"""Every act of an operator by a key is in the journal, in the operator's name."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deliveries_open import driven
from driving import drive, shows, until
from one_delivery import KEY, failed, hub_at, waiting
from operated import World
from running import Receiver
from sending import Site
from test_replays_view import RUNNING
from test_replays_view import driven as replays_driven
from textual.pilot import Pilot
from watching_hub import HandHub

from hookconsole import who
from hookconsole.console.commands import COMMANDS
from hookconsole.journal import records as r
from hookconsole.observing.rows import row_of
from operators import told

TEST = "event webhook.test acme"
ELSEWHERE = {"app.take-over"}  # a sender's record, not an operator's
Steps = list[str]
"""Keys, with spaces between; after `?` a text that must be on the screen. None ends while something opens."""

AT_AN_ENDPOINT: dict[str, tuple[Steps, list[str]]] = {
    "endpoint.add": (
        ["a", "?New endpoint", "b enter h t t p : / / 1 2 7 . 0 . 0 . 1 : 9 enter * ctrl+s", "?shown once"],
        ["change added b", "event webhook.test b"],
    ),
    "endpoint.edit": (["e", "?Edit acme", "end x ctrl+s", "?saved; test"], ["change edited acme", TEST]),
    "endpoint.test": (["t", "?delivered"], [TEST]),
    "endpoint.switch": (["x", "?wait", "y"], ["change disabled acme"]),
    "endpoint.replay": (["R", "?1 delivery to send again", "enter", "?Bulk retries"], ["replay acme"]),
    "endpoint.rotate": (["K", "?The old one signs too", "enter", "?shown once"], ["change rotated acme"]),
    "endpoint.remove": (["D", "?Remove acme?", "y"], ["change removed acme"]),
    "app.accept-removals": (["A", "?Let it in?", "y"], ["consent gone lost"]),
    "app.edit-config": (["E"], ["change edited acme", "change edited "]),
}
AT_A_DELIVERY: dict[str, tuple[Steps, list[str]]] = {
    "delivery.retry": (["r"], ["retry evt_1 acme"]),
    "delivery.cancel": (["c", "?Cancel this delivery", "y"], ["cancel evt_1 acme"]),
    "delivery.replay": (["m R", "?1 delivery to send again", "enter", "?Bulk retries"], ["replay acme"]),
}
AT_A_REPLAY: dict[str, tuple[Steps, list[str]]] = {
    "replay.pause": (["p"], ["replay_control pause rpl_1"]),
    "replay.cancel": (["c", "?Cancel this bulk retry?", "y"], ["replay_control cancel rpl_1"]),
}


@pytest.fixture(autouse=True)
def _anna(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who, "_login", lambda: "anna")


def acting(journal: Path, steps: Steps, said: list[str]) -> Callable[..., Any]:
    """A scenario: the steps, then what the journal must have beyond what it had."""
    before = len(told(journal))

    async def scenario(pilot: Pilot[Any], *_: object) -> None:
        for step in steps:
            if step.startswith("?"):
                await shows(pilot, step[1:])
            else:
                await pilot.press(*step.split())
        await until(pilot, lambda: told(journal)[before:] == [(one, "anna") for one in said])

    return scenario


@pytest.mark.parametrize("command", AT_AN_ENDPOINT)
def test_at_an_endpoint(
    command: str, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, receiver)
    pen = world.pen()
    known = ("gone", "lost") if command == "app.accept-removals" else ()
    pen.put(r.Registry, endpoints={name: r.Known() for name in known}, removed=[], event_types=[])
    pen.event("waits", "acme")
    pen.event("lost", "acme")
    pen.start("lost", "acme", 1)
    pen.end("lost", "acme", 1, "failed")
    if command == "app.accept-removals":
        world.hub.set(refusal="it loses 2 endpoints")
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n"
        "path.write_text(path.read_text().replace('invoice', 'vat') + '[delivery]\\nconcurrency = 9\\n')\n"
    )
    monkeypatch.setenv("VISUAL", f"'{sys.executable}' '{script}'")
    monkeypatch.setattr(world.app, "suspend", contextlib.nullcontext)
    drive(world.app, acting(Path(world.home.journal), *AT_AN_ENDPOINT[command]))


@pytest.mark.parametrize("command", AT_A_DELIVERY)
def test_at_a_delivery(command: str, tmp_path: Path) -> None:
    site = failed(tmp_path) if command == "delivery.replay" else waiting(tmp_path)
    hub = hub_at(site)
    entry = site.entry(KEY.event)
    assert entry is not None
    hub.rows = [row_of(entry, {"acme"}, running=True)]
    driven(hub, acting(Path(site.home.journal), *AT_A_DELIVERY[command]))


@pytest.mark.parametrize("command", AT_A_REPLAY)
def test_at_a_replay(command: str, tmp_path: Path) -> None:
    site = Site(tmp_path)
    desk = site.desk()
    desk.put(
        r.ReplayItems(desk.now(), replay="rpl_1", items=[r.ReplayItem("evt_1", "acme", 1, 0, 1)]),
        r.Replay(desk.now(), replay="rpl_1", chosen={}, total=1, rate=1.0, user="otto"),
    )
    desk.close()
    hub = HandHub(site.home)
    hub.set(replays=(RUNNING,))
    replays_driven(
        hub,
        acting(Path(site.home.journal), ["?↻ running", *AT_A_REPLAY[command][0]], AT_A_REPLAY[command][1]),
    )


def test_no_act_is_left_out() -> None:
    tried = AT_AN_ENDPOINT.keys() | AT_A_DELIVERY.keys() | AT_A_REPLAY.keys()
    assert tried == {command.id for command in COMMANDS if command.writes} - ELSEWHERE
