"""Hostile receivers side by side under one sender, over real sockets: who is healthy doesn't notice."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from pathlib import Path

from hostile import Behaviour, Names, Peer, Receiver, forever
from sending import Site, run, until

from hookconsole.journal import records as r
from hookconsole.network.transport import Transport

EVENTS = [f"evt_{number}" for number in range(12)]


async def drips_its_head(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\n")
    for byte in itertools.cycle(b"X-Drip: drop\r\n"):
        await peer.send(bytes([byte]))
        await asyncio.sleep(0.05)


async def goes_on_with_100(peer: Peer) -> None:
    await peer.request()
    while True:
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.05)


async def floods_interim(peer: Peer) -> None:
    await peer.request()
    while True:
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


async def floods_its_head(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await peer.send(b"a:\r\n" * 10_000)


async def floods_its_body(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        await peer.send(bytes(65536))


async def answers_nonsense(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    await peer.hold()


async def speaks_no_tls(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await peer.hold()


async def resets(peer: Peer) -> None:
    await peer.request()
    peer.reset()


HOLDING: dict[str, tuple[str, Behaviour]] = {
    "silent": ("http", Peer.hold),
    "handshake": ("https", Peer.hold),
    "dripping": ("http", drips_its_head),
    "continuing": ("http", goes_on_with_100),
}
"""Their attempts last as long as they are let."""

ENDING: dict[str, tuple[str, Behaviour, int | str]] = {
    "interim": ("http", floods_interim, "protocol"),
    "head": ("http", floods_its_head, "protocol"),
    "body": ("http", floods_its_body, 200),
    "nonsense": ("http", answers_nonsense, "protocol"),
    "resetting": ("http", resets, "reset"),
    "plain": ("https", speaks_no_tls, "tls"),
}
"""What their attempts end in."""


class NamesThatHang(Names):
    """Every name leads to loopback, but for one of which nothing is ever heard."""

    async def resolve(self, host: str) -> list[str]:
        """The addresses of `host`."""
        if host == "unheard.example":
            await asyncio.Event().wait()
        return ["127.0.0.1"]


def test_who_is_healthy_does_not_notice(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.settings = (
        'security = { https_only = false, allow_networks = ["127.0.0.0/8"] }\n'
        "delivery = { retry_schedule = [], timeout_seconds = 60, concurrency = 16 }\n"
    )

    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            transport = await stack.enter_async_context(Transport(NamesThatHang()))
            site.transport = transport
            urls = {"unheard": "http://unheard.example/"}
            served = HOLDING | {name: (scheme, one) for name, (scheme, one, _) in ENDING.items()}
            for name, (scheme, behaviour) in (served | {"healthy": ("http", forever)}).items():
                receiver = await stack.enter_async_context(Receiver(behaviour))
                urls[name] = f"{scheme}://{name}.example:{receiver.port}/"
            site.save(**{name: f'url = "{url}"' for name, url in urls.items()})
            async with site.sending() as running:
                for event in EVENTS:
                    site.emit(event)
                await until(lambda: len(site.records(r.Attempt)) == len(EVENTS) * (len(ENDING) + 1))
                for name in (*HOLDING, "unheard"):
                    assert site.state(EVENTS[0], name) == "sending"
                await running.kill()

    run(scenario)
    made: dict[str, list[int | str | None]] = {}
    for attempt in site.records(r.Attempt):
        made.setdefault(attempt.endpoint, []).append(attempt.error or attempt.status)
    expected = {"healthy": 200} | {name: result for name, (_, _, result) in ENDING.items()}
    assert made == {name: [result] * len(EVENTS) for name, result in expected.items()}
