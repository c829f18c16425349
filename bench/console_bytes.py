"""What the Deliveries view sends to an 80x24 terminal: for a `j` down a long list, and while it follows."""

import argparse
import sys
from pathlib import Path

from _common import Verdicts, spread
from _terminal import Terminal

KEY_TARGET = 1500.0
FOLLOWING_TARGET = 30.0
QUIET_SECONDS = 0.3
"""When nothing has come for so long a key has been answered."""

START_SECONDS = 3.0


def console(rate: float, size: str) -> Terminal:
    """A console over so many made-up deliveries a second; on entering it has painted its view."""
    columns, lines = map(int, size.split("x"))
    script = str(Path(__file__).with_name("_console.py"))
    terminal = Terminal([sys.executable, script, str(rate)], columns, lines)
    terminal.read(START_SECONDS)
    return terminal


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=100, help="how often j is pressed")
    parser.add_argument("--rate", type=float, default=100.0, help="deliveries a second while it follows")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long it follows")
    parser.add_argument("--size", default="80x24", help="the terminal's, columns x lines")
    args = parser.parse_args()
    verdicts = Verdicts()
    with console(0, args.size) as terminal:
        counts = []
        for _ in range(args.keys):
            terminal.press("j")
            counts.append(len(terminal.read(QUIET_SECONDS, quiet=True)))
    print(f"  a key: {spread(counts, 0)} bytes")
    verdicts.at_most("a j, on average", sum(counts) / len(counts), KEY_TARGET, " bytes")
    with console(args.rate, args.size) as terminal:
        following = len(terminal.read(args.seconds)) / args.seconds / 1000
        terminal.press("jjj")
        terminal.read(1.0)
        standing = len(terminal.read(args.seconds)) / args.seconds / 1000
    print(f"  at {args.rate:g} a second without following: {standing:.1f} KB/s")
    verdicts.at_most(f"following {args.rate:g} a second", following, FOLLOWING_TARGET, " KB/s")
    verdicts.exit()


if __name__ == "__main__":
    main()
