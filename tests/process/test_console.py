"""The console as a process: how it begins and ends, who sends, and that deliveries outlive the screen."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from opening import Open, Slow, is_as_before, opened, slow
from running import Hookconsole, Receiver, wait_until
from terminal import Terminal

__all__ = ["opened", "slow"]

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


# What breaks

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
