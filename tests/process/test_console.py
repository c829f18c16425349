"""The console as a process on a terminal: how it begins and ends, and that deliveries outlive the screen."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from running import Hookconsole, Receiver, wait_until
from terminal import Terminal

Open = Callable[..., Terminal]

OFF_AT_THE_END = {"1049", "1000", "1003", "1006", "1015", "2004", "1004"}
"""Modes that a shell wants to find off: the other screen, the mouse, bracketed paste, focus."""


@pytest.fixture
def opened(console: Hookconsole) -> Iterator[Open]:
    """Opens a console on a terminal of its own."""
    terminals = []

    def open_(*arguments: str, size: tuple[int, int] = (80, 24), **environment: str) -> Terminal:
        terminals.append(Terminal(console.command(*arguments), environment, size))
        return terminals[-1]

    yield open_
    for terminal in terminals:
        terminal.close()


class Slow:
    """A receiver that answers when it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = threading.Event()
        slow = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                slow.asked += 1
                slow.may.wait(30)
                with contextlib.suppress(OSError):
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self.may.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def slow(console: Hookconsole) -> Iterator[Slow]:
    """One endpoint, `slow`, whose receiver keeps an attempt in flight."""
    receiver = Slow()
    console.add("slow", receiver.url, '["*"]')
    yield receiver
    receiver.close()


def is_as_before(terminal: Terminal) -> bool:
    return not (terminal.screen.modes & OFF_AT_THE_END) and terminal.settings == terminal.before


# The beginning and the end


