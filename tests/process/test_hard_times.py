"""Processes in hard times: signals, stopped holders, no descriptors, no home, poor locales, damaged files."""

import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from running import Hookconsole, Receiver, stop, wait_until

from hookconsole.journal.line import LINE_BYTES_AT_MOST


def _names(count: int) -> list[str]:
    return [f"e{number}" for number in range(count)]


def test_sigterm_with_fifty_in_flight_lets_all_fifty_finish(console: Hookconsole, receiver: Receiver) -> None:
    console.config.write_text("[delivery]\nconcurrency = 200\n" + console.config.read_text())
    names = _names(50)
    for name in names:
        console.add(name, receiver.url(f"/{name}"), '["*"]')
    daemon = console.daemon()
    with receiver.holding(*(f"/{name}" for name in names)):
        event = console.emit("invoice.paid")
        wait_until(lambda: len(receiver.requests) == 50, "fifty requests in flight")
        daemon.send_signal(signal.SIGTERM)
        wait_until(lambda: "attempts in flight finish" in console.daemon_log(), "that it has heard")
        later = console.emit("invoice.paid")
    assert daemon.wait(30) == 0
    assert len(receiver.requests) == 50
    assert console.states() == {
        **{(event, name): "delivered" for name in names},
        **{(later, name): "pending" for name in names},
    }


def test_a_second_sigint_ends_it_at_once_and_the_attempt_is_made_again(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon = console.daemon()
    with receiver.holding("/acme"):
        event = console.emit("invoice.paid")
        wait_until(lambda: receiver.requests, "the request")
        daemon.send_signal(signal.SIGINT)
        wait_until(lambda: "attempts in flight finish" in console.daemon_log(), "that it has heard")
        daemon.send_signal(signal.SIGINT)
        assert daemon.wait(30) == 1
        assert "made again" in console.daemon_log()
    console.daemon()
    wait_until(lambda: console.states() == {(event, "acme"): "delivered"}, "the delivery")
    (delivery,) = console.lines("logs", "acme")
    assert [a["outcome"] for a in delivery["attempts"]] == ["interrupted", "delivered"]


def test_a_stopped_sender_is_still_the_sender_and_goes_on(console: Hookconsole, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon = console.daemon()
    daemon.send_signal(signal.SIGSTOP)
    event = console.emit("invoice.paid")
    assert f"pid {daemon.pid}" in console.run("--daemon", code=3).stderr
    assert receiver.requests == []
    daemon.send_signal(signal.SIGCONT)
    wait_until(lambda: receiver.events("/acme") == [event], "the delivery")


def test_a_child_does_not_keep_the_senders_lock(console: Hookconsole) -> None:
    """A sender that has started another program, as a console starts an editor, and is killed."""
    script = """
import subprocess, sys
from pathlib import Path
from hookconsole.delivery.lock import SenderLock
from hookconsole.journal.segments import Appender
SenderLock(Path(sys.argv[1])).acquire("console")
with Appender(sys.argv[1] + "/journal").locked():
    child = subprocess.Popen(["sleep", "60"], close_fds=False, stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    sys.stdin.read()
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(console.state)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    try:
        holder.kill()
        holder.communicate()
        assert stop(console.daemon()) == 0
        assert console.emit("invoice.paid")
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_senders_thread_that_dies_ends_the_daemon_with_an_error(console: Hookconsole) -> None:
    """So that systemd starts it again."""
    script = """
import sys
from hookconsole.cli.main import main
from hookconsole.delivery.sender import Sender
def broken(_): raise ZeroDivisionError
Sender._poll = broken
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", script, *console.command("--daemon")[3:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "the sender ended: ZeroDivisionError" in done.stderr
    assert console.run("status", code=1).stdout.startswith("sender: NOT RUNNING")


def test_a_sender_without_free_descriptors_uses_up_no_retry(console: Hookconsole, receiver: Receiver) -> None:
    names = _names(30)
    console.config.write_text("[delivery]\nretry_schedule = []\n" + console.config.read_text())
    for name in names:
        console.add(name, receiver.url(f"/{name}"), '["*"]')
    daemon = console.daemon()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{daemon.pid}/fd"))
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (used + 8, most))
    events = [console.emit("invoice.paid") for _ in range(2)]
    wait_until(lambda: " config: " in console.daemon_log(), "an attempt without a descriptor")
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (most, most))
    wait_until(console.drained, "an empty backlog")
    assert console.states() == {(event, name): "delivered" for event in events for name in names}
    errors = {a["error"] for delivery in console.lines("logs") for a in delivery["attempts"]}
    assert errors == {None, "config"}


