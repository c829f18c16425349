"""What hookconsole may send to a terminal, and nothing else: text that only shows, and the sequences that
Textual and we ourselves emit.

Written apart from the program's own judgement of characters, so that neither can be wrong alone.
"""

import base64
import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len

_MODES = ("7", "25", "1000", "1003", "1004", "1006", "1015", "1016", "1049", "2004", "2026", "2048")
_OURS = re.compile(
    r"\x1b\[[0-9;]{0,60}m"  # colours and styles
    r"|\x1b\[(?P<row>[0-9]{1,4});(?P<column>[0-9]{1,4})H"  # where to go on
    rf"|\x1b\[\?(?P<mode>(?:{'|'.join(_MODES)})[hl])"
    r"|\x1b\[\?(?:2026|2048)\$p"  # which of two modes does the terminal know?
    r"|\x1b\[[<>][0-9]{0,2}u"  # kitty's keyboard
    r"|\x1b\]22;[a-z-]{1,20}\x07"  # the mouse pointer's shape
    r"|\x1b\]52;c;(?P<copy>[A-Za-z0-9+/]*={0,2})\x07"
    r"|(?P<line>\r?\n)|(?P<home>\r)"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)
_SHOW_NOTHING = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point."""

_MARKS_AT_MOST = 4


class Stream:
    """What came from a program on a terminal of so many columns; what it copied, what doesn't belong."""

    def __init__(self, written: bytes, columns: int = 10_000) -> None:
        self.copies: list[str] = []
        self.strays: list[str] = []
        self._columns = columns
        self._column = 0
        self._wraps = True
        self.text = written.decode("utf-8", "surrogateescape")
        self._read(self.text)

    def _read(self, text: str) -> None:
        end = 0
        for found in _OURS.finditer(text):
            if found.start() != end:
                self._stray(end, found.start())
            end = found.end()
            if found["copy"] is not None:
                self.copies.append(base64.b64decode(found["copy"]).decode())
            elif found["column"]:
                self._column = int(found["column"]) - 1
            elif found["mode"] in ("7h", "7l"):
                self._wraps = found["mode"] == "7h"
            elif found["line"] or found["home"]:
                self._column = 0
            elif found["text"]:
                self._column += cell_len(found["text"])
                self.strays += strays(found["text"])
                if self._column > self._columns and not self._wraps:
                    over = self.text[max(found.end() - 400, 0) : found.end()]
                    self.strays.append(f"beyond the edge: {over!r}")
        if end != len(text):
            self._stray(end, len(text))

    def _stray(self, begin: int, end: int) -> None:
        self.strays.append(f"{self.text[max(begin - 40, 0) : begin]!r} >>> {self.text[begin : end + 40]!r}")


def strays(text: str) -> Iterator[str]:
    """What a text holds that a terminal would obey, that shows nothing, or that piles up."""
    marks = 0
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me", "Mc") else 0
        space = category == "Zs" and character != " "
        if category[0] == "C" or category in ("Zl", "Zp") or space or marks > _MARKS_AT_MOST:
            yield f"U+{ord(character):04X} in {text[max(place - 20, 0) : place + 20]!r}"
        elif _SHOW_NOTHING.match(character):
            yield f"U+{ord(character):04X}, which shows nothing, in {text[max(place - 20, 0) : place + 20]!r}"
