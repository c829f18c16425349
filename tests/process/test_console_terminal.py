"""The console as a process on a terminal: one that stops it, stalls, has no colour, or is none."""

import re
import signal
import subprocess

import pytest
from opening import Open, is_as_before, opened
from running import Hookconsole, Receiver, wait_until
from terminal import Terminal

__all__ = ["opened"]

# What must not stop deliveries


def is_stopped(terminal: Terminal) -> bool:
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(terminal.process.pid)], capture_output=True, text=True, check=True
    )
    return "T" in shown.stdout


@pytest.mark.parametrize("how", ["key", "signal"])
def test_ctrl_z_does_not_stop_a_console_that_delivers(
    console: Hookconsole, opened: Open, receiver: Receiver, how: str
) -> None:
    console.add("acme", receiver.url("/a"), '["*"]')
    terminal = opened()
    terminal.until("this console sends")
    if how == "key":
        terminal.send("\x1a")
    else:
        terminal.signal(signal.SIGTSTP)
    terminal.until("isn't put")
    assert not is_stopped(terminal)
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/a") == [event], "the delivery")


def test_ctrl_z_stops_a_console_that_only_looks_on(console: Hookconsole, opened: Open) -> None:
    console.daemon()
    terminal = opened()
    terminal.until("no endpoint yet")
    terminal.send("\x1a")
    wait_until(lambda: is_stopped(terminal), "the stop")
    wait_until(lambda: is_as_before(terminal), "the terminal as it was")
    terminal.signal(signal.SIGCONT)
    terminal.until("no endpoint yet")
    terminal.send("q")
    assert terminal.end() == 0


def test_a_console_that_was_stopped_unasked_goes_on_and_gives_its_terminal_back(
    console: Hookconsole, opened: Open
) -> None:
    terminal = opened()
    shown = "no endpoint yet"
    for key, view in (("3", "no delivery yet"), ("1", shown)):
        terminal.until(shown)
        terminal.signal(signal.SIGSTOP)
        wait_until(lambda: is_stopped(terminal), "the stop")
        before = len(terminal.written)
        terminal.signal(signal.SIGCONT)
        wait_until(lambda: b"\x1b[?1049h" in terminal.written[before:], "the other screen")  # noqa: B023
        terminal.until(shown)
        terminal.send(key)
        shown = view
    terminal.send("q")
    assert terminal.end() == 0
    wait_until(lambda: is_as_before(terminal), "the terminal as it was")


def test_signals_that_come_amid_writes_block_no_key(opened: Open) -> None:
    terminal = opened(size=(200, 60))
    terminal.until("no endpoint yet")
    for number in range(60):
        before = len(terminal.written)
        terminal.send("1234"[number % 4])
        wait_until(lambda: len(terminal.written) > before, "a picture")  # noqa: B023
        terminal.signal(signal.SIGCONT)
    terminal.send("?")
    terminal.until("esc closes")
    terminal.send("\x1b")
    terminal.until_gone("esc closes")
    terminal.send("q")
    assert terminal.end() == 0


def test_a_terminal_that_takes_nothing_stops_no_delivery(
    console: Hookconsole, opened: Open, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/a"), '["*"]')
    terminal = opened(size=(200, 60))
    terminal.until("this console sends")
    terminal.stall()
    for _ in range(30):
        terminal.send("123:")  # repaints more than a pty's buffer holds
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/a") == [event], "the delivery")
    terminal.signal(signal.SIGTERM)
    assert terminal.end() == 0


# The terminal's own ways


def sgr(written: bytes) -> set[int]:
    """All numbers of colours and styles that were sent."""
    found = re.findall(rb"\x1b\[([\d;]*)m", written)
    return {int(number) for numbers in found for number in numbers.split(b";") if number}


def test_no_color_has_no_colour(opened: Open) -> None:
    terminal = opened(NO_COLOR="1")
    terminal.until("this console sends")
    terminal.send("3?")
    terminal.until("Keys")
    terminal.escape_from("Keys")
    terminal.send("1q")
    assert terminal.end() == 0
    colours = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
    assert sgr(terminal.written) & colours == set()
    assert sgr(terminal.written)  # it is styled all the same


def test_no_mouse_leaves_the_mouse_alone(opened: Open) -> None:
    terminal = opened("--no-mouse")
    terminal.until("this console sends")
    terminal.send("q")
    assert terminal.end() == 0
    assert not re.search(rb"\x1b\[\?(1000|1002|1003|1006|1015|1016)h", terminal.written)


@pytest.mark.parametrize("arguments", [[], ["--read-only"]])
def test_without_a_terminal_it_says_what_to_do(console: Hookconsole, arguments: list[str]) -> None:
    done = console.run(*arguments, code=2)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "hookconsole --daemon" in done.stderr
    assert not console.state.exists()


def test_a_dumb_terminal_is_refused(opened: Open) -> None:
    terminal = opened(TERM="dumb")
    assert terminal.end() == 2
    wait_until(lambda: b"--daemon" in terminal.written, "the message")
    assert b"\x1b" not in terminal.written


@pytest.mark.parametrize("arguments", [["--read-only", "--daemon"], ["--no-mouse", "status"]])
def test_the_consoles_options_are_the_consoles(console: Hookconsole, arguments: list[str]) -> None:
    assert "for the console" in console.run(*arguments, code=2).stderr
