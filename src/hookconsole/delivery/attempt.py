"""One attempt: a signed POST and what became of it. Whatever goes wrong has a name; nothing is raised.

Success is a complete 2xx response head within the endpoint's timeout. The body changes nothing.
"""

import time

import httpx
from msgspec import Struct

from hookconsole.config.secrets import SecretUnavailableError
from hookconsole.delivery.masking import Private
from hookconsole.delivery.retry import parse_retry_after
from hookconsole.delivery.signing import signature_headers
from hookconsole.delivery.target import Target
from hookconsole.journal.records import Response
from hookconsole.network.errors import error_detail, error_name
from hookconsole.network.exchange import Exchange
from hookconsole.network.message import Answer, Post

HEADER_BYTES_KEPT = 8192
"""Of a response's headers, names and values together; what comes behind isn't kept."""


class Result(Struct):
    """What became of one attempt. Times in milliseconds; `retry_after` in seconds."""

    status: int | None = None
    error: str | None = None
    detail: str | None = None
    duration_ms: float = 0.0
    timings_ms: dict[str, float] = {}
    remote: str | None = None
    resent: bool = False
    response: Response | None = None
    retry_after: float | None = None
    lost: bool = False
    """There is nothing left to send, now or later."""

    @property
    def success(self) -> bool:
        """A 2xx."""
        return self.status is not None and 200 <= self.status < 300


def request_for(target: Target, event_id: str, body: bytes, now: float) -> Post | Result:
    """The request of an attempt at `now` (unix seconds), or why it can't be made."""
    try:
        keys = target.keys(now)
        headers = signature_headers(keys, target.signing_header, target.standard, event_id, int(now), body)
        headers.append((b"Content-Length", b"%d" % len(body)))
        policy = target.endpoint.policy
        exchange = Exchange(policy.timeout_seconds, target.endpoint.ca_file, target.allow)
        return Post(target.head, headers, body, exchange)
    except SecretUnavailableError as error:
        return Result(error="config", detail=str(error))
    except Exception as error:
        return Result(error=error_name(error), detail=target.private.masked(error_detail(error)))


async def perform(transport: httpx.AsyncBaseTransport, request: Post, private: Private, now: float) -> Result:
    """Make the attempt; nothing of `private` is kept."""
    result = Result()
    began = time.perf_counter()
    try:
        response = await transport.handle_async_request(request)
        result.status = response.status_code
        result.response = _kept(response, private)
        if not result.success:
            result.retry_after = parse_retry_after(response.headers.get("retry-after"), now)
    except Exception as error:
        result.error, result.detail = error_name(error), private.masked(error_detail(error))
    result.duration_ms = round((time.perf_counter() - began) * 1000, 3)
    exchange = request.exchange
    result.timings_ms = {phase: round(ms, 3) for phase, ms in exchange.timings.items()}
    result.remote = exchange.remote
    result.resent = exchange.resent
    return result


def _kept(response: httpx.Response, private: Private) -> Response:
    headers: dict[str, str] = {}
    room = HEADER_BYTES_KEPT
    truncated = bool(response.extensions.get("truncated"))
    raw_headers = response.raw_headers if isinstance(response, Answer) else response.headers.raw
    for raw_name, raw_value in raw_headers:
        room -= len(raw_name) + len(raw_value)
        if room < 0:
            truncated = True
            break
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    text = _body_of(response).decode("utf-8", "backslashreplace")
    if truncated or private.may_be_in("\n".join((*headers, *headers.values(), text))):
        headers = {private.masked_name(name): private.masked(value) for name, value in headers.items()}
        text = private.masked(text, cut_off=truncated)
    return Response(headers=headers, body=text, truncated=truncated)


def _body_of(response: httpx.Response) -> bytes:
    if isinstance(response, Answer):
        return response.body
    return b"".join(response.stream) if isinstance(response.stream, httpx.ByteStream) else b""
