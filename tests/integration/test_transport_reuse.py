"""Which connection a request goes out on: a kept one that is clean and of the same origin, or a fresh one."""

import asyncio
from collections.abc import Callable

import pytest
from hostile import LOOPBACK, Names, Peer, Receiver, attempt, forever

from hookconsole.network import pool
from hookconsole.network.transport import Transport
from hostile_responses import OK


def test_a_clean_connection_is_used_again() -> None:
    async def scenario() -> None:
        names = Names(h_example=["127.0.0.1"])
        async with Receiver(forever) as receiver, Transport(names) as transport:
            for _ in range(5):
                outcome = await attempt(transport, f"http://h.example:{receiver.port}/")
                assert outcome.result == 200
            assert (receiver.connections, len(receiver.requests)) == (1, 5)
            assert set(outcome.exchange.timings) == {"first_byte"}
            assert outcome.exchange.remote == f"127.0.0.1:{receiver.port}"

    asyncio.run(scenario())


def test_requests_at_once_have_a_connection_each() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        if peer.number == 8:
            together.set()
        await together.wait()
        await peer.send(OK)
        await forever(peer)

    together = asyncio.Event()

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            outcomes = await asyncio.gather(*(attempt(transport, url) for _ in range(8)))
            assert [outcome.result for outcome in outcomes] == [200] * 8
            assert receiver.connections == 8
            for _ in range(8):
                assert (await attempt(transport, url)).result == 200
            assert receiver.connections == 8

    asyncio.run(scenario())


def test_origins_share_no_connection() -> None:
    async def scenario() -> None:
        names = Names(a_example=["127.0.0.1"], b_example=["127.0.0.1"])
        async with Receiver(forever) as receiver, Transport(names) as transport:
            for host in ("a.example", "b.example", "a.example", "b.example"):
                outcome = await attempt(transport, f"http://{host}:{receiver.port}/")
                assert outcome.result == 200
            assert receiver.connections == 2

    asyncio.run(scenario())


def test_another_allow_list_judges_again() -> None:
    async def scenario() -> None:
        async with Receiver(forever) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            assert (await attempt(transport, url)).result == 200
            assert (await attempt(transport, url, allow=tuple(LOOPBACK))).result == 200
            assert receiver.connections == 1
            assert (await attempt(transport, url, allow=())).result == "blocked"
            assert (await attempt(transport, url)).result == 200
            assert receiver.connections == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("limit", ["IDLE_SECONDS", "LIFETIME_SECONDS", "IDLE_AT_MOST"])
def test_connections_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(pool, limit, 1 if limit == "IDLE_AT_MOST" else 0)

    async def scenario() -> None:
        names = Names(a_example=["127.0.0.1"], b_example=["127.0.0.1"])
        async with Receiver(forever) as receiver, Transport(names) as transport:
            for host in ("a.example", "b.example", "a.example"):
                outcome = await attempt(transport, f"http://{host}:{receiver.port}/")
                assert outcome.result == 200
            assert receiver.connections == 3

    asyncio.run(scenario())


def test_an_idle_connection_is_closed_without_another_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.02)

    async def scenario() -> None:
        async with Receiver(forever) as receiver, Transport() as transport, asyncio.timeout(20):
            outcome = await attempt(transport, f"http://127.0.0.1:{receiver.port}/")
            assert outcome.result == 200
            await receiver.gone.wait()

    asyncio.run(scenario())


def test_aclose_closes_what_is_kept_and_keeps_no_more() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await answer.wait()
        await peer.send(OK)
        await peer.hold()

    asked, answer = asyncio.Event(), asyncio.Event()

    async def scenario() -> None:
        async with (
            Receiver(forever) as kept,
            Receiver(behaviour) as used,
            asyncio.timeout(20),
        ):
            transport = Transport()
            outcome = await attempt(transport, f"http://127.0.0.1:{kept.port}/")
            assert outcome.result == 200
            late = asyncio.create_task(attempt(transport, f"http://127.0.0.1:{used.port}/"))
            await asked.wait()
            await transport.aclose()
            await kept.gone.wait()
            answer.set()
            assert (await late).result == 200
            await used.gone.wait()

    asyncio.run(scenario())


def close_now(peer: Peer) -> None:
    peer.close_now()


def send_leftovers(peer: Peer) -> None:
    peer.send_now(b"HTTP/1.1 500 Not yours\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("spoil", [close_now, send_leftovers])
@pytest.mark.parametrize("turn", [False, True])
def test_a_kept_connection_that_was_spoken_to_is_not_used(spoil: Callable[[Peer], None], turn: bool) -> None:
    async def scenario() -> None:
        async with Receiver(forever) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            assert (await attempt(transport, url)).result == 200
            spoil(receiver.peers[0])
            if turn:  # The loop may have seen it, or not: neither may use the connection.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            outcome = await attempt(transport, url)
            assert (outcome.result, outcome.exchange.resent) == (200, False)
            assert receiver.connections == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("reset", [False, True])
def test_a_kept_connection_that_dies_is_replaced_once(reset: bool) -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        if peer.number == 1:
            if reset:
                peer.reset()
            return
        await peer.send(OK)

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            assert (await attempt(transport, url)).result == 200
            outcome = await attempt(transport, url)
            assert (outcome.result, outcome.exchange.resent) == (200, True)
            assert (receiver.connections, len(receiver.requests)) == (2, 3)
            assert {"connect", "first_byte"} <= set(outcome.exchange.timings)

    asyncio.run(scenario())


def test_no_second_replacement_and_none_after_a_response_began() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        if peer.number == 2:
            return
        await peer.send(OK)
        await peer.request()
        if peer.number == 3:
            await peer.send(b"HTTP/1.1 2")

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            assert (await attempt(transport, url)).result == 200
            outcome = await attempt(transport, url)
            assert (outcome.result, outcome.exchange.resent) == ("reset", True)
            assert receiver.connections == 2
            assert (await attempt(transport, url)).result == 200
            outcome = await attempt(transport, url)
            assert (outcome.result, outcome.exchange.resent) == ("reset", False)
            assert receiver.connections == 3

    asyncio.run(scenario())


def test_a_fresh_connection_that_dies_is_not_replaced() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            outcome = await attempt(transport, f"http://127.0.0.1:{receiver.port}/")
            assert (outcome.result, outcome.exchange.resent) == ("reset", False)
            assert receiver.connections == 1

    asyncio.run(scenario())
