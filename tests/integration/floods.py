"""What a receiver may send without end, piece by piece."""

import gzip

PIECE_AT_LEAST = 60_000


def repeated(unit: bytes) -> bytes:
    """So many that they fill a piece."""
    return unit * (PIECE_AT_LEAST // len(unit) + 1)


def bomb() -> bytes:
    """A chunk of zeros, packed to a thousandth."""
    packed = gzip.compress(bytes(64_000_000), mtime=0)
    return b"%x\r\n%b\r\n" % (len(packed), packed)


BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
START = b"HTTP/1.1 200 OK\r\n"

FLOODS: dict[str, tuple[bytes, bytes, int | str]] = {
    "a body of 10 GB": (BODY, bytes(65536), 200),
    "a body without a length": (START + b"\r\n", bytes(65536), 200),
    "a gzip bomb": (START + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", bomb(), 200),
    "chunks": (CHUNKED, repeated(b"ff\r\n" + bytes(255) + b"\r\n"), 200),
    "chunks of one byte": (CHUNKED, repeated(b"1\r\na\r\n"), 200),
    "a chunk's extension": (CHUNKED + b"1;", repeated(b"a"), 200),
    "trailers": (CHUNKED + b"0\r\n", repeated(b"a: b\r\n"), 200),
    "responses": (b"", repeated(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 200),
    "interim responses": (b"", repeated(b"HTTP/1.1 100 Continue\r\n\r\n"), "protocol"),
    "interim responses with headers": (b"", repeated(b"HTTP/1.1 103 E\r\nLink: x\r\n\r\n"), "protocol"),
    "headers": (START, repeated(b"a:\r\n"), "protocol"),
    "one header's value": (START + b"a: ", repeated(b"a"), "protocol"),
    "one header's name": (START, repeated(b"a"), "protocol"),
    "a reason": (b"HTTP/1.1 200 ", repeated(b"a"), "protocol"),
    "line ends": (b"", repeated(b"\r\n"), "protocol"),
    "a first line": (b"", repeated(b"a"), "protocol"),
}
"""What comes first, what comes for ever, and what the attempt comes to."""
