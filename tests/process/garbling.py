"""Receivers whose every answer, and every name in their certificates, would be obeyed by a terminal."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator

import trustme
from trust import served_by

NAME = "\x1b[2J\x9b31m\u202e\u3164[/]"

ANSWERS = {
    "reason": b"HTTP/1.1 500 \x1b[2J\x1b]0;x\x07\xff\r\nContent-Length: 0\r\n\r\n",
    "banner": b"SSH-2.0-\x1b]52;c;aGk=\x07\xc2\x9b31m\r\n",
    "name": b"HTTP/1.1 500 x\r\n\x1b[2J: y\r\n\r\n",
    "location": b"HTTP/1.1 301 x\r\nLocation: http://\xc2\x9b.a/\xe2\x80\xae\r\nContent-Length: 0\r\n\r\n",
    "halves": b'HTTP/1.1 500 x\r\nContent-Length: 28\r\n\r\n{"\\ud800":"\\udfff [/] [red]"}',
    "body": b"HTTP/1.1 500 x\r\nX-A: \xc2\x9b2J\xff\r\nContent-Length: 9\r\n\r\n\x1b[2J\xe2\x80\xae\r\n",
}


@contextlib.contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def answering() -> contextlib.AbstractContextManager[int]:
    """A receiver that answers as the path says; its port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1].decode()
            self.wfile.write(ANSWERS[path.removeprefix("/")])

    return _serving(Handler)


def presenting(certificate: trustme.LeafCert) -> contextlib.AbstractContextManager[int]:
    """A receiver with this certificate, which gets no further than to show it; its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                served_by(certificate).wrap_socket(self.request, server_side=True)

    return _serving(Handler)


def hostile_certificate() -> trustme.LeafCert:
    """One of an authority that nobody knows."""
    authority = trustme.CA(organization_name=NAME, organization_unit_name=NAME)
    return authority.issue_cert(
        "other.example", common_name=NAME, organization_name=NAME, organization_unit_name=NAME
    )
