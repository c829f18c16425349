"""Long lines of cells broken into lines of a width. Pure."""

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

from hookconsole.console.cells import Cell, Line, width_of
from hookconsole.text import MARKS_AT_MOST

_INDENT_COLUMNS = 2
"""What goes on is set in by so much more than where it began."""


def wrapped(line: Line, width: int) -> Iterator[Line]:
    """A line in pieces of at most `width` columns, broken at a space where there is one in the last half."""
    if width_of(line) <= width:
        yield line
        return
    text = "".join(cell.text for cell in line)
    begins = len(text) - len(text.lstrip())
    indent = Cell(" " * min(begins + _INDENT_COLUMNS, width // 2))
    rest = list(line)
    piece, rest = _split(rest, width)
    yield piece
    while rest:
        piece, rest = _split(rest, max(width - len(indent.text), 1))
        yield [indent, *piece]


def _split(line: list[Cell], width: int) -> tuple[list[Cell], list[Cell]]:
    """What fits, at least a character, and the rest."""
    piece: list[Cell] = []
    left = width
    for number, cell in enumerate(line):
        # So much is wider than what is left, if there is so much.
        length = cell_len(cell.text[: (left + 1) * (MARKS_AT_MOST + 1)])
        if length <= left:
            piece.append(cell)
            left -= length
            continue
        head = _head(cell.text, left)
        if not piece:
            head = head or cell.text[:1]
        elif left < width // 2 and not head.endswith(" "):
            head = ""
        if head:
            piece.append(Cell(head, cell.tone))
        rest = cell.text[len(head) :].lstrip(" ")
        return piece, [*([Cell(rest, cell.tone)] if rest else []), *line[number + 1 :]]
    return piece, []


def _head(text: str, width: int) -> str:
    """The beginning of a text that fits, broken behind a space if there is one in the last half."""
    fits = set_cell_size(text[: width + 1], width)
    # A wide character that doesn't fit is cut to a space.
    while not text.startswith(fits):
        fits = fits[:-1]
    space = fits.rfind(" ") + 1
    return fits[:space] if space > width // 2 else fits
