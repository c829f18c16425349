"""A whole session with secrets, header values and URL queries that are canaries; then everything that was
written anywhere is searched for them.

They may stand in the config and in the files that it names, and where a command prints a new secret once.
"""

import base64
import os
import re
import signal
import socketserver
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from running import Hookconsole, stop, wait_until
from terminal import Terminal


def whsec(number: int) -> str:
    """A secret of the generated form, with characters in it that languages spell differently."""
    key = bytes([255, 239, 190 + number]) * 10 + bytes([number, 77])
    return "whsec_" + base64.b64encode(key).decode()


INLINE, PREVIOUS, IN_FILE, IN_VARIABLE, TYPED = map(whsec, range(5))
HEADER = "canary-header/7f3a+x"
TOKEN = "canaryToken88"
QUERY = "canary-query/9b1c"
USERINFO = "canary-password-55"
EVERY = (INLINE, PREVIOUS, IN_FILE, IN_VARIABLE, TYPED, HEADER, TOKEN, QUERY, USERINFO)


def needles() -> Iterator[bytes]:
    """Every canary, as it is and as something might spell it."""
    for text in EVERY:
        bare = text.removeprefix("whsec_")
        yield from (bare.encode(), bare.lower().encode())
        yield from (quote(bare, safe="").encode(), bare.replace("/", "\\/").encode())
        if bare != text:
            key = base64.b64decode(bare)
            yield from (key, key.hex().encode(), base64.urlsafe_b64encode(key))


NEEDLES = tuple(needles())

OF_ALL = (HEADER, TOKEN, QUERY)
KNOWN = {
    "/echo": (INLINE, *OF_ALL),
    "/rotating": (INLINE, PREVIOUS, *OF_ALL),
    "/filed": (IN_FILE, *OF_ALL),
    "/enved": (IN_VARIABLE, *OF_ALL),
    **dict.fromkeys(("/garbage", "/status", "/header"), (INLINE, *OF_ALL)),
}
"""What a receiver knows of its endpoint, by the path."""


