"""A console on a terminal of its own, and a receiver that answers when it may."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from running import Hookconsole
from terminal import Terminal

Open = Callable[..., Terminal]

OFF_AT_THE_END = {"1049", "1000", "1003", "1006", "1015", "2004", "1004"}
"""Modes that a shell wants to find off: the other screen, the mouse, bracketed paste, focus."""


@pytest.fixture
def opened(console: Hookconsole) -> Iterator[Open]:
    """Opens a console on a terminal of its own."""
    terminals = []

    def open_(*arguments: str, size: tuple[int, int] = (80, 24), **environment: str) -> Terminal:
        terminals.append(Terminal(console.command(*arguments), environment, size))
        return terminals[-1]

    yield open_
    for terminal in terminals:
        terminal.close()


class Slow:
    """A receiver that answers when it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = threading.Event()
        slow = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                slow.asked += 1
                slow.may.wait(30)
                with contextlib.suppress(OSError):
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self.may.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def slow(console: Hookconsole) -> Iterator[Slow]:
    """One endpoint, `slow`, whose receiver keeps an attempt in flight."""
    receiver = Slow()
    console.add("slow", receiver.url, '["*"]')
    yield receiver
    receiver.close()


def is_as_before(terminal: Terminal) -> bool:
    return not (terminal.screen.modes & OFF_AT_THE_END) and terminal.settings == terminal.before
