"""httpx's transport interface over connections of our own: one attempt in, one response or one error out.

Everything from the name's lookup to the body's end happens before one deadline. Nothing is followed,
decoded, remembered or taken from the environment. A complete response head makes a response, whatever
becomes of its body.
"""

import asyncio

import httpx

from hookconsole.network.connection import Connection
from hookconsole.network.dial import Dialer, Origin
from hookconsole.network.errors import TlsError
from hookconsole.network.exchange import Exchange
from hookconsole.network.message import Answer, Post, joined
from hookconsole.network.pool import Pool
from hookconsole.network.resolver import Resolver, Resolves
from hookconsole.network.url import DEFAULT_PORTS


class Transport(httpx.AsyncBaseTransport):
    """For one event loop. Requests carry an `Exchange` as `extensions["exchange"]`."""

    def __init__(self, resolver: Resolves | None = None) -> None:
        self._dialer = Dialer(resolver or Resolver())
        self._pool = Pool()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` as it is; the errors are those that `error_name` knows.

        The response's stream is the first 4 KiB of its body, undecoded; `extensions["truncated"]` says
        whether the receiver sent, or meant to send, more.
        """
        exchange: Exchange = request.extensions["exchange"]
        now = asyncio.get_running_loop().time()
        deadline = now + exchange.deadline_seconds
        url = request.url
        scheme = url.scheme
        if scheme not in DEFAULT_PORTS:
            raise httpx.UnsupportedProtocol("the URL's scheme is neither https nor http")
        origin = Origin(scheme == "https", url.raw_host, url.port or DEFAULT_PORTS[scheme], exchange.ca_file)
        wire = wire_bytes(request)
        connection = self._pool.take(origin, exchange.allow, now)
        if connection is not None:
            try:
                return await self._exchange(connection, origin, exchange, wire, deadline)
            except (httpx.ReadError, TlsError):
                if connection.first_byte_at is not None:
                    raise
                exchange.resent = True
        connection = await self._dialer.open(origin, exchange, deadline)
        return await self._exchange(connection, origin, exchange, wire, deadline)

    async def aclose(self) -> None:
        """Close the kept connections; one that is in use closes when its response has come."""
        self._pool.close()
        await asyncio.sleep(0)  # The loop closes the sockets in its next turn.

    async def _exchange(
        self,
        connection: Connection,
        origin: Origin,
        exchange: Exchange,
        wire: bytes,
        deadline: float,
    ) -> httpx.Response:
        clock = asyncio.get_running_loop().time
        exchange.remote = connection.remote
        began = clock()
        try:
            reader = await connection.exchange(wire, deadline)
        finally:
            if connection.first_byte_at is not None:
                exchange.timings["first_byte"] = (connection.first_byte_at - began) * 1000
        self._pool.put(origin, connection, clock())
        return Answer(reader.status, reader.headers, reader.body, truncated=reader.truncated)


def wire_bytes(request: httpx.Request) -> bytes:
    """The request as it goes out; LocalProtocolError when a header would end its line early."""
    if isinstance(request, Post):
        return request.wire
    first_line = b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)
    return b"%b\r\n\r\n%b" % (joined(first_line, request.headers.raw), request.read())
