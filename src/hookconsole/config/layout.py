"""Lines, blank lines and comments around a table: whose they are when it goes.

Comment lines right above a header belong to that header's table, and stay. Those right below a
table's last key, with a blank line or the end of the file after them, are its own, and go with it.
"""

import re

_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)+")
_COMMENT_LINES = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|\Z))+")
_BLANK_LINE = re.compile(r"[ \t]*\r?\n")
_COMMENT_LINE = re.compile(r"[ \t]*#[^\n]*\n")


def without(text: str, start: int, end: int) -> str:
    """The text without a table's lines, its own comments, and the blank lines that kept it apart."""
    comments = _COMMENT_LINES.match(text, end)
    if comments and (comments.end() == len(text) or _BLANK_LINE.match(text, comments.end())):
        end = comments.end()
    before, after = text[:start], text[end:]
    blank = _BLANK_LINES.match(after)
    rest = after[blank.end() :] if blank else after
    if ends_in_blank_line(before):
        if not rest:
            before = before[: _last_line(before)]
        return before + rest
    if rest and not blank and _COMMENT_LINE.fullmatch(before, _last_line(before)):
        # It must not become the comment of the table below.
        return before + newline_of(text) + rest
    return before + after


def ends_in_blank_line(text: str) -> bool:
    """Whether nothing stands directly above what would be added."""
    return not text or _BLANK_LINE.fullmatch(text, _last_line(text)) is not None


def newline_of(text: str) -> str:
    """How the file ends its lines."""
    return "\r\n" if text[: text.find("\n") + 1].endswith("\r\n") else "\n"


def newlines_like(old: str, new: str) -> str:
    """`new` with the line ends of `old` in the lines that are new."""
    if newline_of(old) == "\n":
        return new
    kept = set(old.split("\n")[:-1])
    *lines, last = new.split("\n")
    ended = [line if line.endswith("\r") or line in kept else line + "\r" for line in lines]
    return "\n".join([*ended, last])


def _last_line(text: str) -> int:
    """Where the last line starts."""
    return text.rfind("\n", 0, max(len(text) - 1, 0)) + 1
