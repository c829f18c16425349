"""One HTTP/1.1 connection to one judged address, with one request on it at a time.

A connection is kept only while nothing unexpected has happened on it: bytes nobody asked for, an early
close, a response that didn't end cleanly or a request that wasn't sent whole close it at once.
"""

import asyncio
import select
import socket
import ssl
from collections.abc import Sequence
from typing import cast

import httpx

from hookconsole.network.addresses import Network
from hookconsole.network.response import ResponseReader
from hookconsole.network.tls import tls_error
from hookconsole.text import safe_bytes

BODY_SECONDS = 1.0
"""How long a body is read on after the head, so that the connection can be kept."""


class Connection(asyncio.BufferedProtocol):
    """An open connection; `exchange` sends a request and reads its response."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        buffer: memoryview,
        remote: str,
        allow: Sequence[Network],
    ) -> None:
        self.remote = remote
        self.allow = allow
        """What the address was judged by."""
        self.opened_at = self.idle_since = loop.time()
        self.closed = False
        self.first_byte_at: float | None = None
        """The loop's time of the response's first byte; None when none came."""
        self._loop = loop
        self._buffer = buffer
        self._transport: asyncio.Transport | None = None
        self._socket_poll = select.poll()
        self._reader: ResponseReader | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._reading_body = False

    async def exchange(self, request: bytes, deadline: float) -> ResponseReader:
        """Send `request`, wait for the response's head and some of its body, until the loop's `deadline`."""
        self.first_byte_at = None
        transport = self._transport
        if transport is None:
            raise httpx.ReadError("the connection is closed")
        self._reader = reader = ResponseReader()
        self._waiter = waiter = self._loop.create_future()
        self._reading_body = False
        self._set_deadline(deadline)
        transport.write(request)
        try:
            await waiter
        except BaseException:
            self._reader = None
            self.close()
            raise
        finally:
            reader.drop()
            # It holds the error, whose traceback holds this frame and so the request: a ring, if we held it.
            self._waiter = None
            del waiter
        return reader

    def quiet(self) -> bool:
        """Whether the receiver has left the idle connection alone: no bytes, and not closed."""
        return not self.closed and not self._socket_poll.poll(0)

    def close(self) -> None:
        """Close at once; what is still unsent is dropped."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._socket_poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the event loop puts the next bytes."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Part of the response, or bytes that nobody asked for."""
        reader = self._reader
        if reader is None:
            self.close()
            return
        if self.first_byte_at is None:
            self.first_byte_at = self._loop.time()
        reader.feed(self._buffer[:nbytes])
        if reader.done:
            self._finish(reader)
        elif reader.status and not self._reading_body:
            self._reading_body = True
            self._acknowledge()
            self._set_deadline(min(self._deadline, self._loop.time() + BODY_SECONDS))

    def _acknowledge(self) -> None:
        # A receiver that sends head and body apart waits with the body for this, 40 ms if we don't hurry.
        if self._transport is not None and hasattr(socket, "TCP_QUICKACK"):
            self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def eof_received(self) -> None:
        """The receiver has closed its side."""
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, by either side."""
        self._ended(exc)

    def _ended(self, error: Exception | None) -> None:
        reader = self._reader
        if reader is not None:
            reader.end()
            if reader.status:
                self._finish(reader)
            else:
                self._fail(self._early_close(error))
        self.close()

    def _early_close(self, error: Exception | None) -> httpx.TransportError:
        if isinstance(error, ssl.SSLError):
            return tls_error(error)
        how = "reset" if isinstance(error, ConnectionError) else "closed"
        when = "before any response" if self.first_byte_at is None else "within the response's head"
        return httpx.ReadError(f"the receiver {how} the connection {when}")

    def _set_deadline(self, deadline: float) -> None:
        """Move the timer only to make it earlier: one for each request would cost as much as parsing."""
        self._deadline = deadline
        if self._timer is None or self._timer.when() > deadline:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._reader is None:
            return
        if self._loop.time() < self._deadline:
            self._set_deadline(self._deadline)
        else:
            self._expire(self._reader)

    def _expire(self, reader: ResponseReader) -> None:
        if reader.status:
            self._finish(reader)
        elif self.first_byte_at is None:
            self._fail(httpx.ReadTimeout("waiting for the response: no byte of it came in time"))
        else:
            self._fail(httpx.ReadTimeout("waiting for the response: its head was not complete in time"))

    def _finish(self, reader: ResponseReader) -> None:
        if not reader.status:
            self._fail(httpx.RemoteProtocolError(_not_http(reader)))
            return
        self._reader = None
        if not reader.keep_alive or self._unsent():
            self.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        self._reader = None
        self.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    def _unsent(self) -> bool:
        return self._transport is None or self._transport.get_write_buffer_size() > 0


def _not_http(reader: ResponseReader) -> str:
    # Its first word only: a receiver that echoes the request would put the URL's query here.
    words = reader.start.split(None, 1)
    began = f"; it begins with {safe_bytes(words[0], 20)}" if words else ""
    return f"no valid HTTP response: {reader.fault}{began}"
