"""Operators of several processes press at once: each delivery is sent again once, and each act has a name."""

import signal
import subprocess
from collections.abc import Callable
from typing import Any

from audit import Audit
from running import Hookconsole, Receiver, wait_until
from terminal import Terminal

OPERATORS = 4
EVENTS = 5


def run_all(console: Hookconsole, *commands: list[str]) -> list[str]:
    """Run commands at once; what each said. All must have been obeyed."""
    running = [
        subprocess.Popen(
            console.command(*command), stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
        )
        for command in commands
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * len(running), said
    return said


def records(console: Hookconsole, kind: str) -> list[dict[str, Any]]:
    return Audit(console.state).of(kind)  # which lets be what is just being written


def fail(console: Hookconsole, receiver: Receiver, count: int) -> tuple["subprocess.Popen[str]", list[str]]:
    """A daemon at which so many deliveries have failed, and their events."""
    console.config.write_text("[delivery]\nretry_schedule = []\n" + console.config.read_text())
    console.add("acme", receiver.url("/acme"), '["invoice.*"]')
    receiver.answers["/acme"] = 503
    daemon = console.daemon()
    events = [console.emit("invoice.paid") for _ in range(count)]
    wait_until(lambda: list(console.states().values()) == ["failed"] * count, "the failures")
    return daemon, events


def test_retries_replays_and_a_console_at_once_are_one_series_each(
    console: Hookconsole, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    """The sender stands still while they press, so that each decides on the same state."""
    daemon, events = fail(console, receiver, EVENTS)
    terminal = Terminal(console.command())
    try:
        terminal.until("acme")
        terminal.send("3")
        wait_until(lambda: terminal.screen.text.count("failed") >= EVENTS, "the list of what failed")
        receiver.answers["/acme"] = 200
        daemon.send_signal(signal.SIGSTOP)
        try:
            terminal.send("r")
            replays = [["replay", "--since", "1h", "--rate", "1000", "--yes"]] * 2
            run_all(console, *replays, *(["retry", event] for event in events[:2] for _ in range(OPERATORS)))
            wait_until(lambda: len(records(console, "retry")) == 2 * OPERATORS + 1, "the console's retry")
        finally:
            daemon.send_signal(signal.SIGCONT)
        wait_until(lambda: {one["state"] for one in console.lines("replay", "list")} == {"done"}, "the end")
    finally:
        terminal.close()
    wait_until(console.drained, "quiet")
    assert sorted(receiver.events("/acme", status=200)) == sorted(events)
    assert len(receiver.events("/acme")) == 2 * EVENTS
    assert set(console.states().values()) == {"delivered"}
    (name,) = {record["user"] for kind in ("retry", "replay", "sender") for record in records(console, kind)}
    assert name
    record_property("figure", f"{2 * OPERATORS + 3} acts at once on {EVENTS} deliveries, {EVENTS} series")


def test_commands_that_wait_where_nobody_sends_all_hear_of_their_attempts(
    console: Hookconsole, receiver: Receiver
) -> None:
    daemon, events = fail(console, receiver, OPERATORS)
    daemon.terminate()
    daemon.wait(60)
    receiver.answers["/acme"] = 200
    said = run_all(console, *(["retry", event, "--wait"] for event in events))
    assert all("delivered" in line for line in said)
    assert sorted(receiver.events("/acme", status=200)) == sorted(events)
