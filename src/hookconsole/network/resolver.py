"""Names to addresses, in threads that can hang without holding up anything.

`getaddrinfo` can't be cancelled, so each lookup has a daemon thread of its own: a hung one blocks neither
the loop, nor another host's lookup, nor the end of the process. At most one lookup of a host and 64 in
all are under way; one that nobody waits for any more makes room, but for the 193rd such.
Search domains never complete a name: it is looked up as an absolute one.
"""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from hookconsole.network.errors import DnsError
from hookconsole.network.hosts import HostsFile

LOOKUPS_AT_MOST = 64
"""Threads that somebody waits for; what is beyond waits its turn."""

LEFT_AT_MOST = 192
"""Threads that hang and that nobody waits for any more. With three dead name servers one hangs for 30 s,
while an attempt waits 5: the half of 64 slots that troubled endpoints may hold leaves no more behind."""

LOOKUP_SECONDS = 5.0
"""How long an attempt waits for its answer."""

Answer = list[str] | str
"""Literal addresses, or the reason why there are none."""


class Resolves(Protocol):
    """Where the transport gets addresses from; tests put their own in place."""

    async def resolve(self, host: str) -> list[str]:
        """Literal addresses of `host`, at least one; DnsError when there is none."""
        ...


@dataclass(slots=True, eq=False)
class _Lookup:
    host: str
    answer: "asyncio.Future[Answer]"
    stage: Literal["waiting", "running", "left"] = "waiting"
    asking: int = 0
    """Attempts that wait for it."""


class Resolver:
    """The system's resolver, for one event loop."""

    def __init__(
        self,
        lookup: Callable[[str], list[str]] | None = None,
        at_most: int = LOOKUPS_AT_MOST,
        seconds: float = LOOKUP_SECONDS,
        left_at_most: int = LEFT_AT_MOST,
    ) -> None:
        self._lookup = lookup or SystemLookup()
        self._at_most = at_most
        self._seconds = seconds
        self._left_at_most = left_at_most
        self._running = 0
        self._left = 0
        self._lookups: dict[str, _Lookup] = {}
        self._waiting: deque[_Lookup] = deque()

    async def resolve(self, host: str) -> list[str]:
        """Literal addresses of `host`, at least one; DnsError when there is none within 5 s."""
        lookup = self._lookups.get(host)
        if lookup is None:
            lookup = _Lookup(host, asyncio.get_running_loop().create_future())
            self._lookups[host] = lookup
            self._waiting.append(lookup)
            self._start_waiting()
        lookup.asking += 1
        try:
            async with asyncio.timeout(self._seconds):
                found = await asyncio.shield(lookup.answer)
        except TimeoutError:
            raise DnsError(f"{host}: no answer from the resolver within {self._seconds:g} s") from None
        finally:
            lookup.asking -= 1
            if not lookup.asking and not lookup.answer.done():
                self._leave(lookup)
        if isinstance(found, str):
            raise DnsError(f"{host}: {found}")
        return found

    def _leave(self, lookup: _Lookup) -> None:
        """Who asked has gone: one that hangs takes no other's place, one that hasn't begun needn't begin."""
        if lookup.stage == "waiting":
            self._waiting.remove(lookup)
            del self._lookups[lookup.host]
        elif lookup.stage == "running" and self._left < self._left_at_most:
            lookup.stage = "left"
            self._running -= 1
            self._left += 1
            self._start_waiting()

    def _start_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self._running < self._at_most:
            lookup = self._waiting.popleft()
            lookup.stage = "running"
            self._running += 1
            thread = threading.Thread(target=self._work, args=(loop, lookup), daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                loop.call_soon(self._finish, lookup, str(error))

    def _work(self, loop: asyncio.AbstractEventLoop, lookup: _Lookup) -> None:
        try:
            answer: Answer = self._lookup(lookup.host) or "the name has no address"
        except socket.gaierror as error:
            answer = error.strerror or str(error)
        except Exception as error:
            answer = type(error).__name__
        try:
            loop.call_soon_threadsafe(self._finish, lookup, answer)
        except RuntimeError:
            return  # The loop has ended; nobody waits any more.

    def _finish(self, lookup: _Lookup, answer: Answer) -> None:
        if lookup.stage == "left":
            self._left -= 1
        else:
            self._running -= 1
        del self._lookups[lookup.host]
        lookup.answer.set_result(answer)
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
