"""Lines of a screen as values: cells of safe text in a tone, cut and padded to terminal columns.

Invariant: what a `Cell` holds is safe to print. Text from outside gets into one through `outside` only; what
gets past it is `checked` at the edge of the screen.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

from hookconsole.text import safe

Tone = Literal["plain", "dim", "good", "bad", "warn", "accent", "title"]
"""What a text means, which a theme makes a colour of; a glyph and a word say it, too."""


class Cell(NamedTuple):
    """A piece of a line."""

    text: str
    tone: Tone = "plain"


Line = Sequence[Cell]


class Column(NamedTuple):
    """One column of a list: its heading, and how wide it is in terminal columns; 0 takes what is left."""

    title: str
    width: int
    right: bool = False


def outside(text: str, limit: int = 200, tone: Tone = "plain") -> Cell:
    """A cell of text from outside, made safe."""
    return Cell(safe(text, limit), tone)


def checked(line: Iterable[Cell]) -> list[Cell]:
    """The line, with nothing in it that a terminal would obey: the last look before it is painted."""
    return [cell if cell.text.isprintable() else Cell(safe(cell.text), cell.tone) for cell in line]


def width_of(line: Iterable[Cell]) -> int:
    """How many terminal columns a line takes."""
    return sum(cell_len(cell.text) for cell in line)


def fit(cell: Cell, width: int, *, right: bool = False) -> Cell:
    """The cell at exactly `width` columns; what is cut off is marked with `…`."""
    length = cell_len(cell.text)
    if length == width:
        return cell
    if length < width:
        space = " " * (width - length)
        return Cell(space + cell.text if right else cell.text + space, cell.tone)
    return Cell(set_cell_size(cell.text, max(width - 1, 0)) + "…"[:width], cell.tone)


def row(columns: Sequence[Column], cells: Sequence[Cell], width: int) -> list[Cell]:
    """Cells laid out in columns, a space between two, `width` columns in all."""
    fixed = sum(column.width for column in columns) + max(len(columns) - 1, 0)
    flexible = max(width - fixed, 0)
    found: list[Cell] = []
    for column, cell in zip(columns, cells, strict=True):
        if found:
            found.append(Cell(" "))
        found.append(fit(cell, column.width or flexible, right=column.right))
    return found


def heading(columns: Sequence[Column], width: int, tone: Tone = "dim") -> list[Cell]:
    """The columns' titles."""
    return row(columns, [Cell(column.title, tone) for column in columns], width)


def spread(left: Line, right: Line, width: int) -> list[Cell]:
    """`left` at the left edge, `right` at the right one; where they don't fit together, `left` alone."""
    gap = width - width_of(left) - width_of(right)
    return [*left, Cell(" " * gap), *right] if gap > 0 else list(left)
