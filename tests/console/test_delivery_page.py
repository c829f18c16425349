"""The page of one delivery, over a journal that a sender wrote: all of it, live, and into the pager."""

import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from driving import drive, screen_text, shows, until
from one_delivery import KEY, hub_at, waiting
from sending import SECRET, Site
from textual.pilot import Pilot
from watching_hub import HandHub

from hookconsole.config.model import Console
from hookconsole.console import delivery_acts
from hookconsole.console.app import ConsoleApp
from hookconsole.console.cells import Line
from hookconsole.console.screens.delivery import DeliveryView
from hookconsole.console.story import story
from hookconsole.console.widgets.deliverypane import DeliveryPane
from hookconsole.console.widgets.storyview import StoryView
from hookconsole.journal import records as r
from hookconsole.observing.values import Key
from hookconsole.operating import steering

BUSY = httpx.Response(
    503, headers={"Content-Type": "application/json", "X-Why": "busy"}, content=b'{"code":17.50}'
)


def page(hub: HandHub, scenario: Any, size: tuple[int, int] = (80, 24), key: Key = KEY) -> None:
    """A console with the page in front."""
    app = ConsoleApp(hub, Console())

    async def opened(pilot: Pilot[Any]) -> None:
        await app.push_screen(DeliveryView(key))
        await until(pilot, lambda: "evt_" in screen_text(app))
        await scenario(pilot, app)

    drive(app, opened, size)


async def whole_text(pilot: Pilot[Any], app: ConsoleApp) -> str:
    """What one sees who scrolls to the end."""
    seen = screen_text(app)
    view = app.screen.query_one(StoryView)
    while view.first + view.size.height < len(view._wrapped):
        await pilot.press("ctrl+d")
        await pilot.pause()
        seen += screen_text(app)
    return seen


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return waiting(tmp_path, BUSY, httpx.ConnectTimeout("no answer"), 503)


def test_one_delivery_is_there_whole(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        seen = await whole_text(pilot, app)
        for text in (
            "evt_1  invoice.paid → acme",
            "↻ retrying  next attempt in ",
            "because: status 503",
            "3 attempts, the newest first",
            "retry   ↻ retrying  timeout",
            "no answer",
            "x-why: busy",
            '"code": 17.50',
            "taken in",
            "Request of attempt 3",
            "POST https://acme.example/hooks?***",
            "X-Tenant: ***",
            "AccBooks-Signature: sha256=",
            "webhook-signature: v1,",
            '"amount": 2500.00,',
            '"big": 123456789012345678901234567890',
            "Not sent to 1 other endpoint",
            "bolt  not subscribed",
        ):
            assert text in seen
        for private in ("canary", SECRET):
            assert private not in seen

    page(hub_at(site), scenario)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
def test_it_says_at_once_why_the_newest_attempt_failed(site: Site, size: tuple[int, int]) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        shown = await shows(pilot, "next attempt in")
        assert "invoice.paid → acme" in shown
        assert "503" in shown

    page(hub_at(site), scenario, size)


def test_the_next_attempt_is_counted_down(site: Site) -> None:
    hub = hub_at(site)
    due = site.attempts(KEY.event)[-1].next_attempt_at
    assert due is not None

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        found = app.screen.query_one(DeliveryPane).detail
        assert found is not None
        assert found.next_at is not None
        hub.set(now=found.next_at - 65)
        await shows(pilot, "next attempt in 1m 05s")
        hub.set(now=found.next_at - 64.4)
        await shows(pilot, "next attempt in 1m 05s")
        hub.set(now=found.next_at - 3)
        await shows(pilot, "next attempt in 3s")
        hub.set(now=found.next_at + 12)
        await shows(pilot, "next attempt due since 12s")

    page(hub, scenario)


def test_a_new_attempt_arrives_where_one_reads(site: Site) -> None:
    hub = hub_at(site)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("G")
        view = app.screen.query_one(StoryView)
        first = view.first
        assert first > 0
        steering.cancel(site.desk(), *KEY)
        hub.put(*hub.rows)
        await shows(pilot, "- canceled")
        assert view.first == first

    page(hub, scenario)


def test_r_retries_from_here(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("r")
        await shows(pilot, "acme: sent again")

    page(hub_at(site), scenario)
    assert [(one.event, one.endpoint) for one in site.records(r.Retry)] == [KEY]


def test_a_delivery_that_the_journal_doesnt_know_says_so(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await shows(pilot, "✗ no event 'evt_none' in the journal")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, DeliveryView))

    page(hub_at(site), scenario, key=Key("evt_none", "acme"))


# Differences


def test_d_shows_what_differs_between_two_attempts(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("d")
        await shows(pilot, "Differences between attempts of evt_1 → acme")
        lines = (await shows(pilot, "≠")).splitlines()
        assert any(line.split()[1:] == ["≠", "status", "timeout", "503", "│"] for line in lines)
        await pilot.press("left")
        lines = (await shows(pilot, "busy")).splitlines()
        assert any(line.split()[1:] == ["status", "503", "503", "│"] for line in lines)
        assert any(line.split()[1:] == ["≠", "x-why", "busy", "│"] for line in lines)
        await pilot.press("shift+left", "left", "right", "right")
        lines = (await shows(pilot, "timeout")).splitlines()
        assert any(line.split()[1:] == ["≠", "status", "503", "timeout", "│"] for line in lines)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DeliveryView))

    page(hub_at(site), scenario)