def test_an_emit_without_free_descriptors_accepts_nothing(console: Hookconsole) -> None:
    script = """
import resource, sys
from hookconsole.cli.main import main
import hookconsole.cli.emit
resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", script, *console.command("emit", "invoice.paid")[3:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"hookconsole: not accepted: .*EMFILE.*\n", done.stderr)
    assert "evt_" in console.run("emit", "invoice.paid").stdout


def test_a_user_without_a_home_is_told_what_to_name(console: Hookconsole) -> None:
    script = """
import pwd, sys
from hookconsole.cli.main import main
def nobody(_): raise KeyError
pwd.getpwuid = nobody
sys.exit(main(sys.argv[1:]))
"""
    bare = {name: value for name, value in os.environ.items() if not re.match("HOME|XDG_|HOOKCONSOLE_", name)}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", script, *arguments]
        return subprocess.run(command, env=bare, capture_output=True, text=True, check=False)

    done = run("emit", "invoice.paid")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--state" in done.stderr
    assert "evt_" in run(*console.command("emit", "invoice.paid")[3:]).stdout


def test_a_locale_that_knows_only_ascii_stops_nothing(console: Hookconsole, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]\ndescription = "Zoë €"')
    poor = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}

    def run(*arguments: str) -> str:
        done = subprocess.run(console.command(*arguments), env=poor, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), arguments
        return done.stdout.decode("ascii")

    run("emit", "invoice.paid", "--data", '{"to":"Zoë €"}')
    console.daemon()
    wait_until(lambda: receiver.events("/acme"), "the delivery")
    assert '"to":"Zoë €"' in receiver.requests[0].body.decode()
    assert "Zo\\xeb \\u20ac" in run("endpoints", "show", "acme")
    for command in (["logs"], ["status"], ["trace", receiver.requests[0].event], ["endpoints", "list"]):
        assert run(*command)


def _peak_kb(pid: int) -> int:
    """The most memory that a process has ever had, in KiB."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0])


def test_a_journal_full_of_rubbish_is_read_past_it_in_little_memory(
    console: Hookconsole, receiver: Receiver
) -> None:
    """A line of 100 MB, a megabyte of NULs, lines made by hand, an empty segment, one that is missing."""
    console.add("acme", receiver.url("/acme"), '["*"]')
    first = console.emit("invoice.paid")
    with console.daemon() as daemon:
        wait_until(lambda: receiver.events("/acme") == [first], "the first delivery")
        before = _peak_kb(daemon.pid)
        assert stop(daemon) == 0
    journal = console.state / "journal"
    with (journal / "000000000001.jsonl").open("ab") as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(
            b"\n" + bytes(1_000_000) + b'\n{"kind":"event","event":"evt_by_hand","type":"invoice.paid"}\n'
        )
    second = console.emit("invoice.paid")
    (journal / "000000000003.jsonl").touch(0o600)
    third = console.emit("invoice.paid")
    daemon = console.daemon()
    wait_until(lambda: len(receiver.events("/acme")) == 3, "the deliveries")
    after = _peak_kb(daemon.pid)
    assert after < before + 4 * LINE_BYTES_AT_MOST // 1024, f"{before} KB became {after} KB"
    assert stop(daemon) == 0
    assert console.states() == dict.fromkeys([(e, "acme") for e in (first, second, third)], "delivered")


@pytest.mark.parametrize("left", [150, None])
def test_a_segment_cut_short_or_deleted_under_a_daemon_ends_it_and_the_next_goes_on(
    console: Hookconsole, receiver: Receiver, left: int | None
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon = console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: console.states() == {(event, "acme"): "delivered"}, "a delivery and its record")
    segment = console.state / "journal" / "000000000001.jsonl"
    if left is None:
        segment.unlink()
    else:
        os.truncate(segment, left)
    assert daemon.wait(30) == 1
    assert "was cut short, deleted or replaced" in console.daemon_log()
    later = console.emit("invoice.paid")
    console.daemon()
    wait_until(lambda: later in receiver.events("/acme"), "delivery by the next daemon")


@pytest.mark.parametrize(
    ("imported", "code"),
    [("msgspec", -signal.SIGINT), ("hookconsole.cli.main", -signal.SIGINT), ("hookconsole.cli.status", 130)],
)
def test_ctrl_c_is_quiet_while_modules_are_imported(console: Hookconsole, imported: str, code: int) -> None:
    script = """
import os, signal, sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[0]: os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupted())
del sys.argv[0]
from hookconsole.__main__ import main
main()
"""
    command = [sys.executable, "-c", script, imported, *console.command("status")[3:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (code, "")