def test_it_delivers_and_q_ends_it(console: Hookconsole, opened: Open, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/a"), '["*"]')
    terminal = opened()
    terminal.until("this console sends")
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/a") == [event], "the delivery")
    terminal.until("1 delivered")
    terminal.send("q")
    assert terminal.end() == 0
    wait_until(lambda: is_as_before(terminal), "the terminal as it was")
    assert "25" in terminal.screen.modes  # the cursor shows
    assert console.run("status", code=1).stdout.startswith("sender: NOT RUNNING")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_after_what_is_in_flight(
    console: Hookconsole, opened: Open, slow: Slow, number: signal.Signals
) -> None:
    terminal = opened()
    terminal.until("this console sends")
    event = console.emit("invoice.paid")
    wait_until(lambda: slow.asked == 1, "the attempt")
    terminal.signal(number)
    wait_until(lambda: b"finishing 1 attempt in flight" in terminal.written, "a word about what it waits for")
    assert terminal.process.poll() is None
    slow.may.set()
    assert terminal.end() == 0
    wait_until(lambda: is_as_before(terminal), "the terminal as it was")
    assert console.states() == {(event, "slow"): "delivered"}


def test_a_second_signal_ends_it_at_once(console: Hookconsole, opened: Open, slow: Slow) -> None:
    terminal = opened()
    terminal.until("this console sends")
    console.emit("invoice.paid")
    wait_until(lambda: slow.asked == 1, "the attempt")
    terminal.signal(signal.SIGTERM)
    wait_until(lambda: b"finishing 1 attempt" in terminal.written, "the first signal's end")
    terminal.signal(signal.SIGTERM)
    assert terminal.end() == 1
    assert not slow.may.is_set()
    wait_until(lambda: is_as_before(terminal), "the terminal as it was")


def test_a_terminal_that_goes_hurries_nobody(console: Hookconsole, opened: Open, slow: Slow) -> None:
    terminal = opened()
    terminal.until("this console sends")
    event = console.emit("invoice.paid")
    wait_until(lambda: slow.asked == 1, "the attempt")
    terminal.signal(signal.SIGHUP)
    wait_until(lambda: b"finishing 1 attempt" in terminal.written, "the first signal's end")
    terminal.signal(signal.SIGHUP)
    wait_until(lambda: not pending(terminal.process.pid, signal.SIGHUP), "the second one's arrival")
    slow.may.set()
    assert terminal.end() == 0
    assert console.states() == {(event, "slow"): "delivered"}


def pending(pid: int, number: signal.Signals) -> bool:
    """Whether a signal is still to be handled; also when its process is gone it isn't."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return False
    masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


def test_a_window_that_is_closed_ends_it(console: Hookconsole, opened: Open, slow: Slow) -> None:
    terminal = opened()
    terminal.until("this console sends")
    event = console.emit("invoice.paid")
    wait_until(lambda: slow.asked == 1, "the attempt")
    terminal.hang_up()
    slow.may.set()
    assert terminal.end() == 0
    assert console.states() == {(event, "slow"): "delivered"}


def test_a_terminal_that_dies_without_a_signal_ends_it(console: Hookconsole, opened: Open) -> None:
    terminal = Terminal(["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *console.command()])
    try:
        terminal.until("this console sends")
        terminal.hang_up()
        assert terminal.end() == 0
    finally:
        terminal.close()


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


# Who sends


def test_a_second_console_attaches_and_takes_over(
    console: Hookconsole, opened: Open, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/a"), '["*"]')
    daemon = console.daemon()
    terminal = opened()
    terminal.until(f"daemon {daemon.pid} sends")
    daemon.kill()
    daemon.wait()
    terminal.until(f"the daemon, pid {daemon.pid}, has ended; T delivers from this console")
    event = console.emit("invoice.paid")
    terminal.send("T")
    terminal.until("Deliver from this console?")
    terminal.send("\r")  # No is what enter means
    terminal.until_gone("Deliver from this console?")
    terminal.send("T")
    terminal.until("Deliver from this console?")
    terminal.send("y")
    terminal.until("this console sends")
    wait_until(lambda: receiver.events("/a") == [event], "the delivery")


def test_read_only_neither_sends_nor_changes(console: Hookconsole, opened: Open, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/a"), '["*"]')
    terminal = opened("--read-only", size=(100, 50))
    terminal.until("nobody sends: start one with hookconsole --daemon")
    before = console.config.read_text()
    console.emit("invoice.paid")
    terminal.send("TxaetDKE")
    terminal.send("?")
    shown = terminal.until("endpoint.copy")
    assert "endpoint.switch" not in shown
    terminal.escape_from("Keys")
    terminal.send("q")
    assert terminal.end() == 0
    assert console.config.read_text() == before
    assert receiver.requests == []


def test_a_refused_config_is_named_and_its_mend_delivers(
    console: Hookconsole, opened: Open, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/a"), '["*"]')
    good = console.config.read_text()
    console.config.write_text(good + "timeout_secs = 3\n")
    terminal = opened(size=(200, 30))
    terminal.until(f"config.toml:{good.count(chr(10)) + 1}: endpoints.acme.timeout_secs")
    console.config.write_text(good)
    terminal.until("this console sends")
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/a") == [event], "the delivery")


def test_console_settings_are_adopted_while_it_runs(console: Hookconsole, opened: Open) -> None:
    terminal = opened(size=(160, 40))
    terminal.until("this console sends")
    with console.config.open("a") as file:
        file.write(
            '[console]\ntheme = "textual-dakr"\n[console.keys]\n"app.log-lines" = "N"\n"app.zoom" = "q"\n'
        )
    terminal.until("textual-dark?")
    terminal.until("app.zoom:")
    terminal.send("N")
    terminal.until("config adopted")


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


CRASHING = """
import sys
from hookconsole.console.screens.overview import OverviewView
def show(self, snapshot):
    secret = "whsec_" + "canary"
    raise ValueError(secret)
OverviewView.show = show
from hookconsole.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_crash_shows_and_keeps_no_values(console: Hookconsole) -> None:
    terminal = Terminal([sys.executable, "-c", CRASHING, *console.command()[3:]])
    try:
        assert terminal.end() == 1
        wait_until(lambda: is_as_before(terminal), "the terminal as it was")
        wait_until(lambda: b"the console crashed (ValueError)" in terminal.written, "the message")
    finally:
        terminal.close()
    assert b"canary" not in terminal.written.replace(b'secret = "whsec_" + "canary"', b"")
    (kept,) = console.state.glob("console-crash-*.txt")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "in show" in kept.read_text()
    assert "whsec_canary" not in kept.read_text()


UNCLOSED = """
import sys
from textual.app import App
async def close(app):
    raise RuntimeError("dictionary changed size during iteration")
App._close_all = close
from hookconsole.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_screen_that_cant_be_closed_stops_no_delivery(console: Hookconsole, slow: Slow) -> None:
    terminal = Terminal([sys.executable, "-c", UNCLOSED, *console.command()[3:]])
    try:
        terminal.until("this console sends")
        event = console.emit("invoice.paid")
        wait_until(lambda: slow.asked == 1, "the attempt")
        terminal.send("q")
        wait_until(lambda: b"finishing 1 attempt" in terminal.written, "a word about what it waits for")
        slow.may.set()
        assert terminal.end() == 0
        wait_until(lambda: is_as_before(terminal), "the terminal as it was")
    finally:
        terminal.close()
    assert console.states() == {(event, "slow"): "delivered"}


DYING = """
import sys
from hookconsole.delivery.sender import Sender
poll = Sender._poll
def dying(self):
    poll(self)
    if self._fold.last:
        raise MemoryError
Sender._poll = dying
from hookconsole.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_sender_that_dies_is_said_and_is_the_exit_code(console: Hookconsole, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/a"), '["*"]')
    terminal = Terminal([sys.executable, "-c", DYING, *console.command()[3:]], size=(120, 30))
    try:
        terminal.until("this console sends")
        console.emit("invoice.paid")
        terminal.until("the sender of this console ended: MemoryError")
        terminal.until("T delivers from this console")
        terminal.send("q")
        assert terminal.end() == 1
        wait_until(lambda: terminal.written.endswith(b"MemoryError\r\n"), "the reason at the end")
    finally:
        terminal.close()


def test_the_demo_in_the_console_proves_what_it_shows(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    command = [sys.executable, "-m", "hookconsole", "demo"]
    terminal = Terminal(command, {"TMPDIR": str(folder)}, (100, 40))
    try:
        terminal.until("this console sends")
        terminal.until("umbrella-pay")
        terminal.send("q")
        assert terminal.end() in (0, 1)  # 1 if something was still being retried when it was left
        wait_until(lambda: b"requests signed right" in terminal.written, "the summary")
        wait_until(lambda: is_as_before(terminal), "the terminal as it was")
        assert b"journal and receiver agree" in terminal.written
        assert os.listdir(folder) == []
    finally:
        terminal.close()


HEADLESS = """
import signal, sys, threading
from hookconsole import daemon
from hookconsole.cli.main import main
ready = daemon._ready
def on_ready(home):
    ready(home)
    signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)
daemon._ready = on_ready
assert main(sys.argv[1:]) == 0
assert not {"textual", "rich", "hookconsole.console"} & set(sys.modules), "a screen was imported"
"""


def test_the_daemon_never_imports_the_console(console: Hookconsole) -> None:
    command = [sys.executable, "-c", HEADLESS, *console.command("--daemon")[3:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
