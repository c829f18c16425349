"""`listen` as a command: real requests to a real port, and what it prints of them."""

import argparse
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from building import EVENT, SECRET, builders_home

from hookconsole.cli import listen
from hookconsole.delivery.signing import SigningKeys, signature_headers
from hookconsole.errors import BusyError
from hookconsole.paths import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return builders_home(tmp_path)


def secret_file(home: Home) -> str:
    return str(home.config.parent / "secret.txt")


class Listening:
    """A `listen` in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stderr is not None
        self.hello = process.stderr.readline()
        self.port = int(self.hello.split("127.0.0.1:")[1].split("/")[0])

    def post(self, body: bytes, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            spelled = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("POST", "/hooks", body, spelled)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def listening(home: Home, *arguments: str) -> Iterator[Listening]:
    code = (
        "import argparse, sys, pathlib\n"
        "from hookconsole.cli import listen\n"
        "from hookconsole.paths import Home\n"
        "parser = argparse.ArgumentParser(); listen.configure(parser)\n"
        "home = Home(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
        "sys.exit(listen.run(parser.parse_args(sys.argv[3:]), home))\n"
    )
    command = [sys.executable, "-c", code, str(home.config), str(home.state), "--port", "0"]
    with subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    ) as process:
        deadline = threading.Timer(60, process.kill)  # what never prints would be waited for without end
        deadline.start()
        try:
            yield Listening(process)
        finally:
            deadline.cancel()
            process.kill()


def accbooks(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_listen_tells_right_from_wrong_and_a_duplicate(home: Home) -> None:
    with listening(home, "--secret-file", secret_file(home)) as receiver:
        assert receiver.post(EVENT, AccBooks_Signature=accbooks(EVENT, "other"))[0] == 400
        shown = receiver.line()
        assert "  invoice.paid  evt_1  wrong: AccBooks-Signature: signed with another secret" in shown
        assert "duplicate: no" in shown
        assert "answered 400" in shown
        assert receiver.line() == "    {\n"
        pretty = "".join(iter(receiver.line, "    }\n"))
        assert '      "data": {\n        "a": 2500.00\n' in pretty

        for duplicate in ("no", "yes"):
            assert receiver.post(EVENT, AccBooks_Signature=accbooks(EVENT)) == (200, "ok\n")
            shown = receiver.line()
            assert f"  right  duplicate: {duplicate}  answered 200" in shown
            assert list(iter(receiver.line, "    }\n"))


def test_listen_verifies_what_the_sender_signs(home: Home) -> None:
    with listening(home, "--endpoint", "acme-erp", "--json") as receiver:
        signed = signature_headers(SigningKeys(SECRET), "X-Signature", True, "evt_1", int(time.time()), EVENT)
        headers = {name.decode(): value.decode() for name, value in signed}
        assert receiver.post(EVENT, **headers)[0] == 200
        shown = json.loads(receiver.line())
        assert shown.pop("at").endswith("Z")
        assert shown == {
            "event": "evt_1",
            "type": "invoice.paid",
            "right": True,
            "reason": None,
            "duplicate": False,
            "status": 200,
            "body": EVENT.decode(),
        }

        late = {**headers, "webhook-timestamp": str(int(time.time()) - 420)}
        assert receiver.post(EVENT, **late)[0] == 400
        assert "7 minutes old" in json.loads(receiver.line())["reason"]
        del headers["webhook-id"]
        assert receiver.post(EVENT, **headers)[0] == 400
        assert json.loads(receiver.line())["reason"].startswith("webhook-id: missing beside")
        assert receiver.post(EVENT)[0] == 400
        assert json.loads(receiver.line())["reason"] == "X-Signature: the header is missing"


def test_listen_without_a_secret_checks_nothing_and_says_so(home: Home) -> None:
    with listening(home, "--status", "503", "--json") as receiver:
        assert "no signature is checked" in receiver.hello
        assert receiver.post(EVENT) == (503, "told to answer 503\n")
        shown = json.loads(receiver.line())
        assert (shown["right"], shown["status"]) == (None, 503)


def test_listen_prints_nothing_that_a_terminal_obeys(home: Home) -> None:
    hostile = json.dumps(
        {"id": "\x1b[2J", "type": "a\x9b31m\u202e", "data": {"x": "\x1b]52;c;eA==\x07\u200b"}},
        ensure_ascii=False,
    ).encode()
    bodies = [hostile, b"\x1b[2J\r\xff\x9b not JSON", b"[" * 5000, "\u202e".encode() * 9]
    with listening(home) as receiver:
        for body in bodies:
            receiver.post(body, X_Y="z")
        receiver.post(b'"the end"')
        while "the end" not in (line := receiver.line()):
            assert line.removesuffix("\n").isprintable()


def test_listen_bounds_what_it_reads_and_prints(home: Home) -> None:
    with listening(home) as receiver:
        assert receiver.post(b"1".ljust(1024 * 1024))[0] == 200
        while receiver.line().strip() != "1":
            pass
        assert receiver.post(b"", Content_Length=str(1024 * 1024 + 1))[0] == 413  # before any of it comes
        assert receiver.post(b"1", Content_Length="-5")[0] == 411
        assert receiver.post(b"1", Content_Length="9" * 5000)[0] == 411
        assert [receiver.line().split()[-1] for _ in range(3)] == ["413", "411", "411"]
        assert receiver.post(b"[" + b"1,\n" * 5000 + b"1]")[0] == 200
        shown = list(iter(receiver.line, "    … and 4003 lines more\n"))
        assert len(shown) == 1001


@pytest.mark.parametrize(
    ("request_", "status", "shown"),
    [
        (b"GET /hooks HTTP/1.1\r\n\r\n", 501, "GET /hooks HTTP/1.1  Unsupported method ('GET')"),
        (b"HEAD / HTTP/1.1\r\n\r\n", 501, "HEAD / HTTP/1.1  Unsupported method ('HEAD')"),
        (b"POST /a HTTP/1.1\r\n\r\n", 411, "POST /a HTTP/1.1  a Content-Length is needed"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 413, "POST / HTTP/1.1  the body is over"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, "\\x16\\x03\\x01\\x02\\x00\\x01  Bad request syntax"),
        (b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n", 414, "(no request line)  "),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_listen_shows_what_it_turns_away(
    home: Home, request_: bytes, status: int, shown: str, as_json: bool
) -> None:
    with listening(home, *(["--json"] if as_json else [])) as receiver:
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
            connection.sendall(request_)
            answer = connection.makefile("rb").readline()
        line = receiver.line()
        if as_json:
            record = json.loads(line)
            assert (record["status"], record["right"], record["body"]) == (status, None, "")
            assert record["reason"].split(": ")[-1]
        else:
            assert line.split("Z  ")[1].startswith(shown)
            assert line.endswith(f"  answered {status}\n")
        assert answer.startswith(b"HTTP/1.1 %d " % status) == (status != 400)
        assert receiver.post(EVENT)[0] == 200


def test_listen_lives_through_a_sender_that_hangs_up(home: Home) -> None:
    with listening(home, "--json") as receiver:
        with socket.create_connection(("127.0.0.1", receiver.port)) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert receiver.post(EVENT)[0] == 200
        assert json.loads(receiver.line())["event"] == "evt_1"
        receiver.process.send_signal(signal.SIGINT)
        assert receiver.process.stderr is not None
        assert receiver.process.stderr.read() == ""


def test_listen_ends_quietly_on_ctrl_c(home: Home) -> None:
    with listening(home) as receiver:
        receiver.process.send_signal(signal.SIGINT)
        assert receiver.process.wait(30) == 0
        assert receiver.process.stdout is not None
        assert receiver.process.stderr is not None
        assert (receiver.process.stdout.read(), receiver.process.stderr.read()) == ("", "")


def test_listen_names_a_port_that_is_taken(home: Home) -> None:
    parser = argparse.ArgumentParser()
    listen.configure(parser)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BusyError, match=f"port {port} of 127.0.0.1 is taken; --port N"):
            listen.run(parser.parse_args(["--port", str(port)]), home)


@pytest.mark.parametrize("arguments", [["--port", "65536"], ["--port", "x"], ["--status", "199"]])
def test_listen_refuses_wrong_usage(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    listen.configure(parser)
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(arguments)
    assert caught.value.code == 2


def test_a_standard_header_by_another_secret_is_told(home: Home) -> None:
    other = "whsec_" + b64encode(bytes(range(32))).decode()
    signed = signature_headers(SigningKeys(other), "S", True, "evt_1", int(time.time()), EVENT)
    headers = {name.decode(): value.decode() for name, value in signed[1:]}
    with listening(home, "--secret-file", secret_file(home), "--json") as receiver:
        receiver.post(EVENT, AccBooks_Signature=accbooks(EVENT), **headers)
        assert json.loads(receiver.line())["reason"].startswith("webhook-signature: signed with another")
