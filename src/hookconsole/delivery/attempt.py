"""One attempt: a signed POST and what became of it. Whatever goes wrong has a name; nothing is raised.

Success is a complete 2xx response head within the endpoint's timeout. The body changes nothing.
"""

import time
from dataclasses import dataclass, field

import httpx

from hookconsole.config.secrets import SecretUnavailableError
from hookconsole.delivery.masking import is_any_in, masked
from hookconsole.delivery.retry import parse_retry_after
from hookconsole.delivery.signing import signature_headers
from hookconsole.delivery.target import Target
from hookconsole.journal.records import Response
from hookconsole.network.errors import error_detail, error_name
from hookconsole.network.exchange import Exchange
from hookconsole.network.message import Answer, Post

HEADER_BYTES_KEPT = 8192
"""Of a response's headers, names and values together; what comes behind isn't kept."""


@dataclass(slots=True)
class Result:
    """What became of one attempt. Times in milliseconds; `retry_after` in seconds."""

    status: int | None = None
    error: str | None = None
    detail: str | None = None
    duration_ms: float = 0.0
    timings_ms: dict[str, float] = field(default_factory=dict)
    remote: str | None = None
    resent: bool = False
    response: Response | None = None
    retry_after: float | None = None

    @property
    def success(self) -> bool:
        """A 2xx."""
        return self.status is not None and 200 <= self.status < 300


async def perform(
    transport: httpx.AsyncBaseTransport, target: Target, event_id: str, body: bytes, now: float
) -> Result:
    """Make the attempt at `now` (unix seconds)."""
    try:
        keys = target.keys(now)
    except SecretUnavailableError as error:
        return Result(error="config", detail=str(error))
    exchange = Exchange(
        deadline_seconds=target.endpoint.policy.timeout_seconds,
        ca_file=target.endpoint.ca_file,
        allow=target.allow,
    )
    result = Result()
    began = time.perf_counter()
    try:
        headers = signature_headers(keys, target.signing_header, target.standard, event_id, int(now), body)
        headers.append((b"Content-Length", b"%d" % len(body)))
        response = await transport.handle_async_request(Post(target.head, headers, body, exchange))
        result.status = response.status_code
        result.response = _kept(response, target.private)
        if not result.success:
            result.retry_after = parse_retry_after(response.headers.get("retry-after"), now)
    except Exception as error:
        result.error, result.detail = error_name(error), masked(error_detail(error), target.private)
    result.duration_ms = round((time.perf_counter() - began) * 1000, 3)
    result.timings_ms = {phase: round(ms, 3) for phase, ms in exchange.timings.items()}
    result.remote = exchange.remote
    result.resent = exchange.resent
    return result


def _kept(response: httpx.Response, private: tuple[str, ...]) -> Response:
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
    body = response.stream
    content = b"".join(body) if isinstance(body, httpx.ByteStream) else b""
    text = content.decode("utf-8", "backslashreplace")
    if truncated or is_any_in("\n".join((*headers.values(), text)), private):
        headers = {name: masked(value, private) for name, value in headers.items()}
        text = masked(text, private, cut_off=truncated)
    return Response(headers=headers, body=text, truncated=truncated)
