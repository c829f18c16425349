"""Lines as the segments that a terminal gets: as few as can be, and what differs between two.

Every segment costs its colours' codes, thirty bytes or so over SSH. Pure.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style


def segments_of(pieces: Iterable[tuple[str, Style]]) -> list[Segment]:
    """Pieces of a line, joined where they look alike: a blank has only a background."""
    found: list[tuple[str, Style]] = []
    for text, style in pieces:
        if not text:
            continue
        if found:
            before, its = found[-1]
            if style == its or (text.isspace() and style.bgcolor == its.bgcolor):
                found[-1] = (before + text, its)
                continue
            if before.isspace() and style.bgcolor == its.bgcolor:
                found[-1] = (before + text, style)
                continue
        found.append((text, style))
    return [Segment(text, style) for text, style in found]


def changed_columns(before: Sequence[Segment], after: Sequence[Segment]) -> tuple[int, int]:
    """From which column to which two lines of one width differ; (0, 0) where they don't."""
    if before == after:
        return (0, 0)
    begin = 0
    same = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        begin += cell_len(new.text)
        same += 1
    end = sum(cell_len(segment.text) for segment in after)
    for old, new in zip(reversed(before[same:]), reversed(after[same:]), strict=False):
        if old != new:
            break
        end -= cell_len(new.text)
    return (begin, max(end, begin + 1))
