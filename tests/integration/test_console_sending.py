"""The sender of a console's process: it is that at once, and leaves the processor to the first view."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from writing import until

from hookconsole.console import sending
from hookconsole.console.sending import OwnSender
from hookconsole.delivery.lock import sender_note
from hookconsole.delivery.sender import Sender
from hookconsole.paths import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "config.toml", tmp_path / "state")


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once the sender's own work begins."""
    begun = threading.Event()

    class Noted(Sender):
        async def run(self, *given: object) -> None:
            begun.set()
            await super().run(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("hookconsole.delivery.runtime.Sender", Noted)
    return begun


@pytest.fixture
def sender(home: Home, works: threading.Event) -> Iterator[OwnSender]:
    sender = OwnSender(home, wanted=True)
    yield sender
    sender.shown()
    sender.stop()
    assert sender.join(20)


def test_it_is_the_sender_at_once_and_works_when_the_first_view_stands(
    home: Home, sender: OwnSender, works: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "VIEW_SECONDS", 1000.0)
    sender.take_over()
    assert sender_note(home.state) is not None
    assert sender.delivers
    assert not works.is_set()
    sender.shown()
    assert works.wait(20)


def test_a_view_that_does_not_come_keeps_no_delivery_waiting(
    sender: OwnSender, works: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "VIEW_SECONDS", 0.01)
    sender.take_over()
    assert works.wait(20)


def test_one_that_is_ended_before_the_first_view_stands_ends(
    sender: OwnSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "VIEW_SECONDS", 0.01)
    sender.take_over()
    sender.stop()
    until(lambda: not sender.delivers)
