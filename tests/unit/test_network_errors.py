"""Every exception has a name and one safe line."""

import socket
import ssl

import httpx
import pytest

from hookconsole.network.errors import (
    DETAIL_AT_MOST,
    BlockedError,
    DnsError,
    ExhaustedError,
    TlsError,
    error_detail,
    error_name,
)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (BlockedError("x"), "blocked"),
        (ExhaustedError("x"), "config"),
        (DnsError("x"), "dns"),
        (TlsError("x"), "tls"),
        (httpx.ConnectTimeout("x"), "timeout"),
        (httpx.ReadTimeout("x"), "timeout"),
        (httpx.PoolTimeout("x"), "timeout"),
        (TimeoutError(), "timeout"),
        (httpx.ConnectError("x"), "connect"),
        (ConnectionRefusedError(), "connect"),
        (OSError(24, "Too many open files"), "connect"),
        (httpx.ReadError("x"), "reset"),
        (httpx.WriteError("x"), "reset"),
        (ConnectionResetError(), "reset"),
        (BrokenPipeError(), "reset"),
        (ssl.SSLError(), "tls"),
        (ssl.SSLCertVerificationError(), "tls"),
        (socket.gaierror(), "dns"),
        (httpx.RemoteProtocolError("x"), "protocol"),
        (httpx.LocalProtocolError("x"), "protocol"),
        (httpx.UnsupportedProtocol("x"), "protocol"),
        (httpx.InvalidURL("x"), "protocol"),
        (UnicodeError(), "protocol"),
        (TypeError(), "protocol"),
        (RecursionError(), "protocol"),
    ],
)
def test_every_error_has_a_name(error: Exception, name: str) -> None:
    assert error_name(error) == name
    assert error_detail(error)
    assert error_detail(error).isprintable()


def test_details_are_safe_and_bounded() -> None:
    detail = error_detail(httpx.ReadError("\x1b[2J\n\u202e" + "a" * 10_000))
    assert detail.isprintable()
    assert len(detail) == DETAIL_AT_MOST
    assert detail.startswith("\\x1b[2J\\n\\u202ea")


def test_an_unexpected_error_tells_its_place_and_not_its_text() -> None:
    def fail() -> None:
        raise ValueError("https://h/?token=hunter2")

    with pytest.raises(ValueError) as raised:
        fail()
    detail = error_detail(raised.value)
    assert detail.startswith("unexpected ValueError at fail:")
    assert "hunter2" not in detail
