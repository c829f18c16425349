"""Receivers that end the connection at each phase of an attempt: it is named, and the next attempt works."""

import asyncio

import pytest
from hostile import Behaviour, Names, Outcome, Peer, Receiver, attempt, forever
from trust import Trust

from hookconsole.network import connection
from hookconsole.network.transport import Transport
from hostile_responses import OK

HALF = OK.replace(b"2\r\n", b"10\r\n")
BIG = bytes(4_000_000)


async def at_once(_peer: Peer) -> None:
    """The connection stands."""


async def half_of_the_request(peer: Peer) -> None:
    await peer.some()


async def the_request(peer: Peer) -> None:
    await peer.request()


async def half_a_first_line(peer: Peer) -> None:
    await peer.request()
    await peer.send(OK[:5])


async def half_a_head(peer: Peer) -> None:
    await peer.request()
    await peer.send(OK[:30])


async def an_interim_response(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")


async def the_head(peer: Peer) -> None:
    await peer.request()
    await peer.send(HALF[:-2])


async def half_the_body(peer: Peer) -> None:
    await peer.request()
    await peer.send(HALF)


async def the_response(peer: Peer) -> None:
    await peer.request()
    await peer.send(OK)


AFTER: dict[Behaviour, int | str] = {
    at_once: "reset",
    half_of_the_request: "reset",
    the_request: "reset",
    half_a_first_line: "reset",
    half_a_head: "reset",
    an_interim_response: "reset",
    the_head: 200,
    half_the_body: 200,
    the_response: 200,
}


async def hangs_up(peer: Peer) -> None:
    await peer.close()


async def says_it_is_done(peer: Peer) -> None:
    peer.close_now()
    await peer.hold()


async def resets(peer: Peer) -> None:
    await asyncio.sleep(0)
    peer.reset()


ENDS: list[Behaviour] = [hangs_up, says_it_is_done, resets]


def then(first: Behaviour, second: Behaviour) -> Behaviour:
    """Both, on the first connection; the others find a healthy receiver."""

    async def behaviour(peer: Peer) -> None:
        if peer.number == 1:
            await first(peer)
            await second(peer)
        else:
            await forever(peer)

    return behaviour


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("phase", "expected"), AFTER.items())
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_an_end_after_each_phase(
    phase: Behaviour, end: Behaviour, expected: int | str, tls: bool, trust: Trust
) -> None:
    async def scenario() -> None:
        context = trust.context("127.0.0.1") if tls else None
        async with Receiver(then(phase, end), context) as receiver, Transport() as transport:
            url = f"{'https' if tls else 'http'}://127.0.0.1:{receiver.port}/"
            body = BIG if phase is half_of_the_request else b"{}"
            outcome = await attempt(transport, url, ca_file=trust.ca_file, body=body)
            assert outcome.result == expected, outcome.detail
            assert not outcome.exchange.resent
            after = await attempt(transport, url, ca_file=trust.ca_file)
            assert (after.result, after.body) == (200, b"ok")
            assert receiver.connections == 2

    asyncio.run(scenario())


async def the_hello(peer: Peer) -> None:
    await peer.some()


async def half_a_hello_of_its_own(peer: Peer) -> None:
    await peer.some()
    await peer.send(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(40))


async def a_hello_that_is_never_all(peer: Peer) -> None:
    await peer.some()
    while True:  # handshake messages of 64 KiB each: more than any certificate needs
        await peer.send(b"\x16\x03\x03\x40\x00\x0b\x01\x00\x00" + bytes(16380))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("phase", [at_once, the_hello, half_a_hello_of_its_own, a_hello_that_is_never_all])
def test_an_end_within_the_handshake(phase: Behaviour, end: Behaviour, trust: Trust) -> None:
    async def scenario() -> None:
        async with Receiver(then(phase, end)) as receiver, Transport() as transport:
            url = f"https://127.0.0.1:{receiver.port}/"
            outcome = await attempt(transport, url, ca_file=trust.ca_file)
            assert outcome.result == "tls", outcome.detail

    asyncio.run(scenario())


def test_silence_after_each_phase_ends_at_the_deadline(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BODY_SECONDS", 0.1)

    async def silent(phase: Behaviour, scheme: str) -> Outcome:
        context = trust.context("127.0.0.1") if scheme == "https" else None
        async with Receiver(then(phase, Peer.hold), context) as receiver, Transport(Names()) as transport:
            url = f"{scheme}://127.0.0.1:{receiver.port}/"
            body = BIG if phase is half_of_the_request else b"{}"
            return await attempt(transport, url, ca_file=trust.ca_file, body=body, seconds=3.0)

    async def scenario() -> None:
        cases = [(phase, scheme) for phase in AFTER for scheme in ("http", "https")]
        async with asyncio.timeout(30):
            outcomes = await asyncio.gather(*(silent(*case) for case in cases))
        for (phase, _), outcome in zip(cases, outcomes, strict=True):
            expected = AFTER[phase]
            assert outcome.result == ("timeout" if expected == "reset" else expected), phase

    asyncio.run(scenario())
