"""What a receiver's Retry-After comes to, over the wire: a wait of an hour at most, or nothing."""

import asyncio

import httpx
import pytest
from hostile import LOOPBACK, Peer, Receiver

from hookconsole.delivery.attempt import Result, perform
from hookconsole.delivery.masking import Private
from hookconsole.network.exchange import Exchange
from hookconsole.network.message import Head, Post
from hookconsole.network.transport import Transport

NOW = 1_776_263_520.0  # Wed, 15 Apr 2026 14:32:00 GMT

ASKED: dict[str, tuple[bytes, float | None]] = {
    "seconds": (b"120", 120.0),
    "a date": (b"Wed, 15 Apr 2026 14:33:00 GMT", 60.0),
    "the past": (b"Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    "the year 9999": (b"Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
    "years of seconds": (b"999999999", 3600.0),
    "4,000 digits": (b"9" * 4000, 3600.0),
    "negative": (b"-1", None),
    "underscores": (b"1_000", None),
    "a fraction": (b"1.5", None),
    "infinity": (b"inf", None),
    "no number": (b"NaN", None),
    "other digits": ("١٢".encode(), None),
    "bytes": (b"\xff\xfe", None),
    "twice": (b"5\r\nRetry-After: 7", None),
    "the year 99999": (b"Fri, 31 Dec 99999 23:59:59 GMT", None),
    "a month of 40 days": (b"Wed, 40 Apr 2026 14:33:00 GMT", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("value", "seconds"), ASKED.values(), ids=ASKED)
def test_what_is_asked_for(value: bytes, seconds: float | None) -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 503 No\r\nRetry-After: %b\r\nContent-Length: 0\r\n\r\n" % value)
        await peer.hold()

    async def scenario() -> Result:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = httpx.URL(f"http://127.0.0.1:{receiver.port}/")
            head = Head(url, [(b"Host", url.netloc)])
            post = Post(head, [(b"Content-Length", b"2")], b"{}", Exchange(20.0, None, LOOPBACK))
            return await perform(transport, post, Private(), NOW)

    result = asyncio.run(scenario())
    assert (result.status, result.error, result.retry_after) == (503, None, seconds)
