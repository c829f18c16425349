"""Lines of cells: exactly as wide as they are to be, and safe."""

import pytest

from hookconsole.console.cells import Cell, Column, checked, fit, heading, outside, row, spread, width_of

COLUMNS = [Column("NAME", 0), Column("COUNT", 6, right=True)]


def text(line: list[Cell]) -> str:
    return "".join(cell.text for cell in line)


@pytest.mark.parametrize(
    ("width", "right", "found"),
    [(5, False, "abc  "), (5, True, "  abc"), (3, False, "abc"), (2, False, "a…")],
)
def test_a_cell_is_padded_or_cut_with_a_mark(width: int, right: bool, found: str) -> None:
    assert fit(Cell("abc"), width, right=right).text == found


@pytest.mark.parametrize("width", range(6))
def test_wide_characters_are_cut_to_the_column(width: int) -> None:
    assert width_of([fit(Cell("漢字漢字"), width)]) == width


def test_the_flexible_column_takes_what_is_left() -> None:
    assert text(row(COLUMNS, [Cell("acme"), Cell("12")], 20)) == "acme              12"
    assert text(heading(COLUMNS, 20)) == "NAME           COUNT"


def test_what_goes_to_the_right_edge_is_left_out_where_there_is_no_room() -> None:
    assert text(spread([Cell("left")], [Cell("right")], 12)) == "left   right"
    assert text(spread([Cell("left")], [Cell("right")], 9)) == "left"


def test_text_from_outside_is_made_safe_and_short() -> None:
    assert outside("\x1b[2J\u202ered").text == "\\x1b[2J\\u202ered"
    assert outside("x" * 500, 10).text == "xxxxxxxxx…"


def test_what_got_past_is_escaped_at_the_edge_of_the_screen() -> None:
    line = [Cell("\x1b[2J", "bad"), Cell("● fine"), Cell("a\nb\u202e")]
    assert checked(line) == [Cell("\\x1b[2J", "bad"), Cell("● fine"), Cell("a\\nb\\u202e")]
