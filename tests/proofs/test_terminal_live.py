"""A console that delivers to receivers whose answers and certificates are hostile: pages and log lines."""

import contextlib
import re

from garbling import ANSWERS, answering, hostile_certificate, presenting
from grammar import Stream
from running import Hookconsole, wait_until
from terminal import Terminal

SIZE = (128, 60)
TLS = "tls"


def has_log_lines(shown: str) -> bool:
    """Whether the log lines are in front, wherever they wrap."""
    return "Log lines of" in shown and "failedforgood" in "".join(shown.replace("│", "").split())


def test_what_receivers_answer_and_present_is_obeyed_nowhere(console: Hookconsole) -> None:
    console.config.write_text("[delivery]\nretry_schedule = []\n" + console.config.read_text())
    with contextlib.ExitStack() as receivers:
        port = receivers.enter_context(answering())
        for name in ANSWERS:
            console.add(name, f"http://127.0.0.1:{port}/{name}", '["*"]')
        presented = receivers.enter_context(presenting(hostile_certificate()))
        console.add(TLS, f"https://127.0.0.1:{presented}/", '["*"]')
        event = console.emit("invoice.paid")
        terminal = Terminal(console.command(), {"SUDO_USER": "\x1b[2Jeve"}, SIZE)
        try:
            terminal.until(f"{len(ANSWERS) + 1} failing")
            wait_until(console.drained, "the ends of all attempts")
            for name in (*ANSWERS, TLS):
                terminal.send("3")
                terminal.until("[3 Deliveries]")
                terminal.send("/")
                terminal.until("code:5xx,timeout")
                terminal.send(f"\x15event:{event} endpoint:{name}\r")
                row = re.compile(rf"(?m)^>\S+ +{event} +{name} ")
                terminal.until_so(row.search, f"the row of {name}")
                terminal.send("\r")
                terminal.until(" from cli")
                terminal.send("o")
                terminal.until("Its deliveries")
                terminal.escape_from("Its deliveries")
                terminal.escape_from(" from cli")
            terminal.send("L")
            terminal.until_so(has_log_lines, "what was logged")
            terminal.escape_from("Log lines of")
            terminal.send("q")
            assert terminal.end() == 0
        finally:
            terminal.close()
    stream = Stream(terminal.written, SIZE[0])
    assert stream.strays == []
    assert stream.copies == []
    for shown in ("\\x1b[2J", "\\x9b", "\\u202e", "\\ud800", "certificate refused"):
        assert shown in stream.text
