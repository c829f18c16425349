"""Cells as Textual's content, for widgets that aren't lists: no markup is ever read."""

from collections.abc import Iterable

from textual.content import Content

from hookconsole.console.cells import Line, Tone, checked

STYLES: dict[Tone, str] = {
    "plain": "",
    "dim": "dim",  # `$text-muted` is white or black here
    "good": "$text-success",
    "bad": "$text-error bold",
    "warn": "$text-warning",
    "accent": "$text-secondary",
    "title": "bold",
}


def content(line: Line) -> Content:
    """One line."""
    return Content.assemble(*((cell.text, STYLES[cell.tone]) for cell in checked(line)))


def lines(several: Iterable[Line]) -> Content:
    """Several lines."""
    return Content("\n").join([content(line) for line in several])
