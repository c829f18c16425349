"""One response, read from bytes: a complete head is the verdict, the body is evidence.

A reader reads exactly one response and is bounded in all it reads and keeps: 64 KiB of head, every
interim response included, 64 KiB behind it, and 4 KiB of body kept. Nothing is decoded.
"""

import httptools

HEAD_AT_MOST = 64 * 1024
"""Bytes up to the end of the head, interim (1xx) responses included."""

BODY_AT_MOST = 64 * 1024
"""Bytes read behind the head in the hope that the message ends, and the connection can be kept."""

BODY_KEPT = 4 * 1024
"""Bytes of the body that are kept."""

_VERSION = b"HTTP/1."
_LENGTH, _ENCODING = b"content-length", b"transfer-encoding"

_HEAD_END = b"\r\n\r\n"
"""The parser takes no other line ends, and an interim response has no body: no head can hide another."""


class _Interim(Exception):  # noqa: N818  it is no error
    """Ends a parser: the next response has one of its own."""


class ResponseReader:
    """Feed it until `done`; then `status` is 0 when there was no complete head, and `fault` says why."""

    __slots__ = (
        "_begin",
        "_behind",
        "_interim",
        "_odd",
        "_parser",
        "_pieces",
        "_raw",
        "_seen",
        "complete",
        "done",
        "fault",
        "headers",
        "keep_alive",
        "start",
        "status",
    )

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.start = b""
        """The first bytes of that head, of interim responses too, that has the fault."""
        self.complete = False
        """The whole message was read."""
        self.keep_alive = False
        """It ended cleanly, nothing came behind it, and the receiver keeps the connection."""
        self.fault: str | None = None
        self.done = False
        self._odd = False
        """A body is announced where there can be none, or chunks where nobody knows them: it may come yet."""
        self._interim = False
        self._raw = bytearray()
        self._begin = 0
        self._behind = 0
        self._seen = 0
        self._pieces: list[bytes] = []
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    @property
    def body(self) -> bytes:
        """What is kept of the body, as it came."""
        return b"".join(self._pieces)[:BODY_KEPT]

    @property
    def truncated(self) -> bool:
        """Whether `body` is less than the receiver sent, or meant to send."""
        return not self.complete or self._seen > BODY_KEPT

    def feed(self, data: memoryview) -> None:
        """Take in what the receiver sent; `done` is true once no more is needed."""
        if self.status:
            self._behind += len(data)
            self._parse(data)
        else:
            self._feed_head(data)
        if self._behind > BODY_AT_MOST:
            self.done = True
            self.keep_alive = False
        if self.done:
            self.drop()

    def drop(self) -> None:
        """Read no more. The parser and this reader hold each other; undone by hand, both are free at once."""
        self._parser = None

    def end(self) -> None:
        """The receiver has closed the connection; a body without a length ends there."""
        if self.status and not self._framed():
            self.complete = True
        self.keep_alive = False
        self.done = True
        self.drop()

    def _feed_head(self, data: memoryview) -> None:
        room = HEAD_AT_MOST - len(self._raw)
        self._raw += data[:room]
        self._parse(data[:room])
        if self._interim:
            self._go_on()
        if len(data) <= room:
            return
        if self.status:
            self.feed(data[room:])
        elif not self.done:
            self._fail(f"the response's head is over {HEAD_AT_MOST // 1024} KiB")

    def _go_on(self) -> None:
        """Read what follows an interim response, whatever that one said of the connection."""
        raw = memoryview(bytes(self._raw))
        while self._interim:
            self._interim = False
            self._begin = self._raw.index(_HEAD_END, self._begin) + len(_HEAD_END)
            self._parser = httptools.HttpResponseParser(self)
            self._parse(raw[self._begin :])

    def _parse(self, data: memoryview) -> None:
        try:
            if self._parser is not None:
                self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self._interim:
                self._fail(str(error))

    def _fail(self, fault: str) -> None:
        if self.fault is None:
            self.fault = fault
            self.start = bytes(self._raw[self._begin : self._begin + 40])
        self.keep_alive = False
        self.done = True

    def _framed(self) -> bool:
        return any(
            name.lower() == _LENGTH or (name.lower() == _ENCODING and b"chunked" in value.lower())
            for name, value in self.headers
        )

    def _judge(self, status: int) -> None:
        if status == 204:
            self._odd |= self._announces(_LENGTH, _ENCODING)
        elif status == 304 or self._raw.startswith(b"HTTP/1.0", self._begin):
            self._odd |= self._announces(_ENCODING)
        self.status = status
        self._behind = len(self._raw) - self._raw.index(_HEAD_END, self._begin) - len(_HEAD_END)
        self._raw.clear()

    def _announces(self, *names: bytes) -> bool:
        return any(name.lower() in names and value.strip(b"0 \t") for name, value in self.headers)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Another message behind the one that was asked for is nobody's."""
        if self.complete:
            self.keep_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers are read and dropped."""
        if not self.status:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The verdict, unless it is an interim response."""
        parser = self._parser
        if parser is None or self.status or self.fault is not None:
            return
        status = parser.get_status_code()
        if not self._raw.startswith(_VERSION, self._begin):
            self._fail("the response is not HTTP/1.x")
        elif status >= 200:
            self._judge(status)
        elif status == 101:
            self._fail("101 Switching Protocols, which was not asked for")
        elif status < 100:
            self._fail(f"the response's status is {status:03}")
        else:
            self._odd |= self._announces(_LENGTH, _ENCODING) or not parser.should_keep_alive()
            self.headers.clear()
            self._interim = True
            raise _Interim

    def on_body(self, piece: bytes) -> None:
        """Keep the first of it, count all of it."""
        if self.complete or not self.status:
            return
        if self._seen < BODY_KEPT:
            self._pieces.append(piece)
        self._seen += len(piece)

    def on_message_complete(self) -> None:
        """Whether the connection may be kept can only be asked here."""
        if self.status and not self.complete and self._parser is not None:
            self.complete = True
            self.done = True
            self.keep_alive = self._parser.should_keep_alive() and not self._odd
