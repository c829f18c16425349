"""What the commands print: results on stdout, words about them on stderr, plain text always.

Text from outside is made safe by the caller that knows which part of a line it is.
"""

import sys

import msgspec


def say(line: str) -> None:
    """One line of result."""
    sys.stdout.write(line + "\n")


def warn(line: str) -> None:
    """One line for the person, apart from the result."""
    sys.stdout.flush()
    sys.stderr.write(f"hookconsole: {line}\n")


def json_line(value: object) -> None:
    """One JSON object a line, what isn't ASCII as escapes: safe on any terminal."""
    import json

    text = json.dumps(msgspec.to_builtins(value), ensure_ascii=True, separators=(",", ":"))
    sys.stdout.write(text.replace("\x7f", "\\u007f") + "\n")
