"""A listener that nobody may reach, and a resolver that leads everyone there."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

Answers = Callable[[], list[str]]


class Untouched:
    """Listens on loopback, which isn't allowed; proxies and the like of the environment point to it, too."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.url = f"http://lying.example:{self.port}/hooks"

    def received(self) -> list[bytes]:
        """What came by each connection; the kernel has accepted those that nobody took from it."""
        found: list[bytes] = []
        self._listener.setblocking(False)
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return found
            with connection:
                connection.settimeout(5)
                found.append(connection.recv(65536))


@contextmanager
def untouched(patch: pytest.MonkeyPatch, answers: Answers = lambda: ["127.0.0.1"]) -> Iterator[Untouched]:
    """While this lasts every name under `example` has these answers."""
    real = socket.getaddrinfo

    def getaddrinfo(host: bytes | str | None, *args: object, **options: object) -> object:
        if not isinstance(host, bytes) or not host.endswith(b".example."):
            return real(host, *args, **options)  # type: ignore[arg-type]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "internal.corp.example", (address, 0))
            for address in answers()
        ]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        trap = Untouched(listener)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            patch.setenv(name, f"http://127.0.0.1:{trap.port}")
        patch.setenv("NO_PROXY", "")
        yield trap
        assert trap.received() == []
