"""What the benches share: a throwaway hookconsole, its daemon, receivers, and how figures are told.

Whatever a bench starts it ends; whatever it writes is in a temporary folder (`TMPDIR` says where).
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from hookconsole.config.secrets import generate
from hookconsole.emitter import Emission, Emitter
from hookconsole.paths import Home

_TICK = os.sysconf("SC_CLK_TCK")
_READY_SECONDS = 900.0
_PER_SYNC = 1000

DATA: dict[str, Any] = {
    "invoice": "inv_01HXYZ7K3M",
    "customer": "cus_01HXYZ0Q2B",
    "amount": 2500.5,
    "currency": "GBP",
    "paid_at": "2026-04-15T14:31:58Z",
}
"""An event's data: a body of 200 bytes or so."""

TYPE = "invoice.paid"


# A throwaway hookconsole


@contextlib.contextmanager
def temporary_home() -> Iterator[Home]:
    """A config file's place and an empty state directory, deleted after."""
    with tempfile.TemporaryDirectory(prefix="hookconsole-bench-") as name:
        folder = Path(name)
        (folder / "state").mkdir(mode=0o700)
        yield Home(folder / "config.toml", folder / "state")


def write_config(
    home: Home,
    urls: Mapping[str, str],
    *,
    concurrency: int = 64,
    endpoint_concurrency: int = 8,
    types: Mapping[str, str] | None = None,
) -> None:
    """A config with these endpoints, each with a secret that signs both ways; all events but for `types`."""
    lines = [
        f"[delivery]\nconcurrency = {concurrency}\nendpoint_concurrency = {endpoint_concurrency}",
        '[security]\nhttps_only = false\nallow_networks = ["127.0.0.0/8"]',
    ]
    lines += [
        f'[endpoints.{name}]\nurl = "{url}"\nevents = ["{(types or {}).get(name, "*")}"]\n'
        f'secret = "{generate()}"'
        for name, url in urls.items()
    ]
    home.config.touch(mode=0o600)
    home.config.write_text("\n\n".join(lines) + "\n")


def emit(home: Home, count: int, event_type: str = TYPE) -> None:
    """Accept `count` events."""
    data = msgspec.json.encode(DATA)
    with Emitter(config=home.config, state=home.state) as emitter:
        for begin in range(0, count, _PER_SYNC):
            emitter.accept([Emission(event_type, data)] * min(_PER_SYNC, count - begin))


class Daemon:
    """`hookconsole --daemon` as a process of its own; on entering it has said `ready`."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._ready = threading.Event()
        self.started_at = self.ready_at = 0.0
        self.log: list[str] = []

    def __enter__(self) -> "Daemon":
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            hookconsole(self._home, "--daemon"), stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._ready.wait(_READY_SECONDS) or not self.ready_at:
            self.__exit__()
            raise RuntimeError("the daemon did not get ready:\n" + "\n".join(self.log[-5:]))
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def cpu_seconds(self) -> float:
        """User and system time so far, of all threads."""
        return cpu_seconds(self.pid)

    def memory(self, field: str = "VmRSS") -> int:
        """Bytes resident now, or `VmHWM`: at the peak."""
        return memory(self.pid, field)

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if " ready: " in line:
                self.ready_at = time.monotonic()
                self._ready.set()
            if len(self.log) < 1000:
                self.log.append(line.rstrip())
        self._ready.set()


def hookconsole(home: Home, *arguments: str) -> list[str]:
    """A command line for a home."""
    where = ["--config", str(home.config), "--state", str(home.state)]
    return [sys.executable, "-m", "hookconsole", *where, *arguments]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory(pid: int, field: str = "VmRSS") -> int:
    """A line of /proc/PID/status that is in kB, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {field} in /proc/{pid}/status")


class AttemptCounter:
    """How many attempts stand in a journal, counted as it grows."""

    _NEEDLE = b'{"kind":"attempt"'

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._offsets: dict[str, int] = {}
        self._rests: dict[str, bytes] = {}
        self.count = 0

    def read(self) -> int:
        """The count as of now."""
        for path in sorted(self._folder.glob("*.jsonl")):
            offset = self._offsets.get(path.name, 0)
            if path.stat().st_size == offset:
                continue
            with path.open("rb") as file:
                file.seek(offset)
                chunk = self._rests.get(path.name, b"") + file.read()
                self._offsets[path.name] = file.tell()
            self.count += chunk.count(self._NEEDLE)
            self._rests[path.name] = chunk[-len(self._NEEDLE) + 1 :]
        return self.count

    def wait(self, count: int, seconds: float) -> float:
        """The monotonic time at which `count` attempts stand there."""
        until = time.monotonic() + seconds
        while self.read() < count:
            if time.monotonic() > until:
                raise RuntimeError(f"{self.count} of {count} attempts after {seconds:.0f} s")
            time.sleep(0.01)
        return time.monotonic()


# Receivers


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def nginx() -> Iterator[int]:
    """The port of an nginx of our own with one worker: 200 for all paths but `/fail`, which is 503."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        print("nginx is missing: this figure needs a receiver that isn't Python (apt install nginx)")
        raise SystemExit(2)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hookconsole-nginx-") as folder:
        temps = " ".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = Path(folder) / "nginx.conf"
        config.write_text(
            f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
            "events { worker_connections 4096; }\n"
            f"http {{ access_log off; keepalive_requests 1000000000; {temps}\n"
            f"server {{ listen 127.0.0.1:{port} backlog=4096;\n"
            "location / { return 200 'ok'; } location /fail { return 503 'no'; } } }\n"
        )
        process = subprocess.Popen([program, "-c", str(config), "-e", f"{folder}/error.log"])
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def receiver(script: str, *arguments: str) -> Iterator[int]:
    """The port of another script of this folder, run as `SCRIPT PORT ARGUMENTS...`."""
    port = free_port()
    path = Path(__file__).with_name(script)
    process = subprocess.Popen([sys.executable, str(path), str(port), *arguments])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


# Figures


def share(values: Sequence[float], part: float) -> float:
    """The value that `part` of the values don't exceed."""
    ordered = sorted(values)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median and the range, as text."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


class Verdicts:
    """Figures against their targets, a line each; `exit` ends with 1 when one is missed."""

    def __init__(self) -> None:
        self._missed = 0

    def at_least(self, what: str, figure: float, target: float, unit: str = "") -> None:
        """A figure that must not be smaller."""
        self._tell(what, figure, ">=", target, unit, figure >= target)

    def at_most(self, what: str, figure: float, target: float, unit: str = "") -> None:
        """A figure that must not be bigger."""
        self._tell(what, figure, "<=", target, unit, figure <= target)

    def exit(self) -> None:
        """End the script."""
        sys.exit(1 if self._missed else 0)

    def _tell(self, what: str, figure: float, sign: str, target: float, unit: str, met: bool) -> None:
        self._missed += not met
        print(f"{'ok    ' if met else 'MISSED'}  {what}: {figure:.3g}{unit} (target {sign} {target:g}{unit})")
