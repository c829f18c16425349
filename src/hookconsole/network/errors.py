"""Why an attempt got no response: httpx's errors, four more of their kind, and one name for each.

Whatever is raised during an attempt has a name and one safe line; nothing a receiver does can make
an error that these two functions don't take.
"""

import socket
import ssl
import traceback
from typing import Literal

import httpx

from hookconsole.text import safe

ErrorName = Literal["timeout", "dns", "connect", "tls", "reset", "protocol", "blocked", "config"]

DETAIL_AT_MOST = 300
"""Characters of an error's detail."""


class DnsError(httpx.ConnectError):
    """The host's name gave no address."""


class TlsError(httpx.ConnectError):
    """No TLS with the receiver: its certificate, its protocol, or an alert."""


class BlockedError(httpx.ConnectError):
    """An address that may not be called; no byte was sent."""


class ExhaustedError(httpx.ConnectError):
    """This machine has nothing left to open a connection with: ours to mend, no failure of the receiver."""


# In order: the first that fits names the error.
_NAMES: tuple[tuple[type[BaseException], ErrorName], ...] = (
    (BlockedError, "blocked"),
    (ExhaustedError, "config"),
    (DnsError, "dns"),
    (TlsError, "tls"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "connect"),
    (httpx.NetworkError, "reset"),
    (ssl.SSLError, "tls"),
    (socket.gaierror, "dns"),
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "connect"),
    (ConnectionError, "reset"),
    (OSError, "connect"),
)


def error_name(error: BaseException) -> ErrorName:
    """The journal's name of what ended an attempt; `protocol` is the catch-all."""
    for kind, name in _NAMES:
        if isinstance(error, kind):
            return name
    return "protocol"


def error_detail(error: BaseException) -> str:
    """What ended an attempt, as one safe line of at most 300 characters."""
    if isinstance(error, (httpx.HTTPError, OSError)):
        return safe(str(error) or type(error).__name__, DETAIL_AT_MOST)
    # A bug of ours, or of a library: its text may hold anything, a secret too, so only its place is told.
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return safe(f"unexpected {type(error).__name__}{place}", DETAIL_AT_MOST)