class Echo(socketserver.StreamRequestHandler):
    """Answers with all that it got and knows, in the way that the path asks for."""

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            head = self._head()
            if head:
                self._answer(head)

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(65536)
            if not line:
                return b""
            head += line
        length = re.search(rb"content-length: (\d+)", head, re.I)
        self.rfile.read(int(length[1]) if length else 0)
        return head

    def _answer(self, head: bytes) -> None:
        path = head.split()[1]
        own = KNOWN.get(path.partition(b"?")[0].decode(), ())
        quoted = (re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")) for text in own)
        in_json = (text.replace("/", "\\/") for text in own)
        known = "|".join((*own, *quoted, *in_json)).encode()
        if path.startswith(b"/reset"):
            return
        if path.startswith(b"/garbage"):
            self.wfile.write(b"SSH-2.0-" + known + b"\r\n")
        elif path.startswith(b"/status"):
            self.wfile.write(b"HTTP/1.1 " + known[:60] + b" OK\r\n\r\n")
        elif path.startswith(b"/header"):
            self.wfile.write(b"HTTP/1.1 500 x\r\n" + known + b"\x00: \x01\r\n\r\n")
        else:
            body = head + known * 20
            more = (
                b"Location: "
                + path
                + b"\r\nX-Echo: "
                + known[:900]
                + b"\r\n"
                + (b"X-canaryToken88: 1\r\n" if own else b"")
            )
            self.wfile.write(
                b"HTTP/1.1 503 " + known[:200] + b"\r\nContent-Length: %d\r\n" % len(body) + more
            )
            for line in head.split(b"\r\n")[1:-2]:
                self.wfile.write(b"X-" + line + b"\r\n")
            self.wfile.write(b"\r\n" + body)


@pytest.fixture
def port() -> Iterator[int]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class Session:
    """A hookconsole, and everything that came from it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.console = Hookconsole(folder)
        self.folder = folder
        self.port = port
        self.written: list[tuple[str, bytes]] = []
        self.printed: list[str] = []
        """Secrets that a command printed, as it should."""
        self._write()

    def _write(self) -> None:
        (self.folder / "file.secret").write_text(IN_FILE + "\n")
        (self.folder / "file.secret").chmod(0o600)
        headers = f'headers = {{ "X-Own" = "{HEADER}", "X-Token" = "{TOKEN}" }}'
        own = f"{headers}\ntimeout_seconds = 2\nretry_schedule = []\n"
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        with self.console.config.open("a") as file:
            for name, scheme, secret in (
                ("echo", "http", f'secret = "{INLINE}"'),
                (
                    "rotating",
                    "http",
                    f'secret = "{INLINE}"\nprevious_secret = "{PREVIOUS}"\nprevious_secret_until = {later}',
                ),
                ("filed", "http", f'secret_file = "{self.folder}/file.secret"'),
                ("enved", "http", 'secret_env = "HC_CANARY"'),
                ("garbage", "http", f'secret = "{INLINE}"'),
                ("status", "http", f'secret = "{INLINE}"'),
                ("header", "http", f'secret = "{INLINE}"'),
                ("reset", "http", f'secret = "{INLINE}"'),
                ("tls", "https", f'secret = "{INLINE}"'),
                ("nowhere", "http", f'secret = "{INLINE}"'),
            ):
                where = 1 if name == "nowhere" else self.port
                url = f"{scheme}://127.0.0.1:{where}/{name}?token={QUERY}&n=1"
                file.write(f'\n[endpoints.{name}]\nurl = "{url}"\nevents = ["*"]\n{secret}\n{own}')

    @property
    def environment(self) -> dict[str, str]:
        """Without what a child could write elsewhere."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**os.environ, "TMPDIR": str(temporary), "HC_CANARY": IN_VARIABLE, "PAGER": "cat"}

    def run(self, *arguments: str, stdin: str = "", prints: bool = False) -> str:
        """Run a command; what it printed."""
        command = self.console.command(*arguments)
        return self.process(" ".join(arguments), command, stdin, prints=prints)

    def process(self, name: str, command: list[str], stdin: str = "", *, prints: bool = False) -> str:
        """Run any program of the session to its end."""
        done = subprocess.run(
            command, input=stdin.encode(), capture_output=True, check=False, timeout=120, env=self.environment
        )
        output = done.stdout
        if prints:
            (secret,) = re.findall(rb"whsec_[A-Za-z0-9+/=]+", output)
            self.printed.append(secret.decode())
            output = output.replace(secret, b"")
        self.written.append((name, output + done.stderr))
        return done.stdout.decode()

    def look_at_processes(self) -> None:
        """What everybody on the machine may see of every process."""
        shown = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout
        self.written.append(("ps", shown))

    def leaks(self) -> list[str]:
        """Where a canary, or a secret that was printed once, stands and must not."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path.suffix not in (".toml", ".secret"):
                self.written.append((str(path), path.read_bytes()))
        wanted = [*NEEDLES, *(secret.removeprefix("whsec_").encode() for secret in self.printed)]
        found = []
        for name, content in self.written:
            for needle in wanted:
                at = content.find(needle)
                if at >= 0:
                    found.append(f"{name}: {content[max(at - 60, 0) : at + 60]!r}")
        return found


INJECTED = """
import sys
{patch}
from hookconsole.cli.main import main
sys.exit(main(sys.argv[1:]))
"""

BREAKS = {
    "a command": "import hookconsole.operating.health as m\nm.alarms = lambda *_: [].index({secret!r})",
    "the sender": (
        "from hookconsole.delivery.sender import Sender\n"
        "def fail(self):\n    raise KeyError(next(iter(self._config.endpoints.values())).secret.value)\n"
        "Sender._poll = fail"
    ),
    "the console": (
        "from hookconsole.console.screens.overview import OverviewView\n"
        "from hookconsole.config.load import load\n"
        "def fail(self, snapshot):\n"
        "    config = load(self.hub.home.config)\n    secret = config.endpoints['echo'].secret.value\n"
        "    raise ValueError(secret, config)\n"
        "OverviewView.show = fail"
    ),
}

BROKEN = (
    ('secret = "{INLINE}"', 'secret = "{INLINE}'),
    ('secret = "{INLINE}"', 'secret = {INLINE}"'),
    ('secret = "{INLINE}"', 'secret = ["{INLINE}"]'),
    ('secret = "{INLINE}"', 'secrect = "{INLINE}"'),
    ('secret = "{INLINE}"', 'secret = "{INLINE}\\n"'),
    ('secret = "{INLINE}"', 'secret = "{INLINE}"\nsecret = "{INLINE}"'),
    ('secret = "{INLINE}"', 'secret = "{INLINE}\\q"'),
    ('"X-Own" = "{HEADER}"', '"X-Own" = "{HEADER}\\t"'),
    ('"X-Own" = "{HEADER}"', '"X-Own" = {HEADER}'),
    ("?token={QUERY}", "?token={QUERY}\\u00e9"),
    ("http://127.0.0.1", "http://me:{USERINFO}@127.0.0.1"),
    ("previous_secret_until = ", "previous_secret_until = 1 #"),
)


def filled(text: str) -> str:
    return re.sub(r"\{([A-Z]+)\}", lambda name: str(globals()[name[1]]), text)


@pytest.fixture
def session(tmp_path: Path, port: int) -> Iterator[Session]:
    running = Session(tmp_path, port)
    yield running
    running.console.close()


def test_no_secret_is_written_anywhere(session: Session, tmp_path: Path, port: int) -> None:
    run = session.run
    good = session.console.config.read_text()

    # A daemon over receivers that echo, fail and garble.
    os.environ["HC_CANARY"] = IN_VARIABLE
    try:
        daemon = session.console.daemon()
    finally:
        del os.environ["HC_CANARY"]
    run("endpoints", "test", "--all")
    run("endpoints", "test", "--all", "--json")
    event = run("emit", "invoice.paid", "--data", '{"x":1}').strip()
    session.look_at_processes()
    wait_until(session.console.drained, "the ends of all deliveries")

    # What commands show.
    for line in (
        "status", "status --json", "logs", "logs --json", "endpoints list", "endpoints list --json", "check",
        "check --json", f"trace {event}", f"trace {event} --json", "replay --since 1h --dry-run",
        "replay --since 1h --yes", "replay list --json", f"retry {event} --wait", f"logs --event {event}",
    ):  # fmt: skip
        run(*line.split())
    for name in ("echo", "rotating", "filed", "enved", "tls"):
        run("endpoints", "show", name)
        run("endpoints", "show", name, "--json")
        run("verify", "--endpoint", name, "--signature", "sha256=00", stdin="{}")

    # What operators do.
    url = f"http://127.0.0.1:{port}/new?token={QUERY}"
    run("endpoints", "add", "new", "--url", url, "--events", "*", prints=True)
    run("endpoints", "add", "json", "--url", url, "--events", "*", "--json", prints=True)
    run("endpoints", "add", "typed", "--url", url, "--events", "*", "--secret-file", "-", stdin=TYPED)
    run("endpoints", "edit", "new", "--url", f"{url}2")
    run("endpoints", "rotate-secret", "echo", prints=True)
    run("endpoints", "rotate-secret", "new", "--json", prints=True)
    run("endpoints", "rotate-secret", "filed")
    run("endpoints", "disable", "typed", "--yes")
    run("endpoints", "enable", "typed")
    run("endpoints", "remove", "json", "--yes")

    # What operators do wrong.
    userinfo = f"http://me:{USERINFO}@127.0.0.1/"
    run("endpoints", "edit", "new", "--url", userinfo)
    run("endpoints", "add", "bad", "--url", userinfo, "--events", "*")
    run(
        "endpoints",
        "add",
        "bad",
        "--url",
        url,
        "--events",
        "*",
        "--secret-file",
        "-",
        stdin=f"{TYPED}\n{TYPED}",
    )
    run("verify", "--secret-file", str(tmp_path / "config.toml"), stdin="{}")
    changed = session.console.config.read_text()
    for old, new in BROKEN:
        assert filled(old) in good
        session.console.config.write_text(good.replace(filled(old), filled(new)))
        run("check")
        run("endpoints", "test", "echo")
        daemon.send_signal(signal.SIGHUP)
    wait_until(lambda: "config refused" in session.console.daemon_log(), "the refusal")

    # The console, over a file that is refused and over a good one.
    terminal = Terminal(session.console.command(), session.environment, (128, 60))
    try:
        terminal.until("is refused")
        session.console.config.write_text(changed)
        terminal.until_gone("is refused")
        terminal.send("2")
        terminal.until("[2 Endpoints]")
        terminal.send("\r")
        terminal.until("Its deliveries")
        terminal.send("e")
        terminal.until("ctrl+s save")
        terminal.escape_from("ctrl+s save")
        terminal.send("3")
        terminal.until("[3 Deliveries]")
        terminal.send("\r")
        terminal.until("Request")
        terminal.send("y")
        terminal.until("Copy of")
        terminal.send("c")
        terminal.until_gone("Copy of")
        terminal.send("L")
        terminal.until("Log lines of")
        terminal.escape_from("Log lines of")
        terminal.send("q")
        assert terminal.end() == 0
        session.written.append(("the console's terminal", terminal.written))
    finally:
        terminal.close()

    # What nobody expected.
    assert stop(daemon) == 0
    for what, patch in BREAKS.items():
        command = [sys.executable, "-c", INJECTED.format(patch=patch.replace("{secret!r}", repr(INLINE)))]
        rest = session.console.command()[3:]
        if what == "the console":
            terminal = Terminal([*command, *rest], session.environment)
            assert terminal.end() == 1
            time_out = b"the console crashed"
            wait_until(lambda: time_out in terminal.written, "the crash")  # noqa: B023
            session.written.append(("a crash", terminal.written.replace(patch.encode(), b"")))
            terminal.close()
        else:
            session.process(what, [*command, *rest, "status" if what == "a command" else "--daemon"])
    assert b"KeyError" in dict(session.written)["the sender"]

    assert session.leaks() == []
    assert len(session.printed) == 4
    journal = b"".join(path.read_bytes() for path in (tmp_path / "state" / "journal").iterdir())
    assert journal.count(b"***") > 100  # what was echoed was kept, without what is secret
    assert b'"x-***":"1"' in journal
    for path in [tmp_path / "state", *(tmp_path / "state").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert os.listdir(tmp_path / "tmp") == []
    searched = sum(len(content) for _, content in session.written)
    print(f"{len(session.written)} outputs and files, {searched:,} bytes, {len(NEEDLES)} needles: 0 found")


def test_the_search_finds_what_is_there(session: Session) -> None:
    for number, needle in enumerate(NEEDLES):
        session.written.append((f"output {number}", b"x" + needle + b"y"))
    assert len({leak.split(":")[0] for leak in session.leaks()}) == len(NEEDLES)
