"""A disk that is full, and one whose syncs fail: emits are refused, sending halts and resumes by itself."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from audit import Audit
from kernel import faulty, needs_strace, run_sender
from mounting import needs_tmpfs, remount, small_disk
from running import Hookconsole, Receiver, stop, wait_until

from hookconsole.delivery.lock import Note, sender_note

DISK_KIB = 256


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", DISK_KIB) as disk:
        yield disk


def _note(console: Hookconsole) -> Note:
    return sender_note(console.state) or Note()


def _fill(disk: Path) -> Path:
    """Take all the room that there is; the file to delete."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return ballast


@needs_tmpfs()
def test_on_a_full_disk_nothing_is_accepted_or_sent_until_there_is_room(
    disk: Path, receiver: Receiver
) -> None:
    console = Hookconsole(disk)
    console.add("acme", receiver.url("/acme"), '["*"]')
    before = console.config.read_text()
    daemon = console.daemon()
    try:
        accepted = [console.emit("invoice.paid")]
        wait_until(lambda: receiver.events("/acme") == accepted, "a first delivery")
        ballast = _fill(disk)

        # What is left of the journal's last page still takes a few: they are accepted, and can't be sent.
        refusals = 0
        while refusals < 3:
            done = console.run("emit", "invoice.paid", "--data", '{"fill":"' + "x" * 700 + '"}', code=None)
            if done.returncode == 0:
                accepted += done.stdout.split()
                continue
            assert (done.returncode, done.stdout) == (1, "")
            assert "not accepted" in done.stderr
            assert "ENOSPC" in done.stderr
            assert done.stderr.count("\n") == 1
            refusals += 1
        wait_until(lambda: "ENOSPC" in _note(console).halted, "the halt")
        assert "No space left" in console.run("status", code=1).stderr
        edit = console.run("endpoints", "edit", "acme", "--description", "x" * 900, code=1)
        assert "could not be saved: No space left on device" in edit.stderr
        assert console.config.read_text() == before

        ballast.unlink()
        wait_until(lambda: set(receiver.events("/acme")) == set(accepted), "all that was accepted")
        wait_until(lambda: _note(console).halted == "", "the end of the halt")
        last = console.emit("invoice.paid")
        wait_until(lambda: last in receiver.events("/acme"), "a delivery after it")
        assert "HALTED" in console.daemon_log()
        assert stop(daemon) == 0
        audit = Audit(console.state)
        audit.assert_sound(torn=refusals + 2)
        audit.assert_has_requests(receiver.seen())
        assert sorted(receiver.events("/acme")) == sorted([*accepted, last])
    finally:
        console.close()


@needs_tmpfs()
def test_a_read_only_journal_can_be_looked_at_and_accepts_nothing(disk: Path, receiver: Receiver) -> None:
    console = Hookconsole(disk)
    console.add("acme", receiver.url("/acme"), '["*"]')
    event = console.emit("invoice.paid")
    assert stop(console.daemon()) == 0
    before = Audit(console.state).records
    remount(disk, "ro")
    refused = console.run("emit", "invoice.paid", code=1)
    assert "not accepted" in refused.stderr
    assert "Read-only file system" in refused.stderr
    for command in ("logs", "endpoints list", f"trace {event}"):
        assert console.run(*command.split()).stdout
    assert "NOT RUNNING" in console.run("status", code=1).stdout
    for command in ("--daemon", f"retry {event}", "endpoints disable acme", "check"):
        done = console.run(*command.split(), code=1)
        said = done.stderr if command != "check" else done.stdout
        assert "ead-only" in said, (command, said)
    assert Audit(console.state).records == before
    remount(disk, "rw")
    again = console.emit("invoice.paid")
    daemon = console.daemon()
    wait_until(lambda: again in receiver.events("/acme"), "a delivery")
    assert stop(daemon) == 0


@needs_strace
def test_an_event_whose_sync_fails_is_written_again_and_delivered_once(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    emit = console.command("emit", "invoice.paid", "--id", "mine")
    done = subprocess.run(
        faulty("fdatasync", "error=EIO:when=1", emit), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "mine\n", "")
    assert [path.name for path in sorted((console.state / "journal").iterdir())] == [
        "000000000001.jsonl",
        "000000000002.jsonl",
    ]
    daemon = console.daemon()
    wait_until(console.drained, "an empty backlog")
    assert stop(daemon) == 0
    assert receiver.events("/acme") == ["mine"]


@needs_strace
def test_an_event_that_no_sync_makes_durable_isnt_accepted(console: Hookconsole) -> None:
    emit = console.command("emit", "invoice.paid")
    done = subprocess.run(
        faulty("fdatasync", "error=EIO:when=1+", emit), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "not accepted" in done.stderr
    assert "EIO" in done.stderr
    assert done.stderr.count("\n") == 1


@needs_strace
def test_a_sender_whose_syncs_fail_halts_and_goes_on_when_they_succeed(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    first = console.emit("invoice.paid")
    halts: set[str] = set()
    later: list[str] = []

    def done() -> bool:
        halted = _note(console).halted
        halts.update({halted} - {""})
        if halts and not halted and not later:
            later.append(console.emit("invoice.paid"))
        return bool(later) and b'"delivered"' in _tail(console, later[0])

    command = faulty("fdatasync", "error=EIO:when=2..3", console.command("--daemon"))
    assert not run_sender(command, console.state, done)
    assert any("EIO" in halt for halt in halts)
    assert sorted(receiver.events("/acme")) == sorted([first, *later])
    audit = Audit(console.state)
    audit.assert_sound(rewritten=1)
    audit.assert_has_requests(receiver.seen())


def _tail(console: Hookconsole, event: str) -> bytes:
    """The last line that names an event."""
    newest = max((console.state / "journal").iterdir()).read_bytes().splitlines()
    return next((line for line in reversed(newest) if event.encode() in line), b"")
