"""TLS with receivers whose certificates and protocols are right, wrong, old or absent."""

import asyncio
import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from hostile import Names, Outcome, Peer, Receiver, attempt, forever
from trust import Trust, served_by

from hookconsole.network.transport import Transport
from hostile_responses import OK

HOST = "receiver.test"


@pytest.fixture
def ca_file(trust: Trust) -> str:
    return trust.ca_file


@pytest.fixture
def good(trust: Trust) -> ssl.SSLContext:
    return trust.context(HOST)


async def call(receiver: Receiver, ca_file: str | None, seconds: float = 20.0) -> Outcome:
    async with Transport(Names(receiver_test=["127.0.0.1"])) as transport:
        url = f"https://{HOST}:{receiver.port}/"
        return await attempt(transport, url, ca_file=ca_file, seconds=seconds)


def outcome_with(context: ssl.SSLContext | None, ca_file: str | None) -> Outcome:
    async def scenario() -> Outcome:
        async with Receiver(forever, context) as receiver:
            outcome = await call(receiver, ca_file)
            assert len(receiver.requests) == (1 if outcome.result == 200 else 0)
            return outcome

    return asyncio.run(scenario())


def test_a_good_certificate(good: ssl.SSLContext, ca_file: str) -> None:
    async def scenario() -> None:
        names = Names(receiver_test=["127.0.0.1"])
        async with Receiver(forever, good) as receiver, Transport(names) as transport:
            url = f"https://{HOST}:{receiver.port}/"
            outcome = await attempt(transport, url, ca_file=ca_file)
            assert (outcome.result, outcome.body) == (200, b"ok")
            assert set(outcome.exchange.timings) == {"dns", "connect", "tls", "first_byte"}
            again = await attempt(transport, url, ca_file=ca_file)
            assert (again.result, again.exchange.resent) == (200, False)
            assert set(again.exchange.timings) == {"first_byte"}
            assert receiver.connections == 1
            other = await attempt(transport, url)
            assert other.result == "tls"  # Another endpoint's trust is not this one's.

    asyncio.run(scenario())


def test_an_address_as_host(trust: Trust, ca_file: str) -> None:
    async def scenario() -> None:
        context = trust.context("127.0.0.1")
        async with Receiver(forever, context) as receiver, Transport() as transport:
            url = f"https://127.0.0.1:{receiver.port}/"
            assert (await attempt(transport, url, ca_file=ca_file)).result == 200

    asyncio.run(scenario())


