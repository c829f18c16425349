"""The transport with healthy receivers: what goes out, what comes back, and which connection is used."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from hostile import BODY, LOOPBACK, OK, Names, Peer, Receiver, attempt, forever

from hookconsole.network import pool
from hookconsole.network.exchange import Exchange
from hookconsole.network.transport import Transport, wire_bytes


def test_a_request_and_its_response() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(
            b"HTTP/1.1 201 Created\r\nX-Id: 7\r\nx-ID: \xff\r\nContent-Length: 3\r\n\r\nyes"
        )

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            outcome = await attempt(transport, f"http://127.0.0.1:{receiver.port}/a/b?c=d")
            assert outcome.result == 201
            assert (outcome.body, outcome.truncated) == (b"yes", False)
            assert outcome.response is not None
            assert outcome.response.headers.raw == [
                (b"X-Id", b"7"),
                (b"x-ID", b"\xff"),
                (b"Content-Length", b"3"),
            ]
            assert receiver.requests == [
                b"POST /a/b?c=d HTTP/1.1\r\n"
                b"Host: 127.0.0.1:%d\r\n"
                b"Content-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (receiver.port, len(BODY), BODY)
            ]
            assert outcome.exchange.remote == f"127.0.0.1:{receiver.port}"
            assert set(outcome.exchange.timings) == {"connect", "first_byte"}
            assert not outcome.exchange.resent

    asyncio.run(scenario())


def test_a_name_is_looked_up_once_an_attempt() -> None:
    async def scenario() -> None:
        names = Names(h_example=["127.0.0.1"])
        async with Receiver(forever) as receiver, Transport(names) as transport:
            outcome = await attempt(transport, f"http://h.example:{receiver.port}/")
            assert outcome.result == 200
            assert set(outcome.exchange.timings) == {"dns", "connect", "first_byte"}
            assert f"Host: h.example:{receiver.port}\r\n".encode() in receiver.requests[0]
            assert names.asked == ["h.example"]

    asyncio.run(scenario())


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
def test_a_kept_connection_that_was_spoken_to_is_not_used(
    spoil: Callable[[Peer], None], turn: bool
) -> None:
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


def test_cancelling_an_attempt_closes_its_connection() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await peer.hold()

    asked = asyncio.Event()

    async def scenario() -> None:
        async with Receiver(behaviour) as receiver, Transport() as transport, asyncio.timeout(20):
            url = f"http://127.0.0.1:{receiver.port}/"
            task = asyncio.create_task(attempt(transport, url))
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await receiver.gone.wait()

    asyncio.run(scenario())


@pytest.mark.parametrize("turns", range(12))
def test_cancelling_an_attempt_at_any_turn_leaks_nothing(turns: int) -> None:
    async def scenario() -> None:
        async with Receiver(forever) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            task = asyncio.create_task(attempt(transport, url))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert (await attempt(transport, url)).result == 200

    asyncio.run(scenario())  # An unclosed socket is a ResourceWarning, and warnings are errors.


@pytest.mark.parametrize(
    "header", [(b"X", b"a\r\nInjected: 1"), (b"X", b"a\nb"), (b"X\r", b"a"), (b"X", b"a\0b")]
)
def test_a_header_cannot_end_its_line(header: tuple[bytes, bytes]) -> None:
    request = httpx.Request("POST", "http://h/", headers=[header], content=b"\r\n\0")
    with pytest.raises(httpx.LocalProtocolError):
        wire_bytes(request)


def test_other_schemes_are_refused() -> None:
    async def scenario() -> None:
        async with Transport() as transport:
            request = httpx.Request("POST", "ftp://h/", extensions={"exchange": Exchange(1.0)})
            with pytest.raises(httpx.UnsupportedProtocol):
                await transport.handle_async_request(request)

    asyncio.run(scenario())
