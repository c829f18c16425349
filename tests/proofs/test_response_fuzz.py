"""Many thousand bent responses: the reader's promises hold, and where it keeps a connection h11 agrees that
the message ends there, with the same status and body, and that nothing is left to answer the next request.
"""

import contextlib

import h11
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import check, cuttings, messages

from hookconsole.network.response import BODY_KEPT

EXAMPLES = 8_000


def as_h11_reads_it(message: bytes) -> tuple[int, bytes, bytes] | None:
    """Status, body and what is left behind; None where h11 refuses it, being stricter there."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="POST", target="/", headers=[("Host", "h"), ("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(message)
    status, body = 0, b""
    with contextlib.suppress(h11.RemoteProtocolError):
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return status, body, connection.trailing_data[0]
            elif not isinstance(event, h11.InformationalResponse):
                break
    return None


@settings(max_examples=EXAMPLES)
@given(messages, cuttings)
def test_a_connection_is_kept_only_where_another_parser_sees_the_same_end(
    message: bytes, cuts: list[int]
) -> None:
    reader = check(message, cuts)
    other = as_h11_reads_it(message) if reader.keep_alive else None
    if other is not None:
        status, body, left = other
        assert (reader.status, reader.body) == (status, body[:BODY_KEPT])
        assert left.strip(b"\r\n") == b""


@settings(max_examples=EXAMPLES // 3)
@given(st.binary(max_size=4000), cuttings)
def test_no_bytes_do_harm(message: bytes, cuts: list[int]) -> None:
    check(message, cuts)
    check(b"HTTP/1.1 200 OK\r\n" + message, cuts)
    check(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + message, cuts)
