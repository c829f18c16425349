"""What tones look like: quiet is quieter than plain, in any theme and whichever widget shows it."""

from collections.abc import Iterator
from typing import Any

import pytest
from driving import drive, shows
from textual.app import App
from textual.color import Color
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from hookconsole.console.cells import Cell
from hookconsole.console.widgets.panel import Panel
from hookconsole.console.widgets.text import content

LINE = [Cell("plain "), Cell("quiet", "dim")]


class Lines(App[None]):
    """The same line in a widget of Textual's and in one of ours."""

    def compose(self) -> Iterator[Widget]:
        """Both."""
        yield Static(content(LINE))
        yield Panel()

    def on_mount(self) -> None:
        """Ours is told what to show."""
        self.query_one(Panel).draw(lambda _width, _height: [LINE])


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "solarized-light"])
@pytest.mark.parametrize("widget", [0, 1])
def test_what_is_quiet_is_nearer_to_the_background(theme: str, widget: int) -> None:
    app = Lines()

    async def scenario(pilot: Pilot[Any]) -> None:
        app.theme = theme
        await shows(pilot, "plain quiet\nplain quiet")
        contrast = {}
        for segment in app.screen._compositor.render_strips()[widget]:
            style = segment.style
            if style is not None and style.color and style.bgcolor and segment.text.strip():
                text, behind = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
                contrast[segment.text.strip()] = abs(text.brightness - behind.brightness)
        assert 0.2 < contrast["quiet"] < contrast["plain"]

    drive(app, scenario)
