"""The response reader against whole, broken and endless messages, however they are cut into pieces."""

import itertools
import random

import pytest

from hookconsole.network.response import BODY_AT_MOST, BODY_KEPT, HEAD_AT_MOST, ResponseReader


def read(message: bytes, cuts: list[int] | None = None, *, end: bool = False) -> ResponseReader:
    """Feed `message`, cut at `cuts`, as a connection does: until it is done, then the end."""
    reader = ResponseReader()
    bounds = [0, *sorted(cuts or []), len(message)]
    for start, stop in itertools.pairwise(bounds):
        if start < stop and not reader.done:
            reader.feed(memoryview(message)[start:stop])
    if end and not reader.done:
        reader.end()
    return reader


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_clean_response() -> None:
    reader = read(OK)
    assert (reader.status, reader.headers, reader.body) == (200, [(b"Content-Length", b"2")], b"ok")
    assert (reader.complete, reader.truncated, reader.keep_alive, reader.done) == (
        True,
        False,
        True,
        True,
    )


CLEAN = {
    "length": OK,
    "empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n",
    "interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK,
    "status 999": b"HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n",
    "latin-1": b"HTTP/1.1 200 \xe9\r\nX: \xff\xe9\r\nContent-Length: 0\r\n\r\n",
}

UNCLEAN = {
    "close": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "leftovers": OK + b"x",
    "a second response": OK + OK,
    "204 with a body": b"HTTP/1.1 204 No Content\r\n\r\nbody",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "negative chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nok",
    "huge chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\nok",
}

REFUSED = {
    "status 20": b"HTTP/1.1 20 OK\r\n\r\n",
    "status abc": b"HTTP/1.1 abc OK\r\n\r\n",
    "status 1999": b"HTTP/1.1 1999 OK\r\n\r\n",
    "status 000": b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
    "status 099": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n" + OK,
    "101": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" + OK,
    "101 alone": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + OK,
    "HTTP/0.9": b"hello\r\n",
    "HTTP/0.9 with a head": b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "RTSP": b"RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "smtp": b"220 mail.example ESMTP\r\n",
    "tls": b"\x15\x03\x01\x00\x02\x02\x46",
    "blank lines": b"\r\n" * 40000,
    "lengths conflict": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "length negative": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    "length overflows": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\nok",
    "length and chunked": OK.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "ESC in a header": b"HTTP/1.1 200 OK\r\nLocation: /\x1b[2J\r\nContent-Length: 0\r\n\r\n",
    "LF in a header": b"HTTP/1.1 200 OK\r\nLocation: /a\nb\r\nContent-Length: 0\r\n\r\n",
    "NUL in a header": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "no colon": b"HTTP/1.1 200 OK\r\nX\r\n\r\n",
    "100 KiB of headers": b"HTTP/1.1 200 OK\r\n" + b"X: %b\r\n" % (b"a" * 1000) * 100 + b"\r\n",
    "one long header": b"HTTP/1.1 302 OK\r\nLocation: " + b"a" * 70_000 + b"\r\n\r\n",
    "endless interim": b"HTTP/1.1 100 Continue\r\n\r\n" * 3000,
}


@pytest.mark.parametrize("message", CLEAN.values(), ids=CLEAN)
def test_a_clean_end_keeps_the_connection(message: bytes) -> None:
    reader = read(message)
    assert reader.status
    assert (reader.complete, reader.keep_alive, reader.truncated) == (True, True, False)
    assert (b"X", b"y") not in reader.headers
    assert (b"Link", b"x") not in reader.headers


@pytest.mark.parametrize("message", UNCLEAN.values(), ids=UNCLEAN)
def test_an_unclean_end_is_a_response_that_closes(message: bytes) -> None:
    reader = read(message)
    assert reader.status in (200, 204)
    assert reader.done
    assert not reader.keep_alive


@pytest.mark.parametrize("message", REFUSED.values(), ids=REFUSED)
def test_what_is_no_response(message: bytes) -> None:
    reader = read(message)
    assert reader.done
    assert (reader.status, reader.keep_alive) == (0, False)
    assert reader.fault


@pytest.mark.parametrize("message", [*CLEAN.values(), *UNCLEAN.values(), *REFUSED.values()])
def test_how_it_is_cut_changes_nothing(message: bytes) -> None:
    whole = read(message, end=True)
    chance = random.Random(7)
    every = list(range(1, len(message))) if len(message) < 2000 else []
    for cuts in [every, *(sorted(chance.choices(range(1, len(message)), k=5)) for _ in range(20))]:
        cut = read(message, cuts, end=True)
        assert (cut.status, cut.body, cut.truncated) == (whole.status, whole.body, whole.truncated)
        assert whole.status or (cut.fault is None) == (whole.fault is None)


def test_a_fault_is_named() -> None:
    assert read(REFUSED["101"]).fault == "101 Switching Protocols, which was not asked for"
    assert read(REFUSED["status 099"]).fault == "the response's status is 099"
    assert read(REFUSED["HTTP/2.0"]).fault == "the response is not HTTP/1.x"


def test_a_head_of_64_kib_is_read_and_one_byte_more_is_not() -> None:
    start, end = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: ", b"\r\n\r\n"
    room = HEAD_AT_MOST - len(start) - len(end)
    fits = start + b"a" * room + end
    assert len(fits) == HEAD_AT_MOST
    reader = read(fits + b"ok")
    assert (reader.status, reader.body, reader.keep_alive) == (200, b"ok", True)
    reader = read(start + b"a" * (room + 1) + end + b"ok")
    assert (reader.status, reader.fault) == (0, "the response's head is over 64 KiB")


def test_a_body_is_kept_to_4_kib() -> None:
    for size, truncated in ((BODY_KEPT, False), (BODY_KEPT + 1, True)):
        body = b"a" * size
        reader = read(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, body))
        assert (reader.body, reader.truncated) == (body[:BODY_KEPT], truncated)
        assert reader.keep_alive


def test_a_body_is_read_to_64_kib() -> None:
    for size, kept in ((BODY_AT_MOST, True), (BODY_AT_MOST + 1, False)):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
        for cuts in ([], [len(head)], [len(head) + 10]):
            reader = read(head + b"a" * size, cuts)
            assert (reader.done, reader.keep_alive) == (True, kept)
            assert len(reader.body) == BODY_KEPT
            assert reader.truncated


def test_an_endless_body_is_left() -> None:
    reader = read(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n" + b"a" * 70_000)
    assert (reader.status, reader.done, reader.truncated, reader.keep_alive) == (
        200,
        True,
        True,
        False,
    )
    chunks = b"1;%b\r\na\r\n" % (b"x" * 1000) * 100
    reader = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, [60])
    assert (reader.status, reader.done, reader.keep_alive) == (200, True, False)


def test_an_early_end() -> None:
    reader = read(OK[:-1], end=True)
    assert (reader.status, reader.body, reader.truncated) == (200, b"o", True)
    reader = read(OK[:20], end=True)
    assert (reader.status, reader.done) == (0, True)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader = read(b"HTTP/1.1 200 OK\r\n\r\nall of it", end=True)
    assert (reader.body, reader.truncated, reader.keep_alive) == (b"all of it", False, False)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
    assert read(chunked, end=True).truncated


def test_nothing_is_decoded() -> None:
    body = b"\x1f\x8b not gzip at all"
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert read(head + body).body == body
