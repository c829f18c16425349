"""Outside text made safe: what passes through here can't move, colour or feed a terminal.

Anything that came from a receiver, a payload, a URL or a hand-written file goes through `safe` before it
reaches a view, a log line or an error message. What isn't printable is shown as an escape.
"""

import unicodedata

MARKS_AT_MOST = 4
"""Combining marks kept behind one character; the rest are shown as escapes."""


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


def _escaped(text: str) -> str:
    parts: list[str] = []
    marks = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
            marks += 1
            parts.append(character if marks <= MARKS_AT_MOST and parts else _escape(character))
            continue
        marks = 0
        # str.isprintable is False for every control, format (bidi, zero-width), surrogate,
        # private and unassigned character, and for every space but U+0020.
        parts.append(character if character.isprintable() else _escape(character))
    return "".join(parts)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
