"""Responses that nobody wrote: those of the table, bent and glued together; and what must hold of each."""

import itertools

from hypothesis import strategies as st

from hookconsole.network.response import BODY_KEPT, HEAD_AT_MOST, ResponseReader
from hostile_responses import CASES

_WORDS = [
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 204 N\r\n", b"HTTP/1.1 304 N\r\n"),
    *(b"HTTP/1.1 100 C\r\n", b"HTTP/1.1 101 S\r\n", b"HTTP/1.1 999 \r\n", b"RTSP/1.0 200 OK\r\n"),
    *(b"Content-Length: ", b"Transfer-Encoding: ", b"Connection: ", b"Trailer: X\r\n", b"Upgrade: h2c\r\n"),
    *(b"chunked", b"identity", b"gzip, ", b"close", b"keep-alive", b"upgrade", b"0", b"2", b"5", b"ff"),
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"\0",
        b"\x1b",
        b"\xff",
        b"ok",
        b'"',
    ),
    *(b"2\r\nok\r\n", b"0\r\n\r\n", b"0\r\n", b"-", b"+", b"0x", b"9" * 20),
]
_KNOWN = sorted({case.answer for case in CASES.values() if len(case.answer) < 300})

_word = st.sampled_from(_WORDS)
_noise = st.lists(_word | st.binary(max_size=3), max_size=14).map(b"".join)


@st.composite
def _bent(draw: st.DrawFn) -> bytes:
    message = draw(st.sampled_from(_KNOWN))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(message)))
        stop = min(start + draw(st.integers(0, 4)), len(message))
        message = message[:start] + draw(_word | st.binary(max_size=2)) + message[stop:]
    return message


_part = st.sampled_from(_KNOWN) | _bent() | _noise
messages = st.lists(_part, min_size=1, max_size=3).map(b"".join) | _bent()
"""What a receiver might send."""

cuttings = st.lists(st.integers(1, 400), max_size=6)
"""Where it might be cut."""


def read(message: bytes, cuts: list[int]) -> ResponseReader:
    """Feed it as a connection does, to its end."""
    reader = ResponseReader()
    bounds = [0, *sorted(cut for cut in cuts if cut < len(message)), len(message)]
    for start, stop in itertools.pairwise(bounds):
        if start < stop and not reader.done:
            reader.feed(memoryview(message)[start:stop])
    if not reader.done:
        reader.end()
    return reader


def check(message: bytes, cuts: list[int]) -> ResponseReader:
    """Read it whole and cut, and see that the reader keeps its promises; the reader of the whole."""
    whole, cut = read(message, []), read(message, cuts)
    for reader in (whole, cut):
        assert reader.done
        assert reader.status == 0 or 200 <= reader.status <= 999
        assert len(reader.body) <= BODY_KEPT
        assert sum(len(name) + len(value) for name, value in reader.headers) <= HEAD_AT_MOST
        if reader.keep_alive:
            assert reader.status
            assert reader.complete
            assert reader.fault is None
    assert (cut.status, cut.body, cut.truncated) == (whole.status, whole.body, whole.truncated)
    return whole
