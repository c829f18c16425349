"""A hookconsole of its own for each test: config, state, receiver, and real processes."""

import contextlib
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DEADLINE_SECONDS = 60.0


def wait_until(condition: Callable[[], object], what: str, seconds: float = DEADLINE_SECONDS) -> None:
    """Return when the condition holds; fail, saying what didn't come about, after so long."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited in vain for: {what}"
        time.sleep(0.02)


@dataclass
class Request:
    """One POST as it came."""

    path: str
    body: bytes
    headers: dict[str, str]
    status: int
    at: float

    @property
    def event(self) -> str:
        """The event's id."""
        found: str = json.loads(self.body)["id"]
        return found

    @property
    def signature_holds(self) -> bool:
        """The check that AccBooks documents."""
        expected = "sha256=" + hmac.new(SECRET.encode("utf-8"), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers.get("accbooks-signature", ""))


@dataclass
class Receiver:
    """Keeps every request; `answers` may change the status of a path at any time, and `bodies` its answer.

    A path in `fails_first` answers the first request of each event with a 503; one in `held` answers nothing
    before its event is set.
    """

    answers: dict[str, int] = field(default_factory=dict)
    fails_first: set[str] = field(default_factory=set)
    bodies: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, threading.Event] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    _failed: set[tuple[str, bytes]] = field(default_factory=set, repr=False)

    @contextlib.contextmanager
    def holding(self, *paths: str) -> Iterator[None]:
        """Requests of these paths come in, and have no answer before the end of this."""
        event = threading.Event()
        self.held.update(dict.fromkeys(paths, event))
        try:
            yield
        finally:
            event.set()
            for path in paths:
                del self.held[path]

    def url(self, path: str) -> str:
        """Where a path is."""
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, path: str, body: bytes) -> int:
        """The status that a request gets."""
        if path in self.fails_first and (path, body) not in self._failed:
            self._failed.add((path, body))
            return 503
        return self.answers.get(path, 200)

    def seen(self) -> Counter[tuple[str, str]]:
        """How many requests came for each event and endpoint, where the path is the endpoint's name."""
        return Counter((request.event, request.path.strip("/")) for request in list(self.requests))

    def events(self, path: str, *, status: int | None = None) -> list[str]:
        """Ids of the events that came to a path, tests apart."""
        return [
            request.event
            for request in list(self.requests)
            if request.path == path
            and status in (None, request.status)
            and json.loads(request.body)["type"] != "webhook.test"
        ]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None: ...  # who was killed has hung up


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.answer(self.path, body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append(Request(self.path, body, headers, status, time.time()))
            if gate := receiver.held.get(self.path):
                gate.wait()
            answer = receiver.bodies.get(self.path, b"")
            with contextlib.suppress(OSError):  # whoever asked is gone
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = _Server(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        for event in receiver.held.values():
            event.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Hookconsole:
    """One config file and state directory, and the program run on them. A config file that exists stays."""

    def __init__(self, folder: Path, config: str = "") -> None:
        self.config = folder / "config.toml"
        self.state = folder / "state"
        if not self.config.exists():
            self.config.write_text(
                f'[security]\nhttps_only = false\nallow_networks = ["127.0.0.0/8"]\n\n{config}'
            )
            self.config.chmod(0o600)
        self._daemons: list[subprocess.Popen[str]] = []

    def add(self, name: str, url: str, events: str, *more: str) -> None:
        """Write an endpoint into the file, as a hand would, with more lines of it.

        Its attempts time out as late as they may: no machine is slower.
        """
        lines = [f"[endpoints.{name}]", f'url = "{url}"', f"events = {events}", f'secret = "{SECRET}"']
        lines += ["timeout_seconds = 60", *more, "", ""]
        with self.config.open("a") as file:
            file.write("\n".join(lines))

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs the program on this config and state."""
        where = ["--config", str(self.config), "--state", str(self.state)]
        return [sys.executable, "-m", "hookconsole", *where, *arguments]

    def run(self, *arguments: str, stdin: str = "", code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its exit code must be `code`."""
        done = subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=120, check=False
        )
        assert code is None or done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """The JSON lines that a command prints."""
        return [json.loads(line) for line in self.run(*arguments, "--json").stdout.splitlines()]

    def emit(self, event_type: str, data: str = "{}", **options: str) -> str:
        """Accept one event; its id."""
        more = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
        return self.run("emit", event_type, "--data", data, *more).stdout.split()[0]

    def daemon(self) -> "subprocess.Popen[str]":
        """Start a daemon and wait until it is ready."""
        log = (self.state.parent / f"daemon-{len(self._daemons)}.log").open("w+")
        process = subprocess.Popen(
            self.command("--daemon"), stderr=log, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        self._daemons.append(process)
        path = Path(log.name)
        log.close()
        wait_until(lambda: " ready" in path.read_text() or process.poll() is not None, "the daemon's `ready`")
        assert process.poll() is None, path.read_text()
        return process

    def daemon_log(self, number: int = -1) -> str:
        """What a daemon has logged."""
        number = number % len(self._daemons)
        return (self.state.parent / f"daemon-{number}.log").read_text()

    def states(self, *arguments: str) -> dict[tuple[str, str], str]:
        """State by event and endpoint, tests apart."""
        found = self.lines("logs", *arguments)
        return {(d["event"], d["endpoint"]): d["state"] for d in found if d["type"] != "webhook.test"}

    def drained(self) -> bool:
        """Whether nothing waits."""
        (status,) = [json.loads(line) for line in self.run("status", "--json", code=None).stdout.splitlines()]
        return bool(status["backlog"] == 0)

    def close(self) -> None:
        """End what still runs."""
        for process in self._daemons:
            if process.poll() is None:
                process.kill()
            process.wait()


def stop(process: "subprocess.Popen[str]", how: signal.Signals = signal.SIGTERM) -> int:
    """Send a signal and wait for the end; the exit code."""
    process.send_signal(how)
    return process.wait(60)
