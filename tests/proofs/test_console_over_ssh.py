"""The console over a real sshd: a stalled link stops no delivery, a cut one ends the console well."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Hookconsole, Receiver, wait_until
from ssh import of_proc, over_ssh, parent_of, rests, takes_output
from terminal import Terminal

from hookconsole import Emitter


@pytest.fixture
def acme(console: Hookconsole, receiver: Receiver) -> Receiver:
    """A receiver with an endpoint for everything."""
    console.add("acme", receiver.url("/acme"), '["*"]')
    return receiver


def test_it_is_operated_over_ssh(console: Hookconsole, acme: Receiver, tmp_path: Path) -> None:
    with over_ssh(console, tmp_path) as (terminal, _):
        event = console.emit("invoice.paid")
        wait_until(lambda: acme.events("/acme") == [event], "the delivery")
        terminal.send("3")
        terminal.until("Deliveries 1  following")
        terminal.send("\r")
        terminal.until("● delivered  at attempt 1")
        terminal.send("r")
        wait_until(lambda: acme.events("/acme") == [event, event], "the delivery again")
        terminal.send("q")
        assert terminal.end() == 0
        assert "1049" not in terminal.screen.modes


def test_a_link_that_stalls_stops_no_delivery(console: Hookconsole, acme: Receiver, tmp_path: Path) -> None:
    with over_ssh(console, tmp_path, (500, 200)) as (terminal, pid):
        terminal.send("13" * 100)  # to paint them takes several times what the link and its buffers hold
        terminal.until("Deliveries 0")
        terminal.signal(signal.SIGSTOP)
        wait_until(lambda: not takes_output(pid), "a terminal that takes nothing")
        with Emitter(config=console.config, state=console.state) as emitter:
            events = {emitter.emit("invoice.paid", b"{}") for _ in range(300)}
        wait_until(lambda: set(acme.events("/acme")) == events, "all deliveries")
        assert not takes_output(pid)
        terminal.signal(signal.SIGCONT)
        terminal.send("1q")
        assert terminal.end() == 0


def kill_client(terminal: Terminal, _pid: int) -> None:
    terminal.process.kill()


def kill_server(_terminal: Terminal, pid: int) -> None:
    os.kill(parent_of(pid), signal.SIGKILL)


@pytest.mark.parametrize("cut", [kill_client, kill_server])
def test_a_link_that_is_cut_ends_it_and_what_is_in_flight_is_recorded(
    console: Hookconsole, acme: Receiver, tmp_path: Path, cut: Callable[[Terminal, int], None]
) -> None:
    acme.held["/acme"] = threading.Event()
    with over_ssh(console, tmp_path) as (terminal, pid):
        assert of_proc(parent_of(pid), "comm").startswith("sshd")
        event = console.emit("invoice.paid")
        wait_until(lambda: acme.events("/acme"), "the attempt")
        cut(terminal, pid)
        wait_until(lambda: not of_proc(parent_of(pid), "comm").startswith("sshd"), "the end of the session")
        wait_until(lambda: rests(pid), "a console that only waits for the answer")
        acme.held["/acme"].set()
        wait_until(lambda: not of_proc(pid, "stat"), "the console's end")
        assert console.states() == {(event, "acme"): "delivered"}
        assert "NOT RUNNING" in console.run("status", code=1).stdout
        console.daemon()  # the lock is free
    assert acme.events("/acme") == [event]
