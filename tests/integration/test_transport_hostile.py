"""Receivers that lie, drip, flood and vanish: each has a named outcome, and the next attempt works."""

import asyncio
import gzip
from dataclasses import dataclass
from typing import Literal

import pytest
from hostile import OK, Outcome, Peer, Receiver, attempt, forever

from hookconsole.network.transport import Transport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Case:
    """What a receiver answers, how it ends, and what the attempt comes to."""

    answer: bytes
    expected: int | str
    end: Literal["hold", "close", "reset"] = "hold"
    truncated: bool = False
    kept: bool = False
    """Whether the connection is used again."""


RESPONSES = {
    "clean": Case(OK, 200, kept=True),
    "500": Case(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 500, kept=True),
    "301 to metadata": Case(
        b"HTTP/1.1 301 M\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        301,
        kept=True,
    ),
    "Location that is no IDNA": Case(
        b"HTTP/1.1 302 M\r\nLocation: http://xn--zz99999/\r\nContent-Length: 0\r\n\r\n",
        302,
        kept=True,
    ),
    "Location with ESC": Case(
        b"HTTP/1.1 302 M\r\nLocation: /\x1b]0;x\x07\r\nContent-Length: 0\r\n\r\n", "protocol"
    ),
    "Location of 70,000": Case(b"HTTP/1.1 302 M\r\nLocation: /" + b"a" * 70_000 + b"\r\n\r\n", "protocol"),
    "100 KiB of headers": Case(
        b"HTTP/1.1 200 OK\r\n" + b"X-A: %b\r\n" % (b"a" * 1014) * 100 + b"\r\n", "protocol"
    ),
    "204 with a body": Case(b"HTTP/1.1 204 No Content\r\n\r\n<html>", 204),
    "two responses": Case(OK + OK, 200),
    "Connection: close": Case(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200),
    "until the end": Case(b"HTTP/1.1 200 OK\r\n\r\nall of it", 200, end="close"),
    "HTTP/1.0": Case(b"HTTP/1.0 200 OK\r\n\r\nall of it", 200, end="close"),
    "999": Case(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999, kept=True),
    "20": Case(b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", "protocol"),
    "abc": Case(b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n", "protocol"),
    "101": Case(b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "protocol"),
    "103 first": Case(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK, 200, kept=True),
    "103 only": Case(b"HTTP/1.1 103 Early Hints\r\n\r\n", "reset", end="close"),
    "close before any byte": Case(b"", "reset", end="close"),
    "reset before any byte": Case(b"", "reset", end="reset"),
    "close in the head": Case(b"HTTP/1.1 200 OK\r\nContent-Le", "reset", end="close"),
    "reset in the body": Case(HEAD % 10 + b"half", 200, end="reset", truncated=True),
    "length too long": Case(HEAD % 10 + b"half", 200, end="close", truncated=True),
    "length too short": Case(HEAD % 2 + b"okay", 200),
    "lengths conflict": Case(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok", "protocol"
    ),
    "length negative": Case(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "protocol"),
    "length of 30 digits": Case(b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n" % (b"9" * 30), "protocol"),
    "chunked": Case(CHUNKED + b"2\r\nok\r\n0\r\n\r\n", 200, kept=True),
    "bad chunk": Case(CHUNKED + b"zz\r\nok\r\n", 200, truncated=True),
    "negative chunk": Case(CHUNKED + b"-2\r\nok\r\n", 200, truncated=True),
    "chunks that end early": Case(CHUNKED + b"2\r\nok\r\n", 200, end="close", truncated=True),
    "length and chunks": Case(OK.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"), "protocol"),
    "charset=unicode_escape": Case(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/x; charset=unicode_escape\r\nContent-Length: 2\r\n\r\n\\x",
        200,
        kept=True,
    ),
    "charset=rot13": Case(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/x; charset=rot13\r\nContent-Length: 2\r\n\r\nok",
        200,
        kept=True,
    ),
    "Retry-After": Case(
        b"HTTP/1.1 503 No\r\nRetry-After: -1\r\nRetry-After: 1_000\r\n"
        b"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n",
        503,
        kept=True,
    ),
    "HTTP/0.9": Case(b"<html>hello</html>\n", "protocol", end="close"),
    "ssh": Case(b"SSH-2.0-OpenSSH_9.6\r\n", "protocol"),
    "smtp": Case(b"220 mail.example ESMTP\r\n", "protocol"),
    "NULs": Case(b"\0" * 100, "protocol"),
    "line ends only": Case(b"\r\n" * 10, "reset", end="close"),
    "5 KB": Case(HEAD % 5000 + b"a" * 5000, 200, truncated=True, kept=True),
    "70 KB": Case(HEAD % 70_000 + b"a" * 70_000, 200, truncated=True),
}


@pytest.mark.parametrize("case", RESPONSES.values(), ids=RESPONSES)
def test_a_response(case: Case) -> None:
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
        async with Receiver(behaviour) as receiver, Transport() as transport:
            url = f"http://127.0.0.1:{receiver.port}/"
            outcome = await attempt(transport, url)
            assert outcome.result == case.expected
            if isinstance(case.expected, int):
                assert outcome.truncated is case.truncated
                assert len(outcome.body) <= 4096
            else:
                assert outcome.detail.isprintable()
            assert not outcome.exchange.resent
            after = await attempt(transport, url)
            assert (after.result, after.body, after.exchange.resent) == (200, b"ok", False)
            assert receiver.connections == (1 if case.kept else 2)

    asyncio.run(scenario())


def test_a_gzip_bomb_stays_packed() -> None:
    bomb = gzip.compress(bytes(10_000_000), mtime=0)

    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
        )
        await peer.send(bomb)
        await peer.hold()

    async def scenario() -> Outcome:
        async with Receiver(behaviour) as receiver, Transport() as transport:
            return await attempt(transport, f"http://127.0.0.1:{receiver.port}/")

    outcome = asyncio.run(scenario())
    assert (outcome.result, outcome.body) == (200, bomb[:4096])


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
