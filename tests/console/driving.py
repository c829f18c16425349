"""A console under test: keys into it, its screen as plain text out of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot

PATIENCE_SECONDS = 60.0


def drive(
    app: App[Any], scenario: Callable[[Pilot[Any]], Awaitable[None]], size: tuple[int, int] = (80, 24)
) -> None:
    """Run a scenario over an app."""

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            await scenario(pilot)

    asyncio.run(run())


def screen_text(app: App[Any]) -> str:
    """What is on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str = "") -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what or screen_text(pilot.app)
        await pilot.pause(0.01)


async def shows(pilot: Pilot[Any], text: str) -> str:
    """Wait until a text is on the screen; the whole screen."""
    await until(pilot, lambda: text in screen_text(pilot.app))
    return screen_text(pilot.app)
