"""Receivers on loopback that misbehave on purpose, and one attempt against them as the sender makes it.

A receiver's behaviour is an async function of its `Peer`, run for each connection in the test's own loop,
so that nothing depends on threads or on luck.
"""

import asyncio
import os
import ssl
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType

import httpx

from hookconsole.network.addresses import Network
from hookconsole.network.errors import error_detail, error_name
from hookconsole.network.exchange import Exchange
from hookconsole.network.transport import Transport
from hostile_responses import OK

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

BODY = b'{"id":"evt_1","type":"webhook.test"}'


class Peer:
    """The receiver's end of one connection."""

    def __init__(
        self, receiver: "Receiver", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.number = receiver.connections
        """1 for the first connection."""
        self._receiver = receiver
        self._reader = reader
        self._writer = writer

    async def request(self) -> bytes:
        """The next whole request; IncompleteReadError when the sender has gone."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        request = head + await self._reader.readexactly(length)
        self._receiver.requests.append(request)
        return request

    async def some(self) -> None:
        """A few bytes of whatever comes."""
        await self._reader.readexactly(5)

    async def send(self, data: bytes) -> None:
        """Send, and wait while the sender doesn't read; ConnectionError when it has gone."""
        self._writer.write(data)
        await self._writer.drain()
        await asyncio.sleep(0)  # What a dead connection takes at once would keep the loop from hearing of it.

    def send_now(self, data: bytes) -> None:
        """Send before the loop turns."""
        self._writer.write(data)

    def send_beneath_tls(self, data: bytes) -> None:
        """Send past the encryption, before the loop turns."""
        os.write(self._writer.get_extra_info("socket").fileno(), data)

    async def hold(self) -> None:
        """Say nothing more until the sender hangs up."""
        while await self._reader.read(65536):
            pass

    def close_now(self) -> None:
        """Close the sending side before the loop turns."""
        self._writer.get_extra_info("socket").shutdown(1)

    async def close(self) -> None:
        """Close; returns when it is done."""
        self._writer.close()
        await self._writer.wait_closed()

    def abort(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()

    def reset(self) -> None:
        """End the connection with an RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()


Behaviour = Callable[[Peer], Awaitable[None]]


class Receiver:
    """A listener that counts connections and keeps the requests."""

    def __init__(
        self, behaviour: Behaviour, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.gone = asyncio.Event()
        """Set when some connection has ended, whoever ended it."""
        self.peers: list[Peer] = []
        self._behaviour = behaviour
        self._tls = tls
        self._host = host
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Receiver":
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for peer in self.peers:
            peer.abort()
        await asyncio.sleep(0)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        peer = Peer(self, reader, writer)
        if self._closed:
            peer.abort()
            return
        self.peers.append(peer)
        task = asyncio.get_running_loop().create_task(self._behave(peer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _behave(self, peer: Peer) -> None:
        try:
            await self._behaviour(peer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # The sender hung up, which most of these receivers deserve.
        finally:
            self.gone.set()
            peer.abort()


class Names:
    """A resolver that knows what it was told."""

    def __init__(self, **names: Sequence[str]) -> None:
        self._names = {name.replace("_", "."): found for name, found in names.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str) -> list[str]:
        """The addresses of `host`."""
        self.asked.append(host)
        return list(self._names[host])


@dataclass
class Outcome:
    """What an attempt came to: a status or the name of an error."""

    result: int | str
    detail: str
    exchange: Exchange
    response: httpx.Response | None = None

    @property
    def body(self) -> bytes:
        """The body that was kept."""
        assert self.response is not None
        assert isinstance(self.response.stream, httpx.ByteStream)
        return b"".join(self.response.stream)

    @property
    def truncated(self) -> bool:
        """Whether more was sent, or meant to be."""
        assert self.response is not None
        return bool(self.response.extensions["truncated"])


async def attempt(
    transport: Transport,
    url: str,
    *,
    seconds: float = 20.0,
    allow: Sequence[Network] = LOOPBACK,
    ca_file: str | None = None,
    body: bytes = BODY,
) -> Outcome:
    """POST `body` to `url`."""
    exchange = Exchange(seconds, ca_file, allow)
    request = httpx.Request(
        "POST",
        url,
        headers=[(b"Content-Type", b"application/json")],
        content=body,
        extensions={"exchange": exchange},
    )
    try:
        response = await transport.handle_async_request(request)
    except Exception as error:
        return Outcome(error_name(error), error_detail(error), exchange)
    return Outcome(response.status_code, "", exchange, response)


async def forever(peer: Peer) -> None:
    """A healthy receiver: `200 ok` to every request."""
    while True:
        await peer.request()
        await peer.send(OK)
