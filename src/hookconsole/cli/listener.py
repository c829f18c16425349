"""A receiver on 127.0.0.1 for whoever builds one: it judges each POST, answers, and hands on what came.

What is no POST, or none that can be taken, is answered and handed on, too.

Nothing is printed here; outside text goes out of here as it came.
"""

import re
import sys
import threading
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler
from queue import SimpleQueue
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, NamedTuple

import msgspec

from hookconsole.cli.secret_option import ChosenSecret
from hookconsole.ids import is_event_id
from hookconsole.mishaps import say_uncaught
from hookconsole.verifying.verification import StandardHeaders, why_standard_wrong, why_wrong

BODY_BYTES_AT_MOST = 1024 * 1024
_IDLE_SECONDS = 60
_STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
_BODILESS = (204, 304)
_LENGTH = re.compile(r"[0-9]{1,12}")


class Received(NamedTuple):
    """One POST. `why_wrong` is None for a right signature, and where no secret was given to check with."""

    at: float
    id: str | None
    type: str | None
    why_wrong: str | None
    duplicate: bool
    status: int
    body: bytes


class TurnedAway(NamedTuple):
    """A request that was answered without being judged: no POST, or none that can be taken."""

    at: float
    request: str
    status: int
    why: str


class _Event(msgspec.Struct):
    id: str | None = None
    type: str | None = None


class Listener(ThreadingMixIn, TCPServer):
    """The receiver; what comes is put into `received`."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, chosen: ChosenSecret | None, status: int) -> None:
        self.received: SimpleQueue[Received | TurnedAway] = SimpleQueue()
        self._chosen = chosen
        self._status = status
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def take(self, headers: Message, body: bytes) -> Received:
        """Judge one POST and count it."""
        now = time.time()
        chosen = self._chosen
        wrong = None if chosen is None else why_request_wrong(chosen, headers, body, now)
        event = _event(body)
        duplicate = False
        if wrong is None and event.id is not None and is_event_id(event.id):
            with self._lock:
                duplicate = event.id in self._seen
                self._seen.add(event.id)
        status = self._status if wrong is None else 400
        return Received(now, event.id, event.type, wrong, duplicate, status, body)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing for a sender that hangs up; what can only be our own fault is told."""
        error = sys.exception()
        if not isinstance(error, OSError):
            say_uncaught(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "hookconsole"
    sys_version = ""
    timeout = _IDLE_SECONDS
    server: Listener

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not _LENGTH.fullmatch(length):
            return self.send_error(411, "a Content-Length is needed")
        if int(length) > BODY_BYTES_AT_MOST:
            return self.send_error(413, f"the body is over {BODY_BYTES_AT_MOST} bytes")
        body = self.rfile.read(int(length))
        received = self.server.take(self.headers, body)
        fine = "ok" if received.status < 300 else f"told to answer {received.status}"
        self._answer(received.status, received.why_wrong or fine)
        self.server.received.put(received)
        return None

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer and hand on what can't be judged; the server calls it, too, for what is no POST."""
        self.close_connection = True
        why = message or self.responses[code][1]
        # First, for the answer may fail: who sends a megabyte too much may not wait for it.
        self.server.received.put(TurnedAway(time.time(), self.requestline, code, why))
        self._answer(code, why)

    def log_message(self, *_: object) -> None:
        """Said by whoever takes `received`, made safe."""

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        if status in _BODILESS:
            return self.end_headers()
        body = text.encode("utf-8", "backslashreplace") + b"\n"
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return None


def why_request_wrong(chosen: ChosenSecret, headers: Message, body: bytes, now: float) -> str | None:
    """Why a request's signatures aren't right, in one line; None if all that it carries are."""
    reasons = []
    signature = headers.get(chosen.header)
    if signature is None:
        reasons.append(f"{chosen.header}: the header is missing")
    elif wrong := why_wrong(chosen.secret, body, signature, chosen.previous):
        reasons.append(f"{chosen.header}: {wrong}")
    standard = [headers.get(name) for name in _STANDARD]
    missing = [name for name, value in zip(_STANDARD, standard, strict=True) if value is None]
    if not missing:
        judged = StandardHeaders(*(value or "" for value in standard))
        if wrong := why_standard_wrong(chosen.secret, body, judged, now, chosen.previous):
            reasons.append(f"webhook-signature: {wrong}")
    elif len(missing) < len(_STANDARD):
        reasons.append(f"{' and '.join(missing)}: missing beside the other webhook- headers")
    return " | ".join(reasons) or None


def _event(body: bytes) -> _Event:
    try:
        return msgspec.json.decode(body, type=_Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Event()
