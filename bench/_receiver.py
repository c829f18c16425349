"""A receiver that notes when each event reached it, on the clock that all processes of the machine share.

`_receiver.py PORT [FILE]`: `/hang...` is never answered, all else is 200. On SIGTERM it writes FILE: an
event's id and monotonic seconds a line. Run by `_common.receiver`.
"""

import asyncio
import contextlib
import re
import signal
import sys
import time
from pathlib import Path

_ID = re.compile(rb"\r\nwebhook-id: ([^\r]+)\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

hits: list[tuple[bytes, float]] = []


class Receiver(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        now = time.monotonic()
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[: end + 4]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < whole:
                return
            self._received = self._received[whole:]
            event = _ID.search(head)
            hits.append((event[1] if event else b"?", now))
            if self._transport is not None and not head.startswith(b"POST /hang"):
                self._transport.write(_ANSWER)


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Receiver, "127.0.0.1", port, backlog=1024)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    server.close()


def main() -> None:
    """Run it."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(sys.argv[1])))
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_bytes(b"".join(b"%b %.6f\n" % hit for hit in hits))


if __name__ == "__main__":
    main()
