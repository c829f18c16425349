"""A connection to a host: looked up once, every answer judged, the judged literal dialled, the peer compared.

No byte is sent, and no connection begun, unless every address of the host may be called.
"""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from itertools import zip_longest
from typing import NamedTuple

import httpx

from hookconsole.network.addresses import judge_address, judge_answers
from hookconsole.network.connection import Connection
from hookconsole.network.errors import BlockedError, ExhaustedError
from hookconsole.network.exchange import Exchange
from hookconsole.network.resolver import Resolves
from hookconsole.network.tls import Contexts, tls_error

DIALS_AT_MOST = 4
"""Addresses of one host that an attempt tries."""

READ_AT_MOST = 64 * 1024
"""Bytes read at once, into one buffer for all connections: a read is digested before the next."""

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Origin(NamedTuple):
    """Where a connection leads to; connections of one origin are interchangeable."""

    tls: bool
    host: bytes
    port: int
    ca_file: str | None


class Dialer:
    """Opens connections."""

    def __init__(self, resolver: Resolves) -> None:
        self._resolver = resolver
        self._contexts = Contexts()
        self._buffer = memoryview(bytearray(READ_AT_MOST))

    async def open(self, origin: Origin, exchange: Exchange, deadline: float) -> Connection:
        """A fresh connection before the loop's `deadline`; notes phases and address in `exchange`."""
        loop = asyncio.get_running_loop()
        host = origin.host.decode("ascii")
        phase = "looking up the name"
        try:
            async with asyncio.timeout_at(deadline):
                addresses = _allowed_of_localhost(host, await self._addresses(host, exchange), exchange)
                reason = judge_answers(host, addresses, exchange.allow)
                if reason is not None:
                    raise BlockedError(reason)
                context = self._contexts.get(origin.ca_file) if origin.tls else None
                phase = "connecting"
                with _timed(exchange, "connect"):
                    sock = await _connect(loop, dial_order(addresses), origin.port, deadline, exchange)
                connection = Connection(loop, self._buffer, exchange.remote or "", exchange.allow)
                if context is None:
                    await loop.create_connection(lambda: connection, sock=sock)
                else:
                    phase = "the TLS handshake"
                    with _timed(exchange, "tls"):
                        await _handshake(loop, sock, connection, context, host, exchange)
                return connection
        except TimeoutError:
            raise httpx.ConnectTimeout(f"{phase}: not done within {exchange.deadline_seconds:g} s") from None

    async def _addresses(self, host: str, exchange: Exchange) -> list[str]:
        try:
            ip_address(host)
        except ValueError:
            with _timed(exchange, "dns"):
                return await self._resolver.resolve(host)
        return [host]


def _allowed_of_localhost(host: str, addresses: list[str], exchange: Exchange) -> list[str]:
    """Of `localhost`, which most machines give two addresses, those that are allowed, if any is."""
    if host.rpartition(".")[2] != "localhost":
        return addresses
    return [a for a in addresses if judge_address(a, exchange.allow) is None] or addresses


def dial_order(addresses: Sequence[str]) -> list[str]:
    """The few addresses to try, in turn from both families, so that a dead family costs one try at a time."""
    families: dict[bool, list[str]] = {}
    for address in addresses:
        families.setdefault(":" in address, []).append(address)
    turns = zip_longest(*families.values())
    return [address for turn in turns for address in turn if address is not None][:DIALS_AT_MOST]


async def _connect(
    loop: asyncio.AbstractEventLoop,
    addresses: Sequence[str],
    port: int,
    deadline: float,
    exchange: Exchange,
) -> socket.socket:
    failure = None
    for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
        exchange.remote = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        now = loop.time()
        # The last one may take all that is left; the others leave a share for what follows them.
        share = now + (deadline - now) / (left + 2) if left else None
        try:
            async with asyncio.timeout_at(share):
                return await _connect_one(loop, address, port)
        except OSError as error:
            if error.errno in _EXHAUSTED:
                raise ExhaustedError(f"no connection can be opened here: {error.strerror}") from None
            failure = error.errno
    why = os.strerror(failure) if failure else "no answer in time"
    tried = f" (the last of {len(addresses)} addresses tried)" if len(addresses) > 1 else ""
    raise httpx.ConnectError(f"{exchange.remote}: {why}{tried}")


async def _connect_one(loop: asyncio.AbstractEventLoop, address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, (address, port))
        peer = str(sock.getpeername()[0])
        if ip_address(peer) != ip_address(address):
            raise BlockedError(f"dialled {address}, but the connection leads to {peer}")
    except BaseException:
        sock.close()
        raise
    return sock


async def _handshake(
    loop: asyncio.AbstractEventLoop,
    sock: socket.socket,
    connection: Connection,
    context: ssl.SSLContext,
    host: str,
    exchange: Exchange,
) -> None:
    try:
        await loop.create_connection(
            lambda: connection,
            sock=sock,
            ssl=context,
            server_hostname=host,
            # Longer than the deadline, which decides.
            ssl_handshake_timeout=exchange.deadline_seconds + 1,
        )
    except OSError as error:
        # asyncio's frames hold it and it holds them: a ring around 256 KiB of buffer, if we let it be.
        error.__traceback__ = None
        raise tls_error(error) from None


@contextmanager
def _timed(exchange: Exchange, phase: str) -> Iterator[None]:
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        exchange.timings[phase] = (clock() - began) * 1000
