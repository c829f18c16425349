"""The config file in the operator's editor."""

import contextlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import drive, shows, until
from operated import World
from running import Receiver
from textual.pilot import Pilot

from hookconsole.config.load import load
from hookconsole.console.editor import editor_command
from hookconsole.console.foreground import run_in_front
from hookconsole.journal import records as r


@pytest.fixture
def world(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path, receiver)
    monkeypatch.setattr(world.app, "suspend", contextlib.nullcontext)
    monkeypatch.delenv("VISUAL", raising=False)
    return world


def edits(world: World, monkeypatch: pytest.MonkeyPatch, *scripts: str) -> None:
    """An editor that runs these lines of Python over the file's `text`, the next each time."""
    editor = world.folder / "editor.py"
    editor.write_text(
        "import pathlib, sys\n"
        f"count = pathlib.Path({str(world.folder / 'count')!r})\n"
        "at = int(count.read_text()) if count.exists() else 0\n"
        "count.write_text(str(at + 1))\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text()\n"
        f"exec({list(scripts)!r}[at])\n"
        "path.write_text(text)\n"
    )
    monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{editor}'")


def test_a_good_edit_is_adopted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edits(world, monkeypatch, "text = text.replace('invoice.*', 'vat.*')")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("E")
        await until(pilot, lambda: "adopted: 1 endpoint" in world.app.said)

    drive(world.app, scenario)
    assert world.loaded.endpoints["acme"].events == ("vat.*",)
    assert world.hub.looked_at_config == 1


def test_no_edit_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edits(world, monkeypatch, "")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("E")
        await until(pilot, lambda: "the config file is unchanged" in world.app.said)

    drive(world.app, scenario)


def test_a_refused_edit_is_said_with_line_and_key_and_can_be_edited_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    edits(
        world,
        monkeypatch,
        "text = text.replace('invoice.*', 'invoice.pai')",
        "text = text.replace('invoice.pai', 'invoice.paid')",
    )

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("E")
        seen = await shows(pilot, "The config file is refused. Edit it again?")
        # However long the path is, and wherever it wraps.
        assert "config.toml:7:endpoints.acme.events" in "".join(seen.replace("│", "").split())
        await pilot.press("enter")
        await until(pilot, lambda: "adopted: 1 endpoint" in world.app.said)

    drive(world.app, scenario, (140, 30))
    assert world.loaded.endpoints["acme"].events == ("invoice.paid",)


def test_a_refused_edit_can_be_left_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edits(world, monkeypatch, "text += '['")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("E")
        await shows(pilot, "The config file is refused. Edit it again?")
        await pilot.press("escape")
        assert world.app.screen is world.app.view

    drive(world.app, scenario)


def test_where_there_is_no_file_a_template_is_begun(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edits(world, monkeypatch, "text = text.replace('# [delivery]', '[delivery]')")
    world.config.unlink()

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("E")
        await shows(pilot, "Begin one from a template?")
        await pilot.press("enter")
        await until(pilot, lambda: "adopted: 0 endpoints" in world.app.said)

    drive(world.app, scenario, (140, 30))
    assert stat.S_IMODE(world.config.stat().st_mode) == 0o600


def test_the_template_is_valid_with_and_without_its_comment_signs(world: World) -> None:
    from hookconsole.console.editor import TEMPLATE

    world.config.write_text(TEMPLATE)
    assert load(world.config).endpoints == {}
    lines = [line.removeprefix("# ") for line in TEMPLATE.splitlines()[2:]]
    world.config.write_text("\n".join(line for line in lines if line != "#"))
    assert list(load(world.config).endpoints) == ["acme"]


def test_an_editor_that_isnt_there_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("E")
        await until(pilot, lambda: any("no-such-editor: No such file" in said for said in world.app.said))

    drive(world.app, scenario)


def test_visual_goes_before_editor_and_vi_is_last() -> None:
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "nano"}) == ["code", "--wait"]
    assert editor_command({"VISUAL": "", "EDITOR": "nano"}) == ["nano"]
    assert editor_command({}) == ["vi"]


@pytest.mark.parametrize(("key", "removed"), [("enter", []), ("y", ["a", "b"])])
def test_A_lets_in_a_file_that_loses_endpoints(world: World, key: str, removed: list[str]) -> None:  # noqa: N802
    world.hub.set(refusal="it loses 2 endpoints")
    known = {name: r.Known() for name in ("a", "b")}
    pen = world.pen()
    pen.put(r.Registry, endpoints=known, removed=[], event_types=[])
    pen.event("one", "a")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("A")
        seen = await shows(pilot, "The config file loses 2 endpoints. Let it in?")
        assert "a, b" in seen
        assert "1 delivery to them unfinished, to be held" in seen
        await pilot.press(key)
        await until(pilot, lambda: world.app.screen is world.app.view)
        await until(pilot, lambda: not removed or world.records(r.Consent))

    drive(world.app, scenario)
    assert [name for one in world.records(r.Consent) for name in one.removed] == removed


def test_A_has_nothing_to_ask_where_nothing_is_lost_by_now(world: World) -> None:  # noqa: N802
    world.hub.set(refusal="it loses 2 endpoints")

    async def scenario(pilot: Pilot[Any]) -> None:
        await pilot.press("A")
        await until(pilot, lambda: "no removal waits for consent" in world.app.said)

    drive(world.app, scenario)


IN_FRONT = """
import os, pathlib, signal, sys
from hookconsole.console.foreground import run_in_front
stops = "import os, signal; os.killpg(0, signal.SIGTSTP); os.killpg(0, signal.SIGINT)"
code = run_in_front([sys.executable, "-c", stops], pathlib.Path("/nowhere"))
print("ended", code, os.tcgetpgrp(0) == os.getpgrp(), flush=True)
"""


@contextlib.contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of one."""
    ours, theirs = os.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


def test_an_editor_that_is_stopped_goes_on_and_its_interrupt_is_its_own() -> None:
    begun = "import fcntl, os, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with terminal() as (ours, theirs):
        process = subprocess.Popen(
            [sys.executable, "-c", begun + IN_FRONT], stdin=theirs, stdout=theirs, stderr=theirs, env=path
        )
        seen, deadline = b"", time.monotonic() + 30
        while b"ended" not in seen and time.monotonic() < deadline:
            seen += os.read(ours, 4096)
        process.wait(30)
    assert b"ended -2 True" in seen


@pytest.mark.parametrize(
    "config",
    [
        '[endpoints.a]\nsecret_env = "CANARY"\n',
        "[endpoints]\na = {'secret_env'='CANARY'",
        'endpoints.a.secret_env="CANARY"',
    ],
)
def test_what_has_the_terminal_gets_no_secret_of_the_environment(
    config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config)
    monkeypatch.setenv("CANARY", "hidden from it")
    monkeypatch.setenv("OTHER", "kept")
    told = "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))"
    assert run_in_front([sys.executable, "-c", told, str(tmp_path / "told")], path) == 0
    seen = (tmp_path / "told").read_text()
    assert "kept" in seen
    assert "hidden from it" not in seen
