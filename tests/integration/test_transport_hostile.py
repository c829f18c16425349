"""Receivers that lie, drip, flood and vanish: each has a named outcome, and the next attempt works."""

import asyncio
import ssl

import pytest
from hostile import Peer, Receiver, attempt, forever
from trust import Trust

from hookconsole.network.transport import Transport
from hostile_responses import CASES, OK, Case


@pytest.fixture(scope="module")
def context(trust: Trust) -> ssl.SSLContext:
    return trust.context("127.0.0.1")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_response(case: Case, tls: bool, context: ssl.SSLContext, trust: Trust) -> None:
    """Its outcome is named, and what it left behind never answers the request after it."""

    async def behaviour(peer: Peer) -> None:
        if peer.number > 1:
            await forever(peer)
        await peer.request()
        await peer.send(case.answer)
        if case.end == "reset":
            await asyncio.sleep(0)
            peer.reset()
        elif case.end == "hold":
            await peer.request()
            await peer.send(OK)
            await peer.hold()

    async def scenario() -> None:
        async with Receiver(behaviour, context if tls else None) as receiver, Transport() as transport:
            url = f"{'https' if tls else 'http'}://127.0.0.1:{receiver.port}/"
            outcome = await attempt(transport, url, ca_file=trust.ca_file)
            assert outcome.result == case.expected, outcome.detail
            if isinstance(case.expected, int):
                assert outcome.truncated is case.truncated
                assert len(outcome.body) <= 4096
            else:
                assert outcome.detail.isprintable()
                assert tls or case.detail in outcome.detail
            assert not outcome.exchange.resent
            after = await attempt(transport, url, ca_file=trust.ca_file)
            assert (after.result, after.body, after.exchange.resent) == (200, b"ok", False)
            assert receiver.connections == (1 if case.kept else 2)

    asyncio.run(scenario())


def test_cookies_are_not_kept() -> None:
    async def behaviour(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n")

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            for _ in range(2):
                assert (await attempt(transport, url)).result == 200
            assert receiver.requests[0] == receiver.requests[1]
            assert b"cookie" not in receiver.requests[1].lower()

    asyncio.run(scenario())


def test_a_response_before_the_request_was_read_closes_the_connection() -> None:
    async def behaviour(peer: Peer) -> None:
        if peer.number > 1:
            await forever(peer)
        await peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await answered.wait()

    answered = asyncio.Event()

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            outcome = await attempt(transport, url, body=bytes(64_000_000))
            assert outcome.result == 413
            after = await attempt(transport, url)
            assert (after.result, receiver.connections) == (200, 2)
            answered.set()

    asyncio.run(scenario())


def test_a_detail_repeats_no_query_that_a_receiver_echoes() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.send(await peer.request())
        await peer.hold()

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/?token=hunter2"
            outcome = await attempt(transport, url)
            assert outcome.result == "protocol"
            assert outcome.detail.endswith("; it begins with POST")

    asyncio.run(scenario())
