"""The terminal: whether it can carry a console, whether it is still there, and how it is given back.

Nothing here waits for it or raises when it is gone; nothing here needs textual.
"""

import contextlib
import os
import select
import sys
import termios
from collections.abc import Mapping
from typing import Any

_GIVE_BACK = (
    "\x1b[?2004l"  # bracketed paste
    "\x1b[?7h"  # line wrap
    "\x1b[?2048l"  # resizes in band
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"  # mouse
    "\x1b[<u"  # kitty's keyboard
    "\x1b[?1004l"  # focus
    "\x1b[?1049l\x1b[?25h"  # the other screen, the cursor
)


def hung_up(fd: int) -> bool:
    """Whether a terminal is gone: its window was closed, or the connection."""
    poll = select.poll()
    try:
        poll.register(fd, 0)
        return bool(poll.poll(0)) or not os.isatty(fd)
    except OSError:
        return True


class Terminal:
    """The terminal as it was before the console: what is needed to give it back in a hurry."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._before: list[Any] | None = None
        with contextlib.suppress(termios.error):
            self._before = termios.tcgetattr(fd)

    @property
    def hung_up(self) -> bool:
        """Whether it is gone."""
        return hung_up(self._fd)

    def give_back(self) -> None:
        """Put it as it was, without waiting for it."""
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(self._fd, termios.TCOFLUSH)
            if self._before is not None:
                termios.tcsetattr(self._fd, termios.TCSANOW, self._before)
        with contextlib.suppress(OSError):
            _, writable, _ = select.select([], [self._fd], [], 0)
            if writable:
                os.write(self._fd, _GIVE_BACK.encode())


def unfit(environment: Mapping[str, str]) -> str:
    """Why no console can be shown here; empty when one can."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "a console needs a terminal for stdin and stdout"
    if environment.get("TERM", "dumb") in ("", "dumb", "unknown"):
        return f"a terminal of the kind TERM={environment.get('TERM', '')} can't show a console"
    return ""
