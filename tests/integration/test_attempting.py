"""Commands that make attempts themselves, where nobody sends: whoever else makes the same ones at once."""

import threading
from pathlib import Path

import pytest
from running import SECRET, Receiver
from story import Pen

from hookconsole.delivery import lock
from hookconsole.delivery.lock import SenderLock
from hookconsole.errors import BusyError
from hookconsole.journal import records as r
from hookconsole.operating import steering
from hookconsole.operating.attempting import outcomes
from hookconsole.operating.desk import Desk
from hookconsole.operating.steering import Steered
from hookconsole.paths import Home


@pytest.fixture
def home(tmp_path: Path, receiver: Receiver) -> Home:
    """One delivery has failed; its receiver is well again."""
    home = Home(tmp_path / "config.toml", tmp_path / "state")
    home.config.touch(0o600)
    head = '[security]\nhttps_only = false\nallow_networks = ["127.0.0.0/8"]\n[endpoints.acme]\n'
    home.config.write_text(f'{head}url = "{receiver.url("/acme")}"\nevents = ["*"]\nsecret = "{SECRET}"\n')
    pen = Pen(Path(home.journal))
    pen.event("evt_1", "acme")
    pen.start("evt_1", "acme", 1)
    pen.end("evt_1", "acme", 1, "failed")
    pen.appender.close()
    return home


def outcome(desk: Desk, steered: Steered) -> tuple[int, str] | None:
    """Number and outcome of the attempt that a retry waits for."""
    wanted = {(steered.event, name): number for name, number in steered.attempts.items()}
    (found,) = outcomes(desk, wanted, steered.since).values()
    return None if found is None else (found.attempt, found.outcome)


def test_two_retries_at_once_share_one_attempt_and_both_hear_of_it(home: Home, receiver: Receiver) -> None:
    desks = [Desk(home) for _ in range(2)]
    steered = [steering.retry(desk, "evt_1", None) for desk in desks]
    heard: list[tuple[int, str] | None] = []
    threads = [
        threading.Thread(target=lambda pair=pair: heard.append(outcome(*pair)))
        for pair in zip(desks, steered, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [(2, "delivered")] * 2
    assert receiver.events("/acme") == ["evt_1"]


def test_who_retries_what_a_colleague_has_just_sent_hears_of_that(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, first = Desk(home), Desk(home)
    written: list[r.AnyRecord] = []
    with monkeypatch.context() as patch:
        patch.setattr(late, "put", lambda *records: written.extend(records))
        steered = steering.retry(late, "evt_1", None)
    assert outcome(first, steering.retry(first, "evt_1", None)) == (2, "delivered")
    late.put(*written)
    assert outcome(late, steered) == (2, "delivered")
    assert receiver.events("/acme") == ["evt_1"]


# The sender's lock


class Clock:
    """Time passes while somebody sleeps; at `until` something happens."""

    def __init__(self, patch: pytest.MonkeyPatch, holder: SenderLock, until: float) -> None:
        self.now, self._holder, self._until = 0.0, holder, until
        patch.setattr(lock, "time", self)

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self._until:
            self._holder.release()


@pytest.mark.parametrize("mode", ["command", "daemon", "console"])
def test_a_commands_attempts_are_waited_for_by_whoever_wants_to_send(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, next_one = SenderLock(tmp_path), SenderLock(tmp_path)
    holder.acquire("command")
    clock = Clock(monkeypatch, holder, until=60.0)
    next_one.acquire(mode)
    assert clock.now >= 60.0
    next_one.release()


@pytest.mark.parametrize("mode", ["command", "daemon"])
def test_a_sender_is_not_waited_for(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = SenderLock(tmp_path)
    holder.acquire("daemon")
    clock = Clock(monkeypatch, holder, until=60.0)
    with pytest.raises(BusyError, match=r"a sender already runs .*\(daemon, user "):
        SenderLock(tmp_path).acquire(mode)
    assert clock.now < 60.0
    holder.release()
