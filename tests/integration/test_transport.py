"""The transport with healthy receivers: what goes out, what comes back, what a cancelled attempt leaves."""

import asyncio

import httpx
import pytest
from hostile import BODY, Names, Peer, Receiver, attempt, forever

from hookconsole.network.exchange import Exchange
from hookconsole.network.transport import Transport, wire_bytes


def test_a_request_and_its_response() -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 201 Created\r\nX-Id: 7\r\nx-ID: \xff\r\nContent-Length: 3\r\n\r\nyes")

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
