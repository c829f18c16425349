"""A session of hookconsole in which every secret, header value and URL query is a canary.

Its receiver echoes all that it gets and knows; everything that was written anywhere is kept, to be searched.
"""

import base64
import os
import re
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from running import Hookconsole


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


@contextmanager
def echoing() -> Iterator[int]:
    """A receiver that echoes; its port."""

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
        """Without what a child could write elsewhere, or a worker of the tests says of its terminal."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        return {**inherited, "TMPDIR": str(temporary), "HC_CANARY": IN_VARIABLE, "PAGER": "cat"}

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