def test_one_attempt_has_nothing_to_differ_from(tmp_path: Path) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("d")
        await shows(pilot, "it has had one attempt")

    page(hub_at(waiting(tmp_path)), scenario)


# The pager


@contextmanager
def _suspended() -> Any:
    yield


def test_v_gives_the_whole_story_to_the_pager_in_a_file_without_a_name(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "pager.py"
    script.write_text(
        "import os, sys\n"
        f"open({str(tmp_path / 'seen')!r}, 'w').write(sys.stdin.read())\n"
        "found = os.stat(0)\n"
        f"open({str(tmp_path / 'mode')!r}, 'w').write(f'{{found.st_mode}} {{found.st_nlink}}')\n"
    )
    monkeypatch.setenv("PAGER", f"{sys.executable} '{script}'")
    monkeypatch.setattr(ConsoleApp, "suspend", lambda _: _suspended())

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("v")
        await until(pilot, lambda: (tmp_path / "mode").exists() and (tmp_path / "mode").read_text())

    page(hub_at(site), scenario)
    mode, names = (tmp_path / "mode").read_text().split(" ")
    assert stat.S_IMODE(int(mode)) == 0o600
    assert names == "0"
    seen = (tmp_path / "seen").read_text()
    for text in ("evt_1  invoice.paid → acme", "x-why: busy", "no answer", '"amount": 2500.00'):
        assert text in seen
    assert "canary" not in seen


def test_the_pagers_text_is_made_in_a_thread(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def watched(*given: Any, **options: Any) -> Iterator[Line]:
        threads.append(threading.current_thread())
        yield from story(*given, **options)

    monkeypatch.setattr(delivery_acts, "story", watched)
    monkeypatch.setattr(delivery_acts, "page", lambda console, text, config: console.say("paged"))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("v")
        await shows(pilot, "paged")

    page(hub_at(site), scenario)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


def test_a_pager_that_isnt_there_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "/nowhere/pager -x")
    monkeypatch.setattr(ConsoleApp, "suspend", lambda _: _suspended())

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("v")
        await shows(pilot, "/nowhere/pager: No such file")

    page(hub_at(site), scenario)


def test_a_terminal_that_cant_be_handed_over_is_said(site: Site) -> None:
    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("v")
        await shows(pilot, "this terminal can't be handed to a")

    page(hub_at(site), scenario)


# What comes from outside

NASTY = "\x1b[2J\x1b]52;c;aGk=\x07 \x9b31m [@click=app.quit]x[/] [/] \u202egnp \r back"


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
def test_nothing_from_outside_reaches_the_terminal_as_it_is(tmp_path: Path, size: tuple[int, int]) -> None:
    nasty = httpx.Response(
        503, headers=[(b"x-evil", NASTY.encode("latin-1", "replace"))], content=NASTY.encode()
    )
    data = '{"text":"\u202e\x9b2J[/] [@click=app.quit]x[/]"}'.encode()
    site = waiting(tmp_path, nasty, httpx.ConnectError(NASTY), nasty, data=data)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await whole_text(pilot, app)
        screens = [screen_text(app)]
        for keys in (("g",), ("G",), ("d",)):
            await pilot.press(*keys)
            await pilot.pause(0.1)
            screens.append(screen_text(app))
            for strip in app.screen._compositor.render_strips():
                assert all(segment.text.isprintable() for segment in strip)
                assert not any(segment.style and segment.style.meta.get("@click") for segment in strip)
        assert app.is_running

    page(hub_at(site), scenario, size)


@pytest.mark.parametrize(
    "body", [b"\n" * 4096, b"[" * 2000 + b"]" * 2000, b"x" * 4096, b'"' * 4096, "漢\u0301".encode() * 800]
)
def test_any_answer_makes_a_page_of_bounded_length(tmp_path: Path, body: bytes) -> None:
    site = waiting(tmp_path, httpx.Response(503, content=body))

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await until(pilot, lambda: app.screen.query_one(StoryView)._wrapped)
        assert len(app.screen.query_one(StoryView)._wrapped) < 100_000
        await pilot.press("G", "g")
        assert "evt_1" in screen_text(app)

    page(hub_at(site), scenario)


def test_an_event_of_a_hundred_thousand_lines_is_cut_and_says_so(tmp_path: Path) -> None:
    data = b"[" + b",".join([b"1"] * 100_000) + b"]"
    site = waiting(tmp_path, 503, data=data)

    async def scenario(pilot: Pilot[Any], app: ConsoleApp) -> None:
        await pilot.press("G")
        await shows(pilot, "lines more")
        assert len(app.screen.query_one(StoryView)._wrapped) < 1200

    page(hub_at(site), scenario)
