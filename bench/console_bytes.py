"""What the Deliveries view sends to an 80x24 terminal: for a `j` down a long list, and while it follows."""

import argparse
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from _common import Verdicts, spread

KEY_TARGET = 1500.0
FOLLOWING_TARGET = 30.0
QUIET_SECONDS = 0.3
"""When nothing has come for so long a key has been answered."""

START_SECONDS = 3.0


@contextlib.contextmanager
def console(rate: float, columns: int, lines: int) -> Iterator[int]:
    """The terminal of a console over so many made-up deliveries a second, when it has painted its view."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.environ.pop("NO_COLOR", None)
        script = str(Path(__file__).with_name("_console.py"))
        os.execv(sys.executable, [sys.executable, script, str(rate)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    try:
        received(terminal, START_SECONDS)
        yield terminal
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def received(terminal: int, seconds: float, *, quiet: bool = False) -> int:
    """Bytes that come within so many seconds; with `quiet`, until none has come for so long."""
    count, until = 0, time.monotonic() + seconds
    while select.select([terminal], [], [], max(until - time.monotonic(), 0))[0]:
        count += len(os.read(terminal, 1 << 16))
        if quiet:
            until = time.monotonic() + seconds
    return count


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=100, help="how often j is pressed")
    parser.add_argument("--rate", type=float, default=100.0, help="deliveries a second while it follows")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long it follows")
    parser.add_argument("--size", default="80x24", help="the terminal's, columns x lines")
    args = parser.parse_args()
    columns, lines = map(int, args.size.split("x"))
    verdicts = Verdicts()
    with console(0, columns, lines) as terminal:
        counts = []
        for _ in range(args.keys):
            os.write(terminal, b"j")
            counts.append(received(terminal, QUIET_SECONDS, quiet=True))
    print(f"  a key: {spread(counts, 0)} bytes")
    verdicts.at_most("a j, on average", sum(counts) / len(counts), KEY_TARGET, " bytes")
    with console(args.rate, columns, lines) as terminal:
        following = received(terminal, args.seconds) / args.seconds / 1000
        os.write(terminal, b"jjj")
        received(terminal, 1.0)
        standing = received(terminal, args.seconds) / args.seconds / 1000
    print(f"  at {args.rate:g} a second without following: {standing:.1f} KB/s")
    verdicts.at_most(f"following {args.rate:g} a second", following, FOLLOWING_TARGET, " KB/s")
    verdicts.exit()


if __name__ == "__main__":
    main()
