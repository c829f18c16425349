"""Receivers that never come to an end: the deadline ends the wait, and a complete head stays the verdict."""

import asyncio
import itertools
import tracemalloc
from collections.abc import Awaitable, Callable

import pytest
from floods import FLOODS
from hostile import Outcome, Peer, Receiver, attempt

from hookconsole.network import connection
from hookconsole.network.transport import Transport
from hostile_responses import OK

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def drip_head(peer: Peer) -> None:
    for byte in itertools.cycle(b"X-Drip: drop\r\n"):
        await peer.send(bytes([byte]))
        await asyncio.sleep(0.01)


async def drip_interim(peer: Peer) -> None:
    while True:
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.01)


async def start_and_drip_head(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\n")
    await drip_head(peer)


SLOW: dict[str, Callable[[Peer], Awaitable[None]]] = {
    "never answers": Peer.hold,
    "headers a byte at a time": start_and_drip_head,
    "100 Continue without end, slowly": drip_interim,
}


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
def test_a_response_whose_head_does_not_end(slow: Callable[[Peer], Awaitable[None]]) -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await slow(peer)

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport, asyncio.timeout(20):
            outcome = await attempt(transport, f"http://127.0.0.1:{receiver.port}/", seconds=0.5)
            assert outcome.result == "timeout"
            assert outcome.detail.startswith("waiting for the response: ")
            assert not outcome.exchange.resent
            await receiver.gone.wait()

    asyncio.run(scenario())


def test_a_kept_connection_keeps_its_next_deadline() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await peer.hold()

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport, asyncio.timeout(20):
            url = f"http://127.0.0.1:{receiver.port}/"
            assert (await attempt(transport, url, seconds=600)).result == 200
            outcome = await attempt(transport, url, seconds=0.1)
            assert (outcome.result, outcome.exchange.resent) == ("timeout", False)
            assert receiver.connections == 1

    asyncio.run(scenario())


def test_a_timer_that_an_earlier_request_left_ends_no_later_one() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        (kept,) = connections
        kept._ring()
        await peer.send(OK)
        await peer.hold()

    connections: list[connection.Connection] = []

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport, asyncio.timeout(20):
            url = f"http://127.0.0.1:{receiver.port}/"
            assert (await attempt(transport, url, seconds=600)).result == 200
            connections.extend(*transport._pool._idle.values())
            assert (await attempt(transport, url, seconds=1200)).result == 200
            assert receiver.connections == 1

    asyncio.run(scenario())


def test_100_continue_without_end() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        while True:
            await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport, asyncio.timeout(20):
            outcome = await attempt(transport, f"http://127.0.0.1:{receiver.port}/", seconds=600)
            assert outcome.result == "protocol"
            assert "over 64 KiB" in outcome.detail
            await receiver.gone.wait()

    asyncio.run(scenario())


async def a_byte_and_silence(peer: Peer) -> None:
    await peer.send(HEAD % 100 + b"a")
    await peer.hold()


async def bytes_without_end(peer: Peer) -> None:
    await peer.send(HEAD % 10_000_000_000)
    while True:
        await peer.send(b"a" * 65536)


async def dripped_chunks(peer: Peer) -> None:
    await peer.send(CHUNKED)
    while True:
        await peer.send(b"1\r\na\r\n")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("body", [a_byte_and_silence, bytes_without_end, dripped_chunks])
@pytest.mark.parametrize("limit", ["deadline", "body"])
def test_a_body_that_does_not_end_is_still_a_response(
    body: Callable[[Peer], Awaitable[None]], limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BODY_SECONDS", 600 if limit == "deadline" else 0.1)

    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await body(peer)

    async def scenario() -> Outcome:
        async with Receiver(behaviour) as receiver, Transport() as transport, asyncio.timeout(20):
            seconds = 1.0 if limit == "deadline" else 600
            outcome = await attempt(transport, f"http://127.0.0.1:{receiver.port}/", seconds=seconds)
            await receiver.gone.wait()
            return outcome

    outcome = asyncio.run(scenario())
    assert (outcome.result, outcome.truncated) == (200, True)
    assert set(outcome.body) <= set(b"a")
    assert len(outcome.body) <= 4096


@pytest.mark.parametrize(("first", "ever", "expected"), FLOODS.values(), ids=FLOODS)
def test_a_flood_ends_soon_and_fills_nothing(first: bytes, ever: bytes, expected: int | str) -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(first)
        while True:
            await peer.send(ever)

    async def scenario() -> int:
        async with Receiver(behaviour) as receiver, Transport() as transport, asyncio.timeout(60):
            tracemalloc.start()
            try:
                for _ in range(3):
                    outcome = await attempt(transport, f"http://127.0.0.1:{receiver.port}/", seconds=600)
                    assert outcome.result == expected, outcome.detail
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    # A head of 64 KiB in 16,000 headers takes 1.1 MB; the receiver's own buffers are in it.
    assert asyncio.run(scenario()) < 2_000_000
