"""A console on a terminal of its own: keys go in, what comes out is told with the time at which it came."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from _common import memory

CONTROL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
END_SECONDS = 60.0

ANSWER = b">"
"""What stands before the cursor's row, and nowhere else in a list."""


class Terminal:
    """A program on a terminal of so many columns and lines; a context manager, which ends it."""

    def __init__(self, command: list[str], columns: int = 80, lines: int = 24) -> None:
        self.started_at = time.monotonic()
        self.seen = bytearray()
        """All that has come."""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            for name in ("NO_COLOR", "COLUMNS", "LINES"):
                os.environ.pop(name, None)
            os.execv(command[0], command)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGTERM)
        until = time.monotonic() + END_SECONDS
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGKILL)
            self.read(0.05)
        os.close(self._fd)

    def cpu_seconds(self) -> float:
        """User and system time so far, of all threads, to the nanosecond."""
        return time.clock_gettime(~self.pid << 3 | 2)  # clock_getcpuclockid(3)'s

    def memory(self, field: str = "VmRSS") -> int:
        """Bytes resident now, or `VmHWM`: at the peak."""
        return memory(self.pid, field)

    def press(self, keys: str) -> float:
        """Type; when that was."""
        os.write(self._fd, keys.encode())
        return time.monotonic()

    def read(self, seconds: float, *, quiet: bool = False) -> bytes:
        """What comes within so many seconds; with `quiet`, until nothing has come for so long."""
        found, until = b"", time.monotonic() + seconds
        while (chunk := self._chunk(until)) is not None:
            found += chunk
            if quiet:
                until = time.monotonic() + seconds
        return found

    def until(self, text: bytes | Callable[[bytes], bool], seconds: float = 30.0) -> float:
        """When a text had come, or what came was as wanted; without colours and positions."""
        found, until = b"", time.monotonic() + seconds
        while (chunk := self._chunk(until)) is not None:
            found += chunk
            plain = CONTROL.sub(b"", found)
            if text(plain) if callable(text) else text in plain:
                return time.monotonic()
        raise RuntimeError(
            f"{text!r} has not come in {seconds:.0f} s; the end of what came: {found[-2000:]!r}"
        )

    def _chunk(self, until: float) -> bytes | None:
        """The next bytes; None when there are none until then, or the program has ended."""
        if not select.select([self._fd], [], [], max(until - time.monotonic(), 0.0))[0]:
            return None
        try:
            chunk = os.read(self._fd, 1 << 16)
        except OSError:
            return None
        self.seen += chunk
        return chunk or None


class Wait(NamedTuple):
    """How long a key waited for its answer: by the clock, and in the processor time of the whole program."""

    seconds: float
    cpu: float


def key_waits(terminal: Terminal, count: int, go_on: Callable[[], bool] = lambda: True) -> list[Wait]:
    """From a `j` or a `k` in a list to the first bytes with the cursor on its new row, `count` times at most.

    The cursor goes down and up again, at moments that have nothing to do with the console's ticks.
    """
    terminal.press("jj")
    terminal.until(ANSWER)
    found: list[Wait] = []
    chance = Random(1)
    while len(found) < count and go_on():
        terminal.read(0.05 + chance.random() * 0.2)
        cpu, pressed = terminal.cpu_seconds(), terminal.press("kj"[len(found) % 2])
        answered = terminal.until(ANSWER)
        found.append(Wait(answered - pressed, terminal.cpu_seconds() - cpu))
    return found
