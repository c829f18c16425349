"""What is huge, at a terminal: as many lines as an event may have, a line longer than any, opened, read,
copied, paged. The console stays small and answers keys afterwards.
"""

import json
import re
from pathlib import Path

from grammar import Stream
from poisoned import Poisoned
from running import Hookconsole, Receiver, wait_until
from terminal import Terminal

from hookconsole import Emitter
from hookconsole.console.dialogs.copy import harmless

SIZE = (128, 40)
MEGABYTES_AT_MOST = 300

LINES = 129_000
OF_LINES = json.dumps([1] * LINES, separators=(",", ":")).encode()
"""An event of just under 256 KiB; the page indents it, a line for each number."""

OF_ONE = "x\x1b[2J\u202e\ufe0f株\u0301 " * 62_000
"""A line of over a megabyte, as only a hand could have written it into the journal."""


def read(terminal: Terminal, event: str) -> bytes:
    """Find a delivery, read its page to the end and back, copy its body, page it; what came then."""
    terminal.send("3")
    terminal.until("[3 Deliveries]")
    terminal.send("/")
    terminal.until("code:5xx,timeout")
    terminal.send(f"event:{event} endpoint:acme\r")
    terminal.until(f"filter event:{event}")
    terminal.until("Deliveries 1 ")
    terminal.send("\r")
    terminal.until("the newest first")
    terminal.send("G")
    terminal.until_gone("the newest first")
    terminal.send("\x15\x15")
    terminal.send("g")
    terminal.until("the newest first")
    terminal.send("d")
    terminal.until("Differences between")
    terminal.escape_from("Differences between")
    terminal.send("y")
    terminal.until("Copy of")
    terminal.send("b")
    terminal.until("copied: body")
    before = len(terminal.written)
    terminal.send("v")
    wait_until(lambda: b"\x1b[?1049h" in terminal.written[before:], "the console after the pager")
    terminal.until("the newest first")
    terminal.send("?")
    terminal.until("esc closes")
    terminal.escape_from("esc closes")
    paged = terminal.written[before:]
    return paged[paged.index(b"\x1b[?1049l") : paged.rindex(b"\x1b[?1049h")]


def ended(terminal: Terminal) -> Stream:
    """End the console, which must have stayed small; all that it wrote."""
    status = Path(f"/proc/{terminal.process.pid}/status")
    if status.exists():
        (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert int(peak) // 1024 < MEGABYTES_AT_MOST
    terminal.send("q")
    assert terminal.end() == 0
    stream = Stream(terminal.written)
    assert stream.strays == []
    return stream


def test_an_event_and_answers_of_as_many_lines_as_there_can_be(
    console: Hookconsole, receiver: Receiver
) -> None:
    receiver.answers["/acme"] = 503
    receiver.bodies["/acme"] = b"\r\n" * 2048
    console.config.write_text("[delivery]\nretry_schedule = [0, 0, 0]\n" + console.config.read_text())
    console.add("acme", receiver.url("/acme"), '["*"]')
    with Emitter(config=console.config, state=console.state) as emitter:
        event = emitter.emit("invoice.paid", OF_LINES)
    terminal = Terminal(console.command(), {"PAGER": "cat"}, SIZE)
    try:
        terminal.until("1 failing")
        paged = read(terminal, event)
        stream = ended(terminal)
    finally:
        terminal.close()
    (copied,) = stream.copies
    assert copied.encode() == receiver.requests[-1].body
    assert paged.count(b"\n") > LINES + 4 * 2048


def test_a_line_of_a_megabyte(tmp_path: Path) -> None:
    console = Poisoned(tmp_path, "[/]", OF_ONE).console
    terminal = Terminal(console.command("--read-only"), {"PAGER": "cat"}, SIZE)
    try:
        paged = read(terminal, "evt_plain")
        stream = ended(terminal)
    finally:
        terminal.close()
    (copied,) = stream.copies
    assert json.loads(copied)["data"]["<data_key>[/]"] == ["<data>" + OF_ONE, 1.5]
    assert harmless(copied) == copied
    assert max(map(len, paged.split(b"\n"))) > len(OF_ONE)
