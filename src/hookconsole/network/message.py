"""httpx's request and response over bytes that are there already.

What httpx makes of a message's headers is made when someone looks at it: for twenty headers that costs more
than to sign the request and to send it.
"""

from functools import cached_property

import httpx

from hookconsole.network.exchange import Exchange

RawHeaders = list[tuple[bytes, bytes]]


def joined(first_line: bytes, raw_headers: RawHeaders) -> bytes:
    """Request line and headers; LocalProtocolError when one would end its line early."""
    head = b"\r\n".join((first_line, *map(b": ".join, raw_headers)))
    if len(head) - len(head.translate(None, b"\r\n\0")) != 2 * len(raw_headers):
        raise httpx.LocalProtocolError("a request header has a line end or a NUL: remove it")
    return head


class Head:
    """The beginning that all POSTs to one URL share: request line and headers, joined once."""

    def __init__(self, url: httpx.URL, raw_headers: RawHeaders) -> None:
        self.url = url
        self.raw_headers = raw_headers
        self.wire = joined(b"POST %b HTTP/1.1" % url.raw_path, raw_headers)


class Post(httpx.Request):
    """A POST of `body` with the headers of `head` and these, for one attempt."""

    def __init__(self, head: Head, raw_headers: RawHeaders, body: bytes, exchange: Exchange) -> None:
        self.method = "POST"
        self.url = head.url
        self.head = head
        self.own_headers = raw_headers
        self.body = body
        self.exchange = exchange
        self.extensions = {"exchange": exchange}

    def __repr__(self) -> str:
        return f"Post({self.url.host!r})"

    @property
    def raw_headers(self) -> RawHeaders:
        """All headers, in their order."""
        return [*self.head.raw_headers, *self.own_headers]

    @property
    def wire(self) -> bytes:
        """The request as it goes out."""
        own = b"\r\n".join(map(b": ".join, self.own_headers))
        return b"%b\r\n%b\r\n\r\n%b" % (self.head.wire, own, self.body)

    @cached_property
    def headers(self) -> httpx.Headers:  # type: ignore[override]  # it may be set all the same
        """As httpx has them."""
        return httpx.Headers(self.raw_headers)

    @cached_property
    def stream(self) -> httpx.ByteStream:  # type: ignore[override]
        """The body, as httpx has it."""
        return httpx.ByteStream(self.body)


class Answer(httpx.Response):
    """A response whose body is what was kept of it; `truncated` says whether that isn't all."""

    def __init__(self, status: int, raw_headers: RawHeaders, body: bytes, *, truncated: bool) -> None:
        super().__init__(status, stream=httpx.ByteStream(body), extensions={"truncated": truncated})
        self.raw_headers = raw_headers
        self.body = body
        del self.headers

    @cached_property
    def headers(self) -> httpx.Headers:  # type: ignore[override]
        """As httpx has them."""
        return httpx.Headers(self.raw_headers)
