"""What may not be called gets no byte, and what can't be reached is named."""

import asyncio
import errno
import socket
import sys
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_network

import pytest
from hostile import LOOPBACK, Names, Outcome, Peer, Receiver, attempt, forever

from address_table import FORMS, OPENED
from hookconsole.network.addresses import Network
from hookconsole.network.dial import DIALS_AT_MOST, dial_order
from hookconsole.network.errors import DnsError
from hookconsole.network.resolver import Resolver
from hookconsole.network.transport import Transport
from hostile_responses import OK

REFUSED = [text for text, verdict in FORMS if verdict != "public"]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a connection was begun to; none ever comes about."""
    found: list[str] = []

    async def refuse(_loop: asyncio.AbstractEventLoop, sock: socket.socket, address: tuple[str, int]) -> None:
        found.append(address[0])
        raise ConnectionRefusedError(errno.ECONNREFUSED, "")

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", refuse)
    return found


@pytest.mark.parametrize(
    "around",
    [(0, 0), (1, 0), (0, 1), (5000, 0)],
    ids=["alone", "behind a public one", "before one", "behind 5,000"],
)
def test_one_answer_that_may_not_be_called_blocks(around: tuple[int, int], dialled: list[str]) -> None:
    before, after = ([f"93.184.{n // 256}.{n % 256}" for n in range(count)] for count in around)

    async def scenario() -> None:
        bad = REFUSED if around != (5000, 0) else ["127.0.0.1", "::1", "169.254.169.254"]
        for text in bad:
            names = Names(h_example=[*before, text, *after])
            async with Transport(names) as transport:
                outcome = await attempt(transport, "http://h.example/", allow=())
            assert outcome.result == "blocked", text
            assert outcome.detail.startswith("h.example: ")
            assert outcome.exchange.remote is None
            assert set(outcome.exchange.timings) == {"dns"}
            assert names.asked == ["h.example"]

    asyncio.run(scenario())
    assert dialled == []


def test_what_is_dialled_is_the_address_that_was_judged(dialled: list[str]) -> None:
    async def scenario(allow: Sequence[Network], verdicts: Container[str]) -> list[str]:
        expected = [text for text, verdict in FORMS if verdict in verdicts]
        for text in expected:
            async with Transport(Names(h_example=[text])) as transport:
                assert (await attempt(transport, "http://h.example/", allow=allow)).result == "connect"
        return expected

    expected = asyncio.run(scenario((), ("public",)))
    assert dialled == expected
    opened = asyncio.run(scenario([ip_network("0.0.0.0/0"), ip_network("::/0")], OPENED))
    assert dialled == expected + opened


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "169.254.169.254"]
)
def test_a_literal_is_judged_too(host: str) -> None:
    async def scenario() -> None:
        async with Receiver(forever) as receiver, Transport() as transport:
            outcome = await attempt(transport, f"http://{host}:{receiver.port}/", allow=())
            assert (outcome.result, outcome.exchange.timings) == ("blocked", {})
            assert receiver.connections == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0", "localhost"])
def test_names_that_the_system_reads_as_loopback_get_nothing(host: str) -> None:
    async def scenario() -> None:
        async with Receiver(forever) as receiver, Transport(Resolver(lookup)) as transport:
            outcome = await attempt(transport, f"http://{host}:{receiver.port}/", allow=())
            assert outcome.result == "blocked"
            assert receiver.connections == 0

    def lookup(host: str) -> list[str]:
        return [str(answer[4][0]) for answer in socket.getaddrinfo(host, None)]

    asyncio.run(scenario())


@pytest.mark.parametrize("answers", [["127.0.0.1", "::1"], ["::1", "127.0.0.1"]])
def test_of_localhost_the_allowed_address_is_enough(answers: list[str]) -> None:
    async def scenario() -> None:
        async with Receiver(hang_up_after_one) as receiver, Transport(Names(localhost=answers)) as transport:
            url = f"http://localhost:{receiver.port}/"
            assert (await attempt(transport, url, allow=[ip_network("127.0.0.0/8")])).result == 200
            assert (await attempt(transport, url, allow=())).result == "blocked"
            assert receiver.connections == 1

    asyncio.run(scenario())


def test_a_name_that_changed_between_two_attempts() -> None:
    async def scenario() -> None:
        answers = ["127.0.0.1"]
        names = Names(h_example=answers)
        async with Receiver(hang_up_after_one) as receiver, Transport(names) as transport:
            url = f"http://h.example:{receiver.port}/"
            assert (await attempt(transport, url)).result == 200
            answers[:] = ["10.0.0.5"]
            assert (await attempt(transport, url)).result == "blocked"
            assert receiver.connections == 1

    asyncio.run(scenario())


async def hang_up_after_one(peer: Peer) -> None:
    await peer.request()
    await peer.send(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    await peer.hold()


def test_the_peer_is_compared_with_what_was_dialled() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        real = loop.sock_connect

        async def redirected(sock: socket.socket, address: tuple[str, int]) -> None:
            await real(sock, ("127.0.0.1", address[1]))

        async with Receiver(forever) as receiver, Transport() as transport:
            loop.sock_connect = redirected  # type: ignore[assignment, method-assign]
            outcome = await attempt(transport, f"http://127.0.0.2:{receiver.port}/")
            assert outcome.result == "blocked"
            assert "leads to 127.0.0.1" in outcome.detail
            assert receiver.requests == []

    asyncio.run(scenario())


def test_a_name_that_does_not_exist() -> None:
    class Nothing(Names):
        async def resolve(self, host: str) -> list[str]:
            raise DnsError(f"{host}: Name or service not known")

    async def scenario() -> Outcome:
        async with Transport(Nothing()) as transport:
            return await attempt(transport, "http://h.example/", allow=())

    outcome = asyncio.run(scenario())
    assert (outcome.result, outcome.detail) == ("dns", "h.example: Name or service not known")
    assert set(outcome.exchange.timings) == {"dns"}


def test_a_resolver_that_hangs_costs_only_its_own_attempt() -> None:
    class Hung(Names):
        async def resolve(self, host: str) -> list[str]:
            if host == "hung.example":
                await asyncio.Event().wait()
            return await super().resolve(host)

    async def scenario() -> None:
        names = Hung(h_example=["127.0.0.1"])
        async with Receiver(forever) as receiver, Transport(names) as transport:
            hung = asyncio.create_task(attempt(transport, "http://hung.example/", seconds=600))
            outcome = await attempt(transport, f"http://h.example:{receiver.port}/")
            assert outcome.result == 200
            assert not hung.done()
            hung.cancel()
            outcome = await attempt(transport, "http://hung.example/", seconds=0.1)
            assert outcome.result == "timeout"
            assert outcome.detail.startswith("looking up the name: ")

    asyncio.run(scenario())


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of every loopback address that refuses connections."""
    with socket.socket() as held:
        held.bind(("0.0.0.0", 0))
        yield held.getsockname()[1]


