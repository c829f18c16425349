"""Outside text made safe: what passes through here can't move, colour or feed a terminal.

Anything that came from a receiver, a payload, a URL or a hand-written file goes through `safe` before it
reaches a view, a log line or an error message. What isn't printable is shown as an escape.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

MARKS_AT_MOST = 4
"""Marks kept behind one character; the rest are shown as escapes."""

_MARKS = ("Mn", "Me", "Mc")
_JAMO = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")
"""Vowels and final consonants of Hangul, which terminals put into the syllable before them, as marks."""

_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
"""Fillers, variation selectors and skin tones, which Python calls printable: what they show is nothing, or as
wide as each terminal likes."""


def safe(text: str, limit: int | None = None) -> str:
    """`text` on one line with every control, bidi, zero-width and unassigned character escaped.

    `limit` is in characters of the result; what is cut off is marked with `…`.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit + 1]
    shown = text if text.isascii() and text.isprintable() else _escaped(text)
    if limit is not None and len(shown) > limit:
        return shown[: max(limit - 1, 0)] + "…"
    return shown


def safe_bytes(raw: bytes, limit: int | None = None) -> str:
    """As `safe`, for bytes of any encoding: what isn't UTF-8 is shown as `\\xNN`."""
    if limit is not None:
        raw = raw[: limit * 4 + 4]
    return safe(raw.decode("utf-8", "backslashreplace"), limit)


def is_seen(character: str) -> bool:
    """Whether a character shows what it is, alone or upon another; else it is shown as an escape."""
    return _kind(character) != "unseen"


def seen(text: str) -> str:
    """`text` without what `safe` would show as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character for character, shown in _judged(text) if shown)


def _escaped(text: str) -> str:
    return "".join(character if shown else _escape(character) for character, shown in _judged(text))


def _judged(text: str) -> Iterator[tuple[str, bool]]:
    """Each character, and whether it is shown as it is."""
    marks = 0
    for at, character in enumerate(text):
        kind = _kind(character)
        marks = marks + 1 if kind == "mark" else 0
        yield character, kind == "plain" or (0 < marks <= MARKS_AT_MOST and at > 0)


@lru_cache(4096)
def _kind(character: str) -> Literal["plain", "mark", "unseen"]:
    # str.isprintable is False for every control, format (bidi, zero-width), surrogate,
    # private and unassigned character, and for every space but U+0020.
    if not character.isprintable() or _UNSEEN.match(character):
        return "unseen"
    if unicodedata.category(character) in _MARKS or _JAMO.match(character):
        return "mark"
    return "plain"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
