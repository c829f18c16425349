"""The sender's thread as its main thread sees it: whether it gets on, what ended it, whose signals are."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from writing import until

from hookconsole.delivery import runtime as under_test
from hookconsole.delivery.runtime import Runtime
from hookconsole.journal import segments
from hookconsole.journal.event_records import to_line
from hookconsole.journal.segments import Appender
from hookconsole.journal.tail import Tail
from hookconsole.paths import Home
from support import event

OURS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


class Running:
    """A runtime that has been started, for an empty registry."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "config.toml", folder / "state")
        self.ready = threading.Event()
        self.blocked: set[int] = set()
        self.runtime = Runtime(self.home, "daemon", self._on_ready)
        self.runtime.start()
        assert self.ready.wait(20)

    def _on_ready(self) -> None:
        self.blocked = {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())}
        self.ready.set()

    def work(self) -> None:
        """Give the sender an event to take in."""
        appender = Appender(self.home.journal)
        appender.append(to_line(event("evt_1")))
        appender.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    running.runtime.stop()
    assert running.runtime.join(20)


def test_signals_come_to_the_main_thread_alone(running: Running) -> None:
    """One that another thread took would wait until the main thread wakes up, in an hour."""
    assert running.blocked >= OURS
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & OURS


@pytest.mark.parametrize(("owner", "name"), [(segments, "sync_file"), (Tail, "read")])
def test_a_sync_or_a_loop_that_hangs_is_no_progress(
    running: Running, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    runtime, gate, real = running.runtime, threading.Event(), getattr(owner, name)

    def hanging(*arguments: object) -> object:
        gate.wait(20)
        return real(*arguments)

    assert runtime.progressing
    sender = runtime._sender
    assert sender is not None
    until(lambda: sender._outbox.settled, "the start isn't durable")  # a sync would hang with the loop
    monkeypatch.setattr(owner, name, hanging)
    running.work()
    monkeypatch.setattr(under_test, "STUCK_SECONDS", 0.2)
    try:
        until(lambda: not runtime.progressing, "it is still said to get on")
    finally:
        gate.set()
    until(lambda: runtime.progressing, "it doesn't get on again")


def test_what_ends_the_thread_is_kept_and_the_lock_is_free(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Tail) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Tail, "read", broken)
    assert running.runtime.join(20)
    assert isinstance(running.runtime.error, ZeroDivisionError)
    monkeypatch.undo()
    again = Runtime(running.home, "daemon")
    again.start()
    again.stop()
    assert again.join(20)
    assert again.error is None


def test_what_comes_first_comes_before_all_else(tmp_path: Path) -> None:
    order: list[str] = []
    runtime = Runtime(
        Home(tmp_path / "config.toml", tmp_path / "state"),
        "console",
        lambda: order.append("ready"),
        first=lambda: order.append("first"),
    )
    runtime.start()
    until(lambda: len(order) == 2)
    runtime.stop()
    assert runtime.join(20)
    assert order == ["first", "ready"]
