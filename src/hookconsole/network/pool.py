"""Connections kept for the next request to the same origin: few, briefly, and none that was spoken to.

A kept connection is reused only under the allow list that its address was judged by, and only while it is
young, so that a changed DNS answer, registry or authorities' file takes hold within a minute.
"""

import asyncio
import math
from collections.abc import Sequence

from hookconsole.network.addresses import Network
from hookconsole.network.connection import Connection
from hookconsole.network.dial import Origin

IDLE_SECONDS = 15.0
"""How long an unused connection is kept."""

LIFETIME_SECONDS = 60.0
"""How long after its opening a connection is still reused."""

IDLE_AT_MOST = 256
"""Unused connections, of all origins; the one unused longest makes room."""


class Pool:
    """Unused connections by origin."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Connection]] = {}  # The one used last is the last.
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def take(self, origin: Origin, allow: Sequence[Network], now: float) -> Connection | None:
        """The connection to `origin` that was used last and may still be used, or None."""
        kept = self._idle.get(origin)
        while kept:
            connection = kept.pop()
            self._count -= 1
            if (
                connection.idle_since + IDLE_SECONDS > now
                and (connection.allow is allow or connection.allow == allow)
                and connection.quiet()
            ):
                return connection
            connection.close()
        return None

    def put(self, origin: Origin, connection: Connection, now: float) -> None:
        """Keep a connection whose response has ended cleanly; a closed or old one is let go."""
        if connection.closed:
            return
        if self._closed or connection.opened_at + LIFETIME_SECONDS <= now:
            connection.close()
            return
        if self._count >= IDLE_AT_MOST:
            self._drop_idle_since(self._oldest())
        connection.idle_since = now
        kept = self._idle.get(origin)
        if kept is None:
            self._idle[origin] = [connection]
        else:
            kept.append(connection)
        self._count += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(now + IDLE_SECONDS, self._sweep)

    def close(self) -> None:
        """Close every kept connection, and keep no more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._drop_idle_since(math.inf)

    def _sweep(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        self._drop_idle_since(loop.time() - IDLE_SECONDS)
        if self._idle:
            self._timer = loop.call_at(self._oldest() + IDLE_SECONDS, self._sweep)

    def _oldest(self) -> float:
        return min(kept[0].idle_since for kept in self._idle.values() if kept)

    def _drop_idle_since(self, when: float) -> None:
        """Close what was last used at `when` or before; forget that, and what the receivers closed."""
        for origin, kept in list(self._idle.items()):
            fresh: list[Connection] = []
            for connection in kept:
                if connection.idle_since > when and not connection.closed:
                    fresh.append(connection)
                else:
                    connection.close()
            self._count -= len(kept) - len(fresh)
            if fresh:
                self._idle[origin] = fresh
            else:
                del self._idle[origin]
