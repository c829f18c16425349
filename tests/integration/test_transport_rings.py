"""A failed attempt's memory is free at its end, and waits for no search of the garbage collector."""

import asyncio
import gc
import ssl
from collections import Counter

import pytest
from floods import FLOODS
from hostile import Behaviour, Peer, Receiver, attempt, forever
from trust import Trust

from hookconsole.network.transport import Transport

ATTEMPTS = 5
OURS = {"ResponseReader", "Connection", "Exchange", "Post", "Request", "Transport"}


async def floods(peer: Peer) -> None:
    first, ever, _ = FLOODS["headers"]
    await peer.request()
    await peer.send(first)
    while True:
        await peer.send(ever)


async def hangs_up(peer: Peer) -> None:
    await peer.request()


async def says_nothing(peer: Peer) -> None:
    await peer.hold()


async def stops_in_the_body(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")


async def speaks_no_tls(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await peer.hold()


@pytest.mark.parametrize(
    ("behaviour", "tls", "trusted", "expected"),
    [
        (floods, False, True, "protocol"),
        (hangs_up, False, True, "reset"),
        (says_nothing, False, True, "timeout"),
        (stops_in_the_body, False, True, 200),
        (speaks_no_tls, True, True, "tls"),
        (forever, True, False, "tls"),
        (hangs_up, True, True, "reset"),
    ],
)
def test_an_attempt_leaves_no_ring(
    behaviour: Behaviour, tls: bool, trusted: bool, expected: int | str, trust: Trust
) -> None:
    context: ssl.SSLContext | None = None
    if tls and behaviour is not speaks_no_tls:
        context = trust.context("127.0.0.1")
    ca_file = trust.ca_file if trusted else None

    async def scenario() -> Counter[str]:
        async with Receiver(behaviour, context) as receiver, Transport() as transport:
            url = f"{'https' if tls else 'http'}://127.0.0.1:{receiver.port}/"
            seconds = 0.1 if expected == "timeout" else 20.0
            gc.collect()
            gc.set_debug(gc.DEBUG_SAVEALL)
            for _ in range(ATTEMPTS):
                outcome = await attempt(transport, url, ca_file=ca_file, seconds=seconds)
                assert outcome.result == expected, outcome.detail
            del outcome
            gc.collect()
            return Counter(type(one).__name__ for one in gc.garbage)

    gc.disable()
    try:
        left = asyncio.run(scenario())
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not OURS & left.keys()
    assert left["SSLProtocol"] <= ATTEMPTS  # the receiver's own
