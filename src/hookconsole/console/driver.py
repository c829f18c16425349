"""Textual's driver for a terminal that may hang up or stall: it costs the screen, never a delivery.

Invariant: nothing here raises for a dead terminal or waits on one that is gone; nothing that a terminal sends
ends the console but the keys that do.
"""

import contextlib
import os
import select
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Paste
from textual.message import Message

from hookconsole.console.pastes import Pastes
from hookconsole.text import seen

if TYPE_CHECKING:
    from hookconsole.console.app import ConsoleApp

_INPUT_MILLISECONDS = 50
"""What may have more to it waits so long: an escape alone, in the end."""


class _Screenward:
    """What the driver writes to: once the terminal is gone, it takes everything and says nothing."""

    def __init__(self, fd: int, encoding: str) -> None:
        self._fd = fd
        self._encoding = encoding
        self._waiting: list[str] = []
        self._gone = False

    def fileno(self) -> int:
        return self._fd

    def write(self, text: str) -> None:
        self._waiting.append(text)

    def flush(self) -> None:
        rest = memoryview("".join(self._waiting).encode(self._encoding, "replace"))
        self._waiting.clear()
        while rest and not self._gone:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:  # another program has left it so
                select.select([], [self._fd], [], 1.0)
            except OSError:
                self._gone = True


class ConsoleDriver(LinuxDriver):
    """Textual's driver, writing to stdout, where a dead terminal is no error; SIGTSTP stops no delivery.

    `_in_front` is whether the terminal is as the console needs it: so it is made once, and given back once.
    """

    def __init__(self, app: App[Any], **given: Any) -> None:
        super().__init__(app, **given)
        out = sys.__stdout__
        assert out is not None  # noqa: S101  the command line has seen that it is a terminal
        self._file = cast("Any", _Screenward(out.fileno(), out.encoding))
        self._in_front = False

    def start_application_mode(self) -> None:
        """Take the terminal."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._in_front = self._key_thread is not None and self._key_thread.is_alive()

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._in_front = False
        super().stop_application_mode()

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self._stop)

    def _sigcont_application(self, *_: object) -> None:
        self._soon(self._go_on)

    def _soon(self, act: Callable[[], None]) -> None:
        """Not within a signal's handler, which may have come amid a write, and would wait for its end."""
        with contextlib.suppress(RuntimeError):  # the screen has just ended
            self._loop.call_soon_threadsafe(act)

    def _stop(self) -> None:
        if cast("ConsoleApp", self._app).may_suspend():
            super()._sigtstp_application()

    def _go_on(self) -> None:
        """Go on, also behind a SIGSTOP, of which nobody is told: the terminal may be another's by now."""
        if self._in_front:
            self.suspend_application_mode()
            self._must_signal_resume = True
        if self._must_signal_resume:
            super()._sigcont_application()
            self._app.call_later(self._app.refresh, layout=True)  # the terminal has come back empty

    def run_input_thread(self) -> None:
        """Read keys and pastes; a terminal that is gone has no more, which is no crash."""
        parser, pastes = XTermParser(), Pastes()
        decode = getincrementaldecoder("utf-8")("replace").decode
        ready = select.poll()
        ready.register(self.fileno, select.POLLIN)
        with contextlib.suppress(OSError):
            while not self.exit_event.is_set():
                pieces = pastes.waited()
                if ready.poll(_INPUT_MILLISECONDS):
                    raw = os.read(self.fileno, 4096)
                    if not raw:
                        return
                    pieces = pastes.take(decode(raw))
                for pasted, text in pieces:
                    if pasted:
                        self.process_message(Paste("\n".join(map(seen, text.splitlines()))))
                    else:
                        parser = self._typed(parser, parser.feed(text))
                parser = self._typed(parser, parser.tick())

    def _typed(self, parser: XTermParser, messages: Iterable[Message]) -> XTermParser:
        """Hand on what was typed; another parser where it made no sense, such as no character's key."""
        try:
            for message in messages:
                self.process_message(message)
        except (ValueError, ArithmeticError):
            return XTermParser()
        return parser
