"""The newest log lines, kept in memory: nothing may be written onto a screen that somebody looks at."""

import logging
from collections import deque
from typing import NamedTuple

from hookconsole.text import safe

KEPT = 500


class LogLine(NamedTuple):
    """One line, made safe: `at` in unix seconds, `level` as in `WARNING`."""

    at: float
    level: str
    text: str


class LogLines(logging.Handler):
    """Keeps what is logged in this process, whichever thread logs it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[LogLine] = deque(maxlen=KEPT)
        self._errors: deque[str] = deque(maxlen=3)

    def install(self) -> None:
        """Take all that is logged from here on, and let nothing else have it."""
        root = logging.getLogger()
        root.handlers[:] = [self]
        logging.getLogger("hookconsole").setLevel(logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record; a traceback isn't, it may hold what nobody should see."""
        text = safe(record.getMessage(), 500)
        self._lines.append(LogLine(record.created, record.levelname, text))
        if record.levelno >= logging.ERROR:
            self._errors.append(text)

    def newest_first(self) -> list[LogLine]:
        """What is kept."""
        return list(reversed(self._lines.copy()))

    def new_errors(self) -> list[str]:
        """Errors since the last call, the newest three."""
        found = []
        while self._errors:
            found.append(self._errors.popleft())
        return found
