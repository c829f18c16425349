"""The virtual list: the cursor stays on its row, the row on its line, and only what differs is painted."""

from collections.abc import Hashable
from typing import Any

import pytest
from driving import drive, screen_text
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown, MouseScrollUp
from textual.pilot import Pilot

from hookconsole.console.cells import Cell, Column, Line, heading, outside, row
from hookconsole.console.widgets import rowlist
from hookconsole.console.widgets.painting import changed_columns, segments_of
from hookconsole.console.widgets.rowlist import RowList

COLUMNS = (Column("NAME", 0), Column("N", 4, right=True))
PAGE = 9
"""Rows that are seen at 40x10."""


class Numbers:
    """Rows known by their text, in the order of a list."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.asked: set[int] = set()

    def __len__(self) -> int:
        return len(self.names)

    def key(self, index: int) -> Hashable:
        return self.names[index]

    def index(self, key: Hashable) -> int | None:
        return self.names.index(str(key)) if key in self.names else None

    def heading(self, width: int) -> Line:
        return heading(COLUMNS, width)

    def line(self, index: int, width: int) -> Line:
        self.asked.add(index)
        return row(COLUMNS, [outside(self.names[index]), Cell(str(len(self.names[index])))], width)


class ListApp(App[None]):
    """One list, and what it said."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.numbers = Numbers(names)
        self.list = RowList(self.numbers, empty="nothing here")
        self.said: list[Any] = []
        self.painted: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.list.focus()
        self.list.update()
        refresh = self.list.refresh

        def counted(*regions: Any, **options: Any) -> Any:
            self.painted += [region.y for region in regions]
            return refresh(*regions, **options)

        self.list.refresh = counted  # type: ignore[method-assign]

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        self.said.append(("moved", event.rows.cursor_key))

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        self.said.append(("opened", event.key))

    def on_row_list_full(self) -> None:
        self.said.append("full")

    def on_row_list_near_end(self) -> None:
        self.said.append(("near end", len(self.numbers)))


def names(count: int, prefix: str = "row") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def rows_on_screen(app: ListApp) -> list[str]:
    """The gutters and names that are seen."""
    lines = [line for line in screen_text(app).splitlines()[1:] if line.strip()]
    return [f"{line[0]}{line[1:].split(' ')[0]}" for line in lines]


def driven(app: ListApp, scenario: Any, size: tuple[int, int] = (40, 10)) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await scenario(pilot, app.list)

    drive(app, run, size)


def test_of_a_million_rows_only_the_visible_are_asked_for() -> None:
    app = ListApp(names(1_000_000))

    async def scenario(pilot: Pilot[Any], _: RowList) -> None:
        assert len(rows_on_screen(app)) == PAGE
        assert app.numbers.asked <= set(range(PAGE))

    driven(app, scenario)


def test_moving_within_the_view_paints_two_rows() -> None:
    app = ListApp(names(100))

    async def scenario(pilot: Pilot[Any], _: RowList) -> None:
        await pilot.press("j")
        assert app.painted == [1, 2]
        await pilot.press("k")
        assert app.painted == [1, 2, 1, 2]

    driven(app, scenario)