@contextmanager
def black_hole() -> Iterator[int]:
    """A port of 127.0.0.1 that answers no SYN: its queue of connections is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        try:
            for _ in range(3):
                filler = socket.socket()
                fillers.append(filler)
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            yield listener.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()


def test_all_addresses_refuse() -> None:
    async def scenario(port: int) -> Outcome:
        names = Names(h_example=[f"127.0.0.{n}" for n in range(1, 10)])
        async with Transport(names) as transport:
            return await attempt(transport, f"http://h.example:{port}/")

    with closed_port() as port:
        outcome = asyncio.run(scenario(port))
    last = f"127.0.0.{DIALS_AT_MOST}:{port}"
    assert outcome.result == "connect"
    assert outcome.detail == f"{last}: Connection refused (the last of 4 addresses tried)"
    assert outcome.exchange.remote == last


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_the_next_address_is_tried() -> None:
    async def scenario() -> None:
        async with Receiver(forever, host="127.0.0.3") as receiver:
            names = Names(h_example=["127.0.0.4", "127.0.0.5", "127.0.0.3"])  # where nobody listens
            async with Transport(names) as transport:
                outcome = await attempt(transport, f"http://h.example:{receiver.port}/")
                assert outcome.result == 200
                assert outcome.exchange.remote == f"127.0.0.3:{receiver.port}"

    asyncio.run(scenario())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse instead")
def test_a_black_hole_is_a_timeout() -> None:
    async def scenario(port: int) -> Outcome:
        async with Transport() as transport:
            return await attempt(transport, f"http://127.0.0.1:{port}/", seconds=0.3)

    with black_hole() as port:
        outcome = asyncio.run(scenario(port))
    assert outcome.result == "timeout"
    assert outcome.detail == "connecting: not done within 0.3 s"
    assert set(outcome.exchange.timings) == {"connect"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse instead")
def test_a_black_hole_leaves_time_for_the_next_address() -> None:
    async def scenario(port: int) -> Outcome:
        names = Names(h_example=["127.0.0.1", "127.0.0.2"])
        async with Transport(names) as transport:
            return await attempt(transport, f"http://h.example:{port}/", seconds=2.0)

    with black_hole() as port:
        outcome = asyncio.run(scenario(port))
    assert outcome.result == "connect"
    assert outcome.exchange.remote == f"127.0.0.2:{port}"


def test_cancelling_a_dial_leaks_nothing() -> None:
    async def scenario(port: int) -> None:
        async with Transport() as transport:
            task = asyncio.create_task(attempt(transport, f"http://127.0.0.1:{port}/"))
            for _ in range(5):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with black_hole() as port:
        asyncio.run(scenario(port))


def test_ipv6() -> None:
    async def scenario() -> None:
        async with Receiver(forever, host="::1") as receiver, Transport() as transport:
            outcome = await attempt(transport, f"http://[::1]:{receiver.port}/", allow=LOOPBACK)
            assert outcome.result == 200
            assert outcome.exchange.remote == f"[::1]:{receiver.port}"

    asyncio.run(scenario())


def test_a_few_addresses_are_dialled_from_both_families() -> None:
    many = ["::1", "::2", "::3", "::4", "::5", "1.1.1.1"]
    assert dial_order(many) == ["::1", "1.1.1.1", "::2", "::3"]
    assert dial_order(["1.1.1.1", "::1"]) == ["1.1.1.1", "::1"]
    assert dial_order([f"1.1.1.{n}" for n in range(200)]) == [f"1.1.1.{n}" for n in range(4)]
