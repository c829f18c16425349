"""Whatever a terminal sends, the console lives; nothing pasted is a key, no field holds what hides."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from grammar import Stream
from running import Hookconsole, wait_until
from terminal import Terminal

SENSELESS = (
    b"\xff",
    b"\xe9\xe9\xc3",
    b"\x9b31m\x80\x81",
    b"\x1b[1114112;1u",
    b"\x1b[99999999999999999999;1u",
    b"\x1b[" + b"1;" * 40 + b"u",
    b"\x1b[<64;" + b"9" * 40 + b";1M",
    b"\x1b[200~caf\xe9\x1b[201~",
    b"\x00\x1c",
)
COMMANDS = "q\rDy\r3x4E"
PASTED = (
    f"\x1b{COMMANDS}",
    f"a\x1b[2J{COMMANDS}",
    f"\x1b[A\x1b[{COMMANDS}",
    "\r\n".join(COMMANDS),
    "x" * 100_000 + f"\x1b{COMMANDS}",
    "",
)
HOSTILE = (
    "acme\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202e\u3164\ufe0f\x00[/][@click=app.quit]x[/]e" + "\u0301" * 40
)


@pytest.fixture
def terminal(console: Hookconsole) -> Iterator[Terminal]:
    console.add("acme", "http://127.0.0.1:9/", '["*"]')
    opened = Terminal(console.command(), {}, (128, 40))
    try:
        opened.until("[1 Overview]")
        opened.until("acme")
        yield opened
    finally:
        opened.close()


def ended(terminal: Terminal) -> Stream:
    """End the console by its key; all that it wrote."""
    terminal.send("q")
    assert terminal.end() == 0
    stream = Stream(terminal.written, 128)
    assert stream.strays == []
    assert stream.copies == []
    return stream


def test_bytes_without_sense_end_no_console_and_block_no_key(terminal: Terminal) -> None:
    for at, raw in enumerate(SENSELESS):
        terminal.send(raw)
        key, view = [("2", "[2 Endpoints]"), ("4", "[4 Replays]")][at % 2]
        with suppress(AssertionError):
            terminal.send(key)  # may be lost in the same piece of input
            wait_until(lambda view=view: view in terminal.screen.text, view, 1)  # type: ignore[misc]
        terminal.send(key)
        terminal.until(view)
    ended(terminal)


def test_nothing_that_is_pasted_is_a_key(terminal: Terminal) -> None:
    for at, text in enumerate(PASTED):
        terminal.paste(text)
        key, view = [("2", "[2 Endpoints]"), ("1", "[1 Overview]")][at % 2]
        terminal.send(key)
        terminal.until(view)
    stream = ended(terminal)
    for opened in ("[3 Deliveries]", "[4 Replays]", "Remove acme", "acme off?"):
        assert opened not in stream.text


def test_a_field_holds_only_what_is_seen(terminal: Terminal) -> None:
    for keys, opened in (
        ("2/", "failing 503 timeout"),
        ("3/", "code:5xx,timeout"),
        (":", "Search for commands"),
        ("2a", "New endpoint"),
    ):
        for key in keys:
            terminal.send(key)
        terminal.until(opened)
        terminal.paste(HOSTILE)
        terminal.until("acme[2J]52;c;aGk=31m")
        terminal.send("\x15")
        terminal.until_gone("acme[2J]52;c;aGk=31m")
        terminal.escape_from(opened)
    ended(terminal)