def test_at_the_edge_half_a_page_is_scrolled() -> None:
    app = ListApp(names(100))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        for _ in range(PAGE - 1):
            await pilot.press("j")
        assert (rows.first, rows.cursor) == (0, PAGE - 1)
        await pilot.press("j")
        assert (rows.first, rows.cursor) == (PAGE // 2, PAGE)
        await pilot.press("G")
        assert (rows.first, rows.cursor) == (100 - PAGE, 99)
        await pilot.press("g")
        assert (rows.first, rows.cursor) == (0, 0)
        await pilot.press("ctrl+d")
        assert rows.cursor == PAGE // 2
        await pilot.press("ctrl+u", "k", "k")
        assert rows.cursor == 0

    driven(app, scenario)


def test_the_cursor_stays_on_its_row_and_the_row_on_its_line_when_rows_come_above() -> None:
    app = ListApp(names(100))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        await pilot.press(*["j"] * 15, *["k"] * 3)
        before = rows_on_screen(app)
        assert ">row12" in before[1:-1]
        app.painted.clear()
        app.numbers.names[:0] = names(57, "new")
        rows.update()
        await pilot.pause()
        assert rows.cursor_key == "row12"
        assert rows_on_screen(app) == before
        # Only the scroll bar has moved.
        assert len(app.painted) <= 2

    driven(app, scenario)


@pytest.mark.parametrize("gone", [slice(50, 100), slice(0, 5), slice(13, 20)])
def test_the_cursor_stays_on_its_row_when_others_are_trimmed(gone: slice) -> None:
    app = ListApp(names(100))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        await pilot.press(*["j"] * 12)
        del app.numbers.names[gone]
        rows.update()
        await pilot.pause()
        assert rows.cursor_key == "row12"
        assert ">row12" in rows_on_screen(app)

    driven(app, scenario)


def test_the_cursor_goes_to_a_neighbour_when_its_row_is_gone() -> None:
    app = ListApp(names(20))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        await pilot.press("G")
        del app.numbers.names[5:]
        rows.update()
        await pilot.pause()
        assert rows.cursor_key == "row4"
        assert ("moved", "row4") in app.said
        app.numbers.names.clear()
        rows.update()
        await pilot.pause()
        assert [said for said in app.said if said[0] == "moved"][-1] == ("moved", None)
        assert "nothing here" in screen_text(app)
        await pilot.press("j", "enter", "m", "G")

    driven(app, scenario)


def test_pinned_to_the_top_until_the_operator_moves() -> None:
    app = ListApp(names(20))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        rows.pinned_to_top = True
        app.numbers.names.insert(0, "new")
        rows.update()
        await pilot.press("j")
        app.numbers.names.insert(0, "newer")
        rows.update()
        await pilot.pause()
        assert app.said[-2:] == [("moved", "new"), ("moved", "row0")]
        assert rows.cursor == 2

    driven(app, scenario)


def test_a_terminal_that_gets_smaller_keeps_the_cursor_in_view() -> None:
    app = ListApp(names(100))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        await pilot.press(*["j"] * 8)
        await pilot.resize_terminal(30, 5)
        await pilot.pause()
        assert ">row8" in rows_on_screen(app)
        await pilot.resize_terminal(30, 30)
        await pilot.pause()
        assert ">row8" in rows_on_screen(app)
        assert len(rows_on_screen(app)) == 29

    driven(app, scenario)


def test_a_click_selects_a_second_one_opens_the_wheel_scrolls() -> None:
    app = ListApp(names(100))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        await pilot.click(RowList, offset=(3, 4))
        assert rows.cursor_key == "row3"
        assert ("opened", "row3") not in app.said
        await pilot.click(RowList, offset=(3, 4))
        await pilot.pause()
        assert ("opened", "row3") in app.said
        await pilot.click(RowList, offset=(3, 0))
        assert rows.cursor_key == "row3"
        await pilot._post_mouse_events([MouseScrollDown], RowList)
        await pilot._post_mouse_events([MouseScrollDown], RowList)
        assert (rows.first, rows.cursor_key) == (6, "row6")
        await pilot._post_mouse_events([MouseScrollUp], RowList)
        assert (rows.first, rows.cursor_key) == (3, "row6")

    driven(app, scenario)


def test_marks_are_of_rows_and_told_without_colour() -> None:
    app = ListApp(names(30))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        await pilot.press("m", "m", "k", "m")
        assert rows.marks == {"row0"}
        app.numbers.names.insert(0, "new")
        rows.update()
        await pilot.pause()
        assert "*row0" in rows_on_screen(app)
        await pilot.press("k", "k")
        assert "»row0" in rows_on_screen(app)

    driven(app, scenario)


def test_the_near_end_is_said_once_for_each_length() -> None:
    app = ListApp(names(5))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        for _ in range(5):
            rows.update()
        app.numbers.names += names(3, "older")
        rows.update()
        await pilot.pause()
        assert [said for said in app.said if said[0] == "near end"] == [("near end", 5), ("near end", 8)]

    driven(app, scenario)


def test_wide_characters_tabs_and_controls_keep_every_line_at_its_width() -> None:
    hostile = [
        "漢字" * 30,
        "a\tb\x1b[2J\u202e",
        "x" * 5000,
        "e\u0301" * 40,
        "[@click=app.quit]x[/]",
        "\U0001f600" * 9,
    ]
    app = ListApp(hostile)

    async def scenario(pilot: Pilot[Any], _: RowList) -> None:
        strips = app.screen._compositor.render_strips()
        assert {sum(segment.cell_length for segment in strip) for strip in strips} == {40}
        text = screen_text(app)
        assert "a\\tb\\x1b[2J\\u202e" in text
        assert "[@click=app.quit]x[/]" in text

    driven(app, scenario)


# What is painted


def segments(*texts: str, style: Style | None = None) -> list[Segment]:
    return [Segment(text, style) for text in texts]


@pytest.mark.parametrize(
    ("before", "after", "columns"),
    [
        (["abc", "def"], ["abc", "def"], (0, 0)),
        (["abc", "def", "ghi"], ["abc", "dxf", "ghi"], (3, 6)),
        (["abc", "def"], ["xbc", "def"], (0, 3)),
        (["漢", "def", "g"], ["漢", "xef", "g"], (2, 5)),
        (["abcdef"], ["abc", "def"], (0, 6)),
    ],
)
def test_what_differs_of_a_line(before: list[str], after: list[str], columns: tuple[int, int]) -> None:
    assert changed_columns(segments(*before), segments(*after)) == columns


def test_pieces_that_look_alike_are_one() -> None:
    red, green, on_blue = Style(color="red"), Style(color="green"), Style(bgcolor="blue")
    pieces = [("a", red), (" ", green), ("b", red), ("c", green), ("", red), (" ", on_blue)]
    assert segments_of(pieces) == [Segment("a b", red), Segment("c", green), Segment(" ", on_blue)]


def test_marks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rowlist, "MARKS_AT_MOST", 3)
    app = ListApp(names(9))

    async def scenario(pilot: Pilot[Any], rows: RowList) -> None:
        await pilot.press("m", "m", "m")
        assert "full" not in app.said
        await pilot.press("m")
        assert rows.marks == {"row0", "row1", "row2"}
        assert rows.cursor_key == "row3"
        assert "full" in app.said
        await pilot.press("k", "m", "m")
        assert rows.marks == {"row0", "row1", "row3"}

    driven(app, scenario)
