"""httpx's request and response over bytes that are there already.

What httpx makes of a message's headers is made when someone looks at it: for twenty headers that costs more
than to sign the request and to send it.
"""

from functools import cached_property

import httpx

from hookconsole.network.exchange import Exchange

RawHeaders = list[tuple[bytes, bytes]]


class Post(httpx.Request):
    """A POST of `body` with exactly these headers, for one attempt."""

    def __init__(self, url: httpx.URL, raw_headers: RawHeaders, body: bytes, exchange: Exchange) -> None:
        self.method = "POST"
        self.url = url
        self.raw_headers = raw_headers
        self.body = body
        self.extensions = {"exchange": exchange}

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
