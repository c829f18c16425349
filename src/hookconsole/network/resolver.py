"""Names to addresses, in threads that can hang without holding up anything.

`getaddrinfo` can't be cancelled, so each lookup has a daemon thread of its own: a hung one blocks neither
the loop, nor another host's lookup, nor the end of the process. At most one lookup of a host and 64 in
all are under way. Search domains never complete a name: it is looked up as an absolute one.
"""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from hookconsole.network.errors import DnsError
from hookconsole.network.hosts import HostsFile

LOOKUPS_AT_MOST = 64
"""Threads; what is beyond waits its turn."""

LOOKUP_SECONDS = 5.0
"""How long an attempt waits for its answer."""

Answer = list[str] | str
"""Literal addresses, or the reason why there are none."""


class Resolves(Protocol):
    """Where the transport gets addresses from; tests put their own in place."""

    async def resolve(self, host: str) -> list[str]:
        """Literal addresses of `host`, at least one; DnsError when there is none."""
        ...


class Resolver:
    """The system's resolver, for one event loop."""

    def __init__(
        self,
        lookup: Callable[[str], list[str]] | None = None,
        at_most: int = LOOKUPS_AT_MOST,
        seconds: float = LOOKUP_SECONDS,
    ) -> None:
        self._lookup = lookup or SystemLookup()
        self._at_most = at_most
        self._seconds = seconds
        self._running = 0
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._waiting: deque[str] = deque()

    async def resolve(self, host: str) -> list[str]:
        """Literal addresses of `host`, at least one; DnsError when there is none within 5 s."""
        answer = self._answers.get(host)
        if answer is None:
            answer = self._answers[host] = asyncio.get_running_loop().create_future()
            self._waiting.append(host)
            self._start_waiting()
        try:
            async with asyncio.timeout(self._seconds):
                found = await asyncio.shield(answer)
        except TimeoutError:
            raise DnsError(f"{host}: no answer from the resolver within {self._seconds:g} s") from None
        if isinstance(found, str):
            raise DnsError(f"{host}: {found}")
        return found

    def _start_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self._running < self._at_most:
            host = self._waiting.popleft()
            self._running += 1
            thread = threading.Thread(target=self._work, args=(loop, host), daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                loop.call_soon(self._finish, host, str(error))

    def _work(self, loop: asyncio.AbstractEventLoop, host: str) -> None:
        try:
            answer: Answer = self._lookup(host) or "the name has no address"
        except socket.gaierror as error:
            answer = error.strerror or str(error)
        except Exception as error:
            answer = type(error).__name__
        try:
            loop.call_soon_threadsafe(self._finish, host, answer)
        except RuntimeError:
            return  # The loop has ended; nobody waits any more.

    def _finish(self, host: str, answer: Answer) -> None:
        self._running -= 1
        self._answers.pop(host).set_result(answer)
        self._start_waiting()


class SystemLookup:
    """The hosts file, then the system's resolver for the absolute name. Blocks."""

    def __init__(self, hosts: HostsFile | None = None) -> None:
        self._hosts = hosts or HostsFile()

    def __call__(self, host: str) -> list[str]:
        """Every address of `host`, in the order of preference; OSError when there is none."""
        listed = self._hosts.addresses(host)
        if listed:
            return listed
        # Bytes, so that no codec of Python's changes the name; the dot keeps search domains,
        # LOCALDOMAIN and HOSTALIASES out.
        found = socket.getaddrinfo(host.encode("ascii") + b".", None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(answer[4][0]) for answer in found))
