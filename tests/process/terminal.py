"""A terminal for a program under test: a pty of its own, what comes from it, what would be on its screen."""

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from running import wait_until

_LAUNCH = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)
_TOKEN = re.compile(
    r"\x1b\[(?P<private>[<>?=]?)(?P<numbers>[\d;:]*)(?:\$?)(?P<final>[@-~])"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_].*?\x1b\\|\x1b(?![\[\]PX^_])[ -/]*[0-~]"
    r"|(?P<text>[^\x00-\x1f\x7f\x1b]+)"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])",
    re.DOTALL,
)

_SYNCHRONIZED = "2026"
_ASKS, _TELLS = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""The mode in which a picture is drawn; the question whether a terminal has it, and the answer yes."""

_LAST = b"\x1b]the last\x07"
"""Comes after all else."""

_OF_A_TERMINAL = ("NO_COLOR", "COLORFGBG", "COLUMNS", "LINES")


class Screen:
    """So much of a terminal as Textual uses: where text is put, and which modes are on.

    One thread feeds it, any may read: a picture that is being drawn isn't seen before it is whole.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self._rows = rows
        self._columns = columns
        self._cells: list[list[str]] = []
        self._row = self._column = 0
        self._whole = ""
        self._lock = threading.Lock()
        self.modes: set[str] = set()
        self._clear()

    def _clear(self) -> None:
        self._cells = [[" "] * self._columns for _ in range(self._rows)]

    @property
    def text(self) -> str:
        """What can be read."""
        with self._lock:
            return self._whole if _SYNCHRONIZED in self.modes else self._drawn()

    def _drawn(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self._cells)

    def feed(self, text: str) -> str:
        """Take in what was written; what is incomplete is given back."""
        end = 0
        with self._lock:
            for token in _TOKEN.finditer(text):
                if token.start() != end:
                    break
                end = token.end()
                self._obey(token)
        return text[end:]

    def _obey(self, token: "re.Match[str]") -> None:
        if token["text"]:
            for character in token["text"]:
                if self._row < self._rows and self._column < self._columns:
                    self._cells[self._row][self._column] = character
                self._column += 1
        elif token["control"] == "\r":
            self._column = 0
        elif token["control"] == "\n":
            self._row = min(self._row + 1, self._rows - 1)
        elif token["final"] == "H" and not token["private"]:
            row, _, column = token["numbers"].partition(";")
            self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
        elif token["final"] == "J":
            self._clear()
        elif token["final"] in ("h", "l") and token["private"] == "?":
            if token["numbers"] == _SYNCHRONIZED and token["final"] == "h":
                self._whole = self._drawn()
            (self.modes.add if token["final"] == "h" else self.modes.discard)(token["numbers"])
            if token["numbers"] == "1049":
                self._clear()


class Terminal:
    """A program on a terminal of its own."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before: list[Any] = termios.tcgetattr(slave)
        env = {name: value for name, value in os.environ.items() if name not in _OF_A_TERMINAL}
        env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(environment or {})}
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", _LAUNCH, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            start_new_session=True,
        )
        self._slave = slave
        self._chunks: list[bytes] = []
        self.screen = Screen(*size)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def written(self) -> bytes:
        """All that it wrote so far."""
        count = len(self._chunks)
        if count > 1:
            self._chunks[:count] = [b"".join(self._chunks[:count])]
        return self._chunks[0] if count else b""

    def _read(self) -> None:
        rest, told = "", False
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        ready = select.poll()  # select() takes no descriptor from 1024 on
        ready.register(self.master, select.POLLIN)
        with contextlib.suppress(OSError):
            while not self._stop.is_set():
                if not ready.poll(50):
                    continue
                chunk = os.read(self.master, 65536)
                self._chunks.append(chunk)
                text = decode(chunk)
                rest += text
                # A long copy comes in thousands of pieces.
                if not rest.startswith("\x1b]") or "\x07" in text or "\x1b" in text:
                    rest = self.screen.feed(rest)
                if not told and _ASKS in b"".join(self._chunks):
                    told = True
                    os.write(self.master, _TELLS)

    def send(self, keys: str | bytes) -> None:
        """Type."""
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def paste(self, text: str) -> None:
        """Paste, as a terminal does that leaves in what was copied."""
        self.send(f"\x1b[200~{text}\x1b[201~")

    def until_so(self, holds: Callable[[str], object], what: str) -> str:
        """Wait for a screen of which this holds; that screen. A failure shows the one that there is."""
        found = ""

        def looked() -> bool:
            nonlocal found
            found = self.screen.text
            return bool(holds(found)) or self.process.poll() is not None

        with contextlib.suppress(AssertionError):
            wait_until(looked, what)
        assert holds(found), f"{what} isn't on:\n{found}"
        return found

    def until(self, text: str) -> str:
        """Wait for a text; the screen."""
        return self.until_so(lambda shown: text in shown, repr(text))

    def until_gone(self, text: str) -> str:
        """Wait until a text isn't there any more; the screen."""
        return self.until_so(lambda shown: text not in shown, f"no {text!r}")

    def escape_from(self, title: str) -> None:
        """Close a dialog."""
        self.send("\x1b")
        self.until_gone(title)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self.process.pid, number)

    def end(self) -> int:
        """Wait for the program's end, and for all that it wrote; its exit code."""
        code = self.process.wait(60)
        if not self._stop.is_set():
            with contextlib.suppress(OSError):  # where a terminal goes with its program
                os.write(self._slave, _LAST)
                wait_until(lambda: _LAST in self.written, "the last that was written")
                self._chunks = [self.written.replace(_LAST, b"")]
        return code

    @property
    def settings(self) -> list[Any]:
        """How the terminal is set."""
        found: list[Any] = termios.tcgetattr(self._slave)
        return found

    def stall(self) -> None:
        """Read no more of what the program writes, as a connection that hangs."""
        self._stop.set()
        self._thread.join()

    def hang_up(self) -> None:
        """Close the window."""
        self._stop.set()
        self._thread.join()
        os.close(self._slave)
        self._slave = -1
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        """End what still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._stop.set()
        self._thread.join()
        for fd in (self._slave, self.master):
            if fd >= 0:
                os.close(fd)
