"""`emit` killed before every write and every sync: what it said is there, once, and nothing is harmed."""

import json
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from audit import Audit
from kernel import killed_at, needs_strace, was_killed
from running import Hookconsole, Receiver, stop, wait_until

pytestmark = needs_strace

CALLS = ("write", "fdatasync", "fsync", "mkdir")
LINES = [json.dumps({"type": "invoice.paid", "data": {"n": n, "fill": "x" * 4000}}) for n in range(130)]


def _killed_everywhere(run: Callable[[str, int], bool]) -> int:
    """Kill at the first, second, third ... of each call, until there is no such call any more."""
    survived = 0
    for call in CALLS:
        for number in count(1):
            if not run(call, number):
                break
            survived += 1
    return survived


@pytest.mark.parametrize("state", ["none yet", "in use"])
def test_an_emit_that_is_killed_anywhere_is_accepted_whole_or_not_at_all(
    tmp_path: Path, record_property: Callable[[str, object], None], state: str
) -> None:
    runs = count()
    left: list[tuple[bool, int]] = []

    def run(call: str, number: int) -> bool:
        folder = tmp_path / str(next(runs))
        folder.mkdir()
        console = Hookconsole(folder)
        if state == "in use":
            console.emit("invoice.paid", id="before")
        emit = console.command("emit", "invoice.paid", "--id", "mine")
        done = subprocess.run(killed_at(call, number, emit), capture_output=True, text=True, check=False)
        there = Audit(console.state).accepted["mine"]
        assert done.stdout in ("", "mine\n")
        assert there == 1 or (there == 0 and not done.stdout)
        left.append((bool(done.stdout), there))
        # Who doesn't know whether it was accepted gives it again: it is there once.
        console.run("emit", "invoice.paid", "--id", "mine")
        audit = Audit(console.state)
        audit.assert_sound()
        assert audit.accepted == {"mine": 1} | ({"before": 1} if state == "in use" else {})
        return was_killed(done)

    survived = _killed_everywhere(run)
    # Killed before it was written, after that and before it was said, and not at all.
    assert set(left) == {(False, 0), (False, 1), (True, 1)}
    record_property("figure", f"{survived} SIGKILLs survived")


def test_a_batch_that_is_killed_anywhere_keeps_every_id_that_it_printed(
    console: Hookconsole, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    batch = console.state.parent / "batch"
    batch.write_text("\n".join(LINES))
    printed: set[str] = set()

    def run(call: str, number: int) -> bool:
        emit = console.command("emit", "--batch", str(batch))
        done = subprocess.run(killed_at(call, number, emit), capture_output=True, text=True, check=False)
        printed.update(done.stdout.split())
        audit = Audit(console.state)
        audit.assert_sound()
        assert printed <= audit.accepted.keys()
        return was_killed(done)

    survived = _killed_everywhere(run)
    audit = Audit(console.state)
    assert len(printed) < len(audit.accepted), "no kill came between a write and its print"
    assert set(audit.accepted.values()) == {1}
    daemon = console.daemon()
    wait_until(lambda: len(receiver.requests) >= len(audit.accepted), "the delivery of all that is written")
    assert stop(daemon) == 0
    assert set(receiver.events("/acme")) == set(audit.accepted)
    record_property("figure", f"{survived} SIGKILLs survived, {len(printed)} ids printed, none lost")