def self_signed(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    path = folder / "own.pem"
    path.write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def without_its_chain(trust: Trust, folder: Path) -> ssl.SSLContext:
    leaf = trust.authority.create_child_ca().issue_cert(HOST)
    path = folder / "leaf.pem"
    path.write_bytes(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


NOW, DAY = datetime.now(UTC), timedelta(days=1)

CERTIFICATES: dict[str, tuple[Callable[[Trust, Path], ssl.SSLContext], str]] = {
    "expired": (
        lambda trust, _: trust.context(HOST, not_before=NOW - 9 * DAY, not_after=NOW - DAY),
        "certificate has expired",
    ),
    "not valid yet": (
        lambda trust, _: trust.context(HOST, not_before=NOW + DAY, not_after=NOW + 9 * DAY),
        "certificate is not yet valid",
    ),
    "another host's": (lambda trust, _: trust.context("other.test"), "not valid for 'receiver.test'"),
    "a name below": (lambda trust, _: trust.context(f"*.{HOST}"), "not valid for 'receiver.test'"),
    "its name as CN alone": (
        lambda trust, _: trust.context("other.test", common_name=HOST),
        "not valid for 'receiver.test'",
    ),
    "its address": (lambda trust, _: trust.context("127.0.0.1"), "not valid for 'receiver.test'"),
    "self-signed": (lambda _, folder: self_signed(folder), "self-signed certificate"),
    "another authority's": (
        lambda _, __: served_by(trustme.CA().issue_cert(HOST)),
        "unable to get local issuer",
    ),
    "without its chain": (without_its_chain, "unable to get local issuer certificate"),
}


@pytest.mark.parametrize(("certificate", "detail"), CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_certificate_that_is_not_this_hosts_gets_no_request(
    certificate: Callable[[Trust, Path], ssl.SSLContext], detail: str, trust: Trust, tmp_path: Path
) -> None:
    outcome = outcome_with(certificate(trust, tmp_path), trust.ca_file)
    assert outcome.result == "tls"
    assert outcome.detail.startswith("certificate refused: ")
    assert detail in outcome.detail.replace("self signed", "self-signed")
    assert "tls" in outcome.exchange.timings


def test_without_a_ca_file_the_public_authorities_count(good: ssl.SSLContext) -> None:
    outcome = outcome_with(good, None)
    assert outcome.result == "tls"
    assert outcome.detail.startswith("certificate refused: ")


def outcome_with_openssl(context: ssl.SSLContext, ca_file: str) -> Outcome:
    """As `outcome_with`, for a receiver that sends the alerts which asyncio's swallow."""

    def serve(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False) as tls:
            with contextlib.suppress(ssl.SSLError):
                tls.do_handshake()
            with contextlib.suppress(OSError):
                tls.shutdown(socket.SHUT_WR)
                while tls.recv(4096):  # Closed with bytes unread, an RST would overtake the alert.
                    pass

    async def scenario(port: int) -> Outcome:
        async with Transport(Names(receiver_test=["127.0.0.1"])) as transport:
            return await attempt(transport, f"https://{HOST}:{port}/", ca_file=ca_file)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        outcome = asyncio.run(scenario(listener.getsockname()[1]))
        thread.join()
    return outcome


def test_tls_1_0_only(good: ssl.SSLContext, ca_file: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        good.minimum_version = good.maximum_version = ssl.TLSVersion.TLSv1
    good.set_ciphers("DEFAULT:@SECLEVEL=0")
    for outcome in (outcome_with(good, ca_file), outcome_with_openssl(good, ca_file)):
        assert outcome.result == "tls"
    assert outcome.detail == "TLS failed: tlsv1 alert protocol version"


def test_tls_1_2_is_enough(good: ssl.SSLContext, ca_file: str) -> None:
    good.maximum_version = ssl.TLSVersion.TLSv1_2
    assert outcome_with(good, ca_file).result == 200


def test_a_client_certificate_is_asked_for(good: ssl.SSLContext, ca_file: str) -> None:
    good.verify_mode = ssl.CERT_REQUIRED  # In TLS 1.3 the alert comes after the handshake.
    outcome = outcome_with_openssl(good, ca_file)
    assert outcome.result == "tls"
    assert "certificate required" in outcome.detail


async def plain_http(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await peer.hold()


async def alert(peer: Peer) -> None:
    await peer.send(b"\x15\x03\x03\x00\x02\x02\x28")
    await peer.hold()


async def hang_up(peer: Peer) -> None:
    await peer.close()


@pytest.mark.parametrize(
    ("behaviour", "detail"),
    [
        (plain_http, "TLS failed: "),
        (alert, "TLS failed: "),
        (hang_up, "closed the connection during the TLS handshake"),
    ],
)
def test_no_tls_on_the_port(behaviour: object, detail: str, ca_file: str) -> None:
    async def scenario() -> Outcome:
        assert callable(behaviour)
        async with Receiver(behaviour) as receiver:
            return await call(receiver, ca_file)

    outcome = asyncio.run(scenario())
    assert outcome.result == "tls"
    assert detail in outcome.detail


def test_a_handshake_that_stalls(ca_file: str) -> None:
    async def scenario() -> None:
        async with Receiver(Peer.hold) as receiver, asyncio.timeout(20):
            outcome = await call(receiver, ca_file, seconds=1.0)
            assert outcome.result == "timeout"
            assert outcome.detail.startswith("the TLS handshake: ")
            await receiver.gone.wait()

    asyncio.run(scenario())


@pytest.mark.parametrize("turns", range(30))
def test_cancelling_a_handshake_at_any_turn_leaks_nothing(
    good: ssl.SSLContext, ca_file: str, turns: int
) -> None:
    async def scenario() -> None:
        names = Names(receiver_test=["127.0.0.1"])
        async with Receiver(forever, good) as receiver, Transport(names) as transport:
            url = f"https://{HOST}:{receiver.port}/"
            task = asyncio.create_task(attempt(transport, url, ca_file=ca_file))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])

    asyncio.run(scenario())


def test_a_tls_receiver_that_closes_is_noticed(good: ssl.SSLContext, ca_file: str) -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        await peer.close()

    async def scenario() -> None:
        async with Receiver(behaviour, good) as receiver, asyncio.timeout(20):
            outcome = await call(receiver, ca_file, seconds=600)
            assert (outcome.result, outcome.body, outcome.truncated) == (200, b"all of it", False)

    asyncio.run(scenario())


def test_leftovers_over_tls_close_the_connection(good: ssl.SSLContext, ca_file: str) -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.hold()

    async def scenario() -> None:
        names = Names(receiver_test=["127.0.0.1"])
        async with Receiver(behaviour, good) as receiver, Transport(names) as transport:
            url = f"https://{HOST}:{receiver.port}/"
            assert (await attempt(transport, url, ca_file=ca_file)).result == 200
            receiver.peers[0].send_now(OK)
            outcome = await attempt(transport, url, ca_file=ca_file)
            assert (outcome.result, outcome.exchange.resent) == (200, False)
            assert receiver.connections == 2

    asyncio.run(scenario())


def test_a_kept_connection_whose_tls_breaks_is_replaced_once(good: ssl.SSLContext, ca_file: str) -> None:
    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        if peer.number == 1:
            peer.send_beneath_tls(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await peer.hold()
        await peer.send(OK)

    async def scenario() -> None:
        names = Names(receiver_test=["127.0.0.1"])
        async with Receiver(behaviour, good) as receiver, Transport(names) as transport:
            url = f"https://{HOST}:{receiver.port}/"
            assert (await attempt(transport, url, ca_file=ca_file)).result == 200
            outcome = await attempt(transport, url, ca_file=ca_file)
            assert (outcome.result, outcome.exchange.resent) == (200, True)
            assert (receiver.connections, len(receiver.requests)) == (2, 3)

    asyncio.run(scenario())


@pytest.fixture
def environment(ca_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    return iter([keys])


def test_nothing_is_taken_from_the_environment(
    environment: Iterator[Path], good: ssl.SSLContext, ca_file: str
) -> None:
    keys = next(environment)
    assert outcome_with(good, None).result == "tls"
    assert outcome_with(good, ca_file).result == 200
    assert not keys.exists()
