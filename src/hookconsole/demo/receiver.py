"""The demo's receiver: one HTTP server on 127.0.0.1, a path for each endpoint, in a thread of its own.

It checks every signature as a receiver would, with nothing of ours, so that its counts are a
witness. It takes one request at a time on a connection: no sender that it knows sends a second one
before the answer to the first.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from random import Random
from typing import NamedTuple

import httptools

from hookconsole.demo.moods import MOODS, Answer, Mood

_TOLERANCE_SECONDS = 300


class Counts(NamedTuple):
    """What one path has seen. `received` = `verified` + `wrong`; `answered` are distinct event ids.

    `answered` counts what got a 2xx; the test event counts as any other.
    """

    received: int
    verified: int
    wrong: int
    answered: int


class DemoReceiver:
    """`secrets` maps the name of an endpoint, which is its path, to the secret to check with.

    `moods` has the mood of each. The same seed gives each path the same answers in the same order.
    """

    def __init__(self, secrets: Mapping[str, str], seed: int, moods: Mapping[str, Mood] = MOODS) -> None:
        self._paths = {
            f"/{name}".encode(): _Path(name, secret, moods[name], Random(f"{seed} {name}"))  # noqa: S311
            for name, secret in secrets.items()
        }
        self._lock = threading.Lock()
        self._connections: set[_Connection] = set()
        self._stopping = asyncio.Event()
        self._thread: threading.Thread | None = None
        self._started_at = 0.0

    def start(self) -> int:
        """Listen on a free port of 127.0.0.1 and return it. Once for a receiver."""
        listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._started_at = time.monotonic()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(self._loop, listening), name="demo-receiver", daemon=True
        )
        self._thread.start()
        return int(listening.getsockname()[1])

    def stop(self) -> None:
        """Hang up everywhere and end the thread; again or before `start` it does nothing."""
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def snapshot(self) -> dict[str, Counts]:
        """The counts so far, by endpoint; from any thread."""
        with self._lock:
            return {path.name: path.counts() for path in self._paths.values()}

    def _run(self, loop: asyncio.AbstractEventLoop, listening: socket.socket) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve(listening))

    async def _serve(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), sock=listening)
        await self._stopping.wait()
        server.close()
        while self._connections:
            for connection in tuple(self._connections):
                connection.abort()
            await asyncio.sleep(0)

    def opened(self, connection: "_Connection") -> None:
        """A connection begins."""
        self._connections.add(connection)

    def closed(self, connection: "_Connection") -> None:
        """A connection ends."""
        self._connections.discard(connection)

    def judge(self, url: bytes, headers: Mapping[bytes, bytes], body: bytes) -> "_Verdict":
        """What to do with a request; it is counted as received."""
        path = self._paths.get(url)
        if path is None:
            return _Verdict(None, None, Answer(0.0, 404))
        with self._lock:
            event_id = path.take(headers, body)
        if event_id is None:
            return _Verdict(None, None, Answer(0.0, 400))
        return _Verdict(path, event_id, path.answer(time.monotonic() - self._started_at))

    def answered(self, verdict: "_Verdict") -> None:
        """A 2xx goes out."""
        if verdict.path is not None and verdict.event_id is not None:
            with self._lock:
                verdict.path.answered.add(verdict.event_id)


class _Path:
    """One path: its mood, its secret and what it has seen."""

    def __init__(self, name: str, secret: str, mood: Mood, chance: Random) -> None:
        self.name = name
        self.answered: set[str] = set()
        self._mood = mood
        self._chance = chance
        self._key = secret.encode()
        self._standard_key = base64.b64decode(secret.removeprefix("whsec_"))
        self._verified = 0
        self._wrong = 0

    def counts(self) -> Counts:
        received = self._verified + self._wrong
        return Counts(received, self._verified, self._wrong, len(self.answered))

    def answer(self, seconds: float) -> Answer:
        return self._mood(seconds, self._chance)

    def take(self, headers: Mapping[bytes, bytes], body: bytes) -> str | None:
        """The event's id; None if a signature is wrong."""
        try:
            event_id = str(json.loads(body)["id"])
            right = self._is_right(headers, body) and headers[b"webhook-id"] == event_id.encode()
        except (KeyError, TypeError, ValueError):
            right = False
        if not right:
            self._wrong += 1
            return None
        self._verified += 1
        return event_id

    def _is_right(self, headers: Mapping[bytes, bytes], body: bytes) -> bool:
        expected = "sha256=" + hmac.new(self._key, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), headers[b"accbooks-signature"]):
            return False
        timestamp = headers[b"webhook-timestamp"]
        if abs(time.time() - int(timestamp)) > _TOLERANCE_SECONDS:
            return False
        signed = b".".join((headers[b"webhook-id"], timestamp, body))
        digest = hmac.new(self._standard_key, signed, hashlib.sha256).digest()
        standard = b"v1," + binascii.b2a_base64(digest, newline=False)
        return any(
            hmac.compare_digest(standard, given) for given in headers[b"webhook-signature"].split(b" ")
        )


class _Verdict(NamedTuple):
    path: _Path | None
    event_id: str | None
    answer: Answer


class _Connection(asyncio.Protocol):
    """One keep-alive connection; the methods `on_…` are the parser's."""

    def __init__(self, receiver: DemoReceiver) -> None:
        self._receiver = receiver
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (create_server makes no other)
        self._transport = transport
        self._receiver.opened(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._receiver.closed(self)

    def abort(self) -> None:
        """Hang up without a word."""
        self._transport.abort()

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        verdict = self._receiver.judge(self._url, self._headers, self._body)
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(verdict.answer.delay, self._answer, verdict)

    def _answer(self, verdict: _Verdict) -> None:
        status = verdict.answer.status
        if status is None:
            return self.abort()
        if status < 300:
            self._receiver.answered(verdict)
        self._transport.write(_response(status, verdict.answer.retry_after))
        if not self._parser.should_keep_alive():
            self._transport.close()
        return None


def _response(status: int, retry_after: int | None) -> bytes:
    phrase = HTTPStatus(status).phrase
    patience = "" if retry_after is None else f"Retry-After: {retry_after}\r\n"
    return (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain\r\n{patience}"
        f"Content-Length: {len(phrase)}\r\n\r\n{phrase}"
    ).encode()
