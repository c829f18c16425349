"""The demo's receiver over real sockets: it counts what came, and takes nothing that is signed wrong."""

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from hookconsole.config.secrets import generate
from hookconsole.delivery.signing import SigningKeys, signature_headers
from hookconsole.demo.receiver import Counts, DemoReceiver
from hookconsole.events.accept import body

SECRETS = {name: generate() for name in ("healthy", "slow", "flaky", "down")}
OLD = generate()


@contextmanager
def running(seed: int = 7) -> Iterator[tuple[DemoReceiver, http.client.HTTPConnection]]:
    receiver = DemoReceiver(SECRETS, seed)
    connection = http.client.HTTPConnection("127.0.0.1", receiver.start(), timeout=30)
    try:
        yield receiver, connection
    finally:
        connection.close()
        receiver.stop()


def event(number: int) -> bytes:
    return body(f"evt_{number}", "invoice.paid", "2026-04-15T14:32:00Z", b'{"total":2500.00}')


def headers(raw: bytes, secret: str, event_id: str, previous: str | None = None) -> dict[str, str]:
    signed = signature_headers(
        SigningKeys(secret, previous), "AccBooks-Signature", True, event_id, int(time.time()), raw
    )
    return {name.decode(): value.decode() for name, value in signed}


def post(
    connection: http.client.HTTPConnection,
    name: str,
    number: int,
    changed: dict[str, str] | None = None,
) -> http.client.HTTPResponse:
    raw = event(number)
    sent = headers(raw, SECRETS.get(name, OLD), f"evt_{number}") | (changed or {})
    connection.request("POST", f"/{name}", raw, sent)
    response = connection.getresponse()
    response.read()
    return response


def test_distinct_events_are_counted_once() -> None:
    with running() as (receiver, connection):
        for number in (1, 2, 1, 3, 1):
            assert post(connection, "healthy", number).status == 200
        assert receiver.snapshot()["healthy"] == Counts(received=5, verified=5, wrong=0, answered=3)
        assert receiver.snapshot()["slow"] == Counts(0, 0, 0, 0)


def test_an_event_is_counted_as_answered_only_by_a_2xx() -> None:
    with running() as (receiver, connection):
        responses = [post(connection, "flaky", number) for number in range(40)]
        statuses = [response.status for response in responses]
        assert set(statuses) == {200, 500, 503}
        assert {response.getheader("Retry-After") for response in responses} == {None, "2"}
        assert receiver.snapshot()["flaky"] == Counts(40, 40, 0, statuses.count(200))


def test_down_answers_503_or_hangs_up() -> None:
    with running() as (receiver, connection):
        seen = set()
        for number in range(30):
            try:
                seen.add(post(connection, "down", number).status)
            except ConnectionError:
                seen.add(0)
                connection.close()
        assert seen == {0, 503}
        assert receiver.snapshot()["down"] == Counts(30, 30, 0, 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"AccBooks-Signature": headers(event(1), OLD, "evt_1")["AccBooks-Signature"]},
        {"AccBooks-Signature": "sha256="},
        {"webhook-signature": headers(event(1), OLD, "evt_1")["webhook-signature"]},
        {"webhook-signature": headers(event(1), SECRETS["healthy"], "evt_2")["webhook-signature"]},
        headers(event(1), SECRETS["healthy"], "evt_2"),
        {"webhook-timestamp": str(int(time.time()) - 1)},
        {"webhook-timestamp": "soon"},
    ],
)
def test_a_wrong_signature_gets_400_and_is_counted(changed: dict[str, str]) -> None:
    with running() as (receiver, connection):
        assert post(connection, "healthy", 1, changed).status == 400
        assert receiver.snapshot()["healthy"] == Counts(received=1, verified=0, wrong=1, answered=0)


@pytest.mark.parametrize("age", [-360, 360])  # time passes until it is judged
def test_a_right_signature_of_another_time_is_wrong(age: int) -> None:
    signed = signature_headers(
        SigningKeys(SECRETS["healthy"]), "S", True, "evt_1", int(time.time()) + age, event(1)
    )
    with running() as (receiver, connection):
        stale = {name.decode(): value.decode() for name, value in signed[1:]}
        assert post(connection, "healthy", 1, stale).status == 400
        assert receiver.snapshot()["healthy"].wrong == 1


def test_a_request_without_signatures_is_wrong() -> None:
    with running() as (receiver, connection):
        for raw in (event(1), b"", b"[]", b"\xff", b"{}"):
            connection.request("POST", "/healthy", raw)
            response = connection.getresponse()
            response.read()
            assert response.status == 400
        assert receiver.snapshot()["healthy"] == Counts(5, 0, 5, 0)


def test_one_of_a_rotation_s_two_signatures_is_enough() -> None:
    with running() as (receiver, connection):
        both = headers(event(1), SECRETS["healthy"], "evt_1", OLD)
        assert post(connection, "healthy", 1, both).status == 200
        assert receiver.snapshot()["healthy"].verified == 1


def test_another_path_is_not_found() -> None:
    with running() as (receiver, connection):
        assert post(connection, "elsewhere", 1).status == 404
        assert sum(counts.received for counts in receiver.snapshot().values()) == 0


def test_the_same_seed_gives_a_path_the_same_answers() -> None:
    runs = []
    for seed in (7, 7, 8):
        with running(seed) as (_, connection):
            runs.append([post(connection, "flaky", number).status for number in range(12)])
    assert runs[0] == runs[1] != runs[2]


def test_what_is_no_http_is_hung_up_on() -> None:
    with running() as (_, connection):
        assert post(connection, "healthy", 1).status == 200
        with socket.create_connection((connection.host, connection.port), timeout=30) as plain:
            plain.sendall(b"\x16\x03\x01 hello\r\n\r\n")
            with suppress(ConnectionError):
                assert plain.recv(1024) == b""
        assert post(connection, "healthy", 2).status == 200


def test_stop_hangs_up_on_waiting_requests_and_ends_its_thread() -> None:
    receiver = DemoReceiver(SECRETS, seed=7)
    port = receiver.start()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/slow", event(1), headers(event(1), SECRETS["slow"], "evt_1"))
    while not receiver.snapshot()["slow"].received:
        threading.Event().wait(0.001)
    receiver.stop()
    receiver.stop()
    with pytest.raises(ConnectionError):
        connection.getresponse()
    connection.close()
    assert receiver.snapshot()["slow"] == Counts(1, 1, 0, 0)
    assert "demo-receiver" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_it_can_be_stopped_from_within_a_running_loop() -> None:
    async def main() -> int:
        receiver = DemoReceiver(SECRETS, seed=7)
        port = receiver.start()
        receiver.stop()
        return port

    assert asyncio.run(main()) > 0


def test_an_unknown_mood_is_refused() -> None:
    with pytest.raises(KeyError):
        DemoReceiver({"grumpy": OLD}, seed=7)
