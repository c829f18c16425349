"""The response reader against whole, broken and endless messages, however they are cut into pieces."""

import itertools
import random

import pytest

from hookconsole.network.dial import READ_AT_MOST
from hookconsole.network.response import BODY_AT_MOST, BODY_KEPT, HEAD_AT_MOST, ResponseReader
from hostile_responses import CASES, OK, Case


def read(message: bytes, cuts: list[int] | None = None, *, end: bool = False) -> ResponseReader:
    """Feed `message`, cut at `cuts`, as a connection does: until it is done, then the end."""
    reader = ResponseReader()
    pieces = range(0, len(message), READ_AT_MOST)
    bounds = sorted([*pieces, *(cuts or []), len(message)])
    for start, stop in itertools.pairwise(bounds):
        if start < stop and not reader.done:
            reader.feed(memoryview(message)[start:stop])
    if end and not reader.done:
        reader.end()
    return reader


def test_a_clean_response() -> None:
    reader = read(OK)
    assert (reader.status, reader.headers, reader.body) == (200, [(b"Content-Length", b"2")], b"ok")
    assert (reader.complete, reader.truncated, reader.keep_alive, reader.done) == (
        True,
        False,
        True,
        True,
    )


def read_case(case: Case, cuts: list[int] | None = None) -> ResponseReader:
    return read(case.answer, cuts, end=case.end != "hold")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_came_is_judged(case: Case) -> None:
    reader = read_case(case)
    assert reader.done
    assert reader.keep_alive is case.kept
    if isinstance(case.expected, int):
        assert (reader.status, reader.truncated) == (case.expected, case.truncated)
        assert len(reader.body) <= BODY_KEPT
    else:
        assert reader.status == 0
        assert bool(reader.fault) is (case.expected == "protocol")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_how_it_is_cut_changes_nothing(case: Case) -> None:
    whole, size = read_case(case), len(case.answer)
    chance = random.Random(7)
    every = list(range(1, size)) if size < 2000 else []
    for cuts in [every, *(sorted(chance.choices(range(1, max(size, 2)), k=5)) for _ in range(20))]:
        cut = read_case(case, cuts)
        assert (cut.status, cut.body, cut.truncated) == (whole.status, whole.body, whole.truncated)
        assert whole.status or (cut.fault is None) == (whole.fault is None)


def test_interim_headers_and_trailers_are_dropped() -> None:
    for name in ("103 first, with headers", "trailers"):
        assert {name for name, _ in read_case(CASES[name]).headers} <= {
            b"Content-Length",
            b"Transfer-Encoding",
        }


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


def test_all_that_comes_behind_a_head_counts_to_its_64_kib() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for size, kept in ((BODY_AT_MOST, True), (BODY_AT_MOST + 1, False)):
        body = b"2;%b\r\nok\r\n0\r\n\r\n" % (b"x" * (size - len(b"2;\r\nok\r\n0\r\n\r\n")))
        for cuts in ([], [len(head)], [len(head) + 10], [10, len(head) + 40_000]):
            reader = read(head + body, cuts)
            assert (reader.status, reader.done, reader.keep_alive) == (200, True, kept)


def test_a_byte_behind_a_message_that_ends_with_its_heads_64_kib_closes() -> None:
    start, end = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ", b"\r\n\r\n"
    whole = start + b"a" * (HEAD_AT_MOST - len(start) - len(end)) + end
    for behind in (b"", b"H"):
        reader = ResponseReader()
        reader.feed(memoryview(whole[:1]))
        reader.feed(memoryview(whole[1:] + behind))
        assert (reader.status, reader.done, reader.keep_alive) == (200, True, not behind)


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
