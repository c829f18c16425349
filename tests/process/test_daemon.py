"""The daemon as a process: signals, locks, reloads, systemd, and a config that others edit."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from running import SECRET, Hookconsole, Receiver, stop, wait_until


def test_sigterm_lets_attempts_in_flight_finish_and_starts_nothing_new(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon = console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/acme"), "the delivery")
    assert stop(daemon) == 0
    assert console.states() == {(event, "acme"): "delivered"}
    later = console.emit("invoice.paid")
    assert console.states()[later, "acme"] == "pending"
    assert receiver.events("/acme") == [event]


def test_a_second_sender_exits_3_and_names_the_holder(console: Hookconsole) -> None:
    daemon = console.daemon()
    second = console.run("--daemon", code=3)
    assert f"pid {daemon.pid}" in second.stderr
    assert second.stderr.count("\n") == 1


def test_without_a_terminal_there_is_no_console(console: Hookconsole) -> None:
    assert "hookconsole --daemon" in console.run(code=2).stderr


def test_sighup_reloads(console: Hookconsole, receiver: Receiver) -> None:
    daemon = console.daemon()
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon.send_signal(signal.SIGHUP)
    wait_until(lambda: "config adopted: 1 endpoints" in console.daemon_log(), "the adoption")
    console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/acme"), "the delivery")


def test_a_hand_edit_is_adopted_and_its_new_url_is_tested_once(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.daemon()
    console.add("acme", receiver.url("/acme"), '["invoice.*"]')
    wait_until(lambda: [r for r in receiver.requests if r.path == "/acme"], "the test event")
    console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/acme"), "the delivery")
    wait_until(console.drained, "the records of all")
    tests = [d for d in console.lines("logs", "acme") if d["type"] == "webhook.test"]
    assert len(tests) == 1
    assert [a["trigger"] for a in tests[0]["attempts"]] == ["test"]


def test_before_a_sender_first_ran_a_registry_brought_along_is_not_tested(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon = console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/acme"), "the delivery")
    stop(daemon)
    console.add("later", receiver.url("/later"), '["*"]')
    console.daemon()
    wait_until(
        lambda: [r for r in receiver.requests if r.path == "/later"], "the test of what came between runs"
    )
    assert [r.event for r in receiver.requests if r.path == "/acme"] == [event]


def test_a_bad_file_changes_nothing_and_is_reported_by_line_and_key(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    console.daemon()
    good = console.config.read_text()
    console.config.write_text(good.replace("secret =", "secrect ="))
    wait_until(lambda: "config refused" in console.daemon_log(), "the refusal")
    assert f"{console.config}:" in console.daemon_log()
    assert "secrect" in console.daemon_log()
    assert console.run("status", code=1).stderr.count("refused") == 1
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/acme") == [event], "the delivery by the good config")
    console.config.write_text(good)
    wait_until(lambda: console.run("status", code=None).returncode == 0, "all well again")


def test_a_file_that_loses_its_endpoints_waits_for_consent_at_a_start_too(
    console: Hookconsole, receiver: Receiver
) -> None:
    empty = console.config.read_text()
    for name in ("one", "two"):
        console.add(name, receiver.url(f"/{name}"), '["*"]')
    full = console.config.read_text()
    daemon = console.daemon()
    console.config.write_text(empty)
    wait_until(lambda: "accept-removals" in console.daemon_log(), "the refusal")
    event = console.emit("invoice.paid")
    wait_until(lambda: receiver.events("/two") == [event], "delivery by the last good registry")
    assert "accept-removals" in console.run("status", code=1).stderr
    stop(daemon)

    log = console.state.parent / "again.log"
    with log.open("w") as stderr:
        again = subprocess.Popen(console.command("--daemon"), stderr=stderr)
    try:
        wait_until(lambda: "accept-removals" in log.read_text(), "the refusal at a start")
        held = console.emit("invoice.paid")
        console.config.write_text(full)
        wait_until(lambda: held in receiver.events("/one"), "delivery once the file is whole again")
        console.config.write_text(empty)
        wait_until(lambda: console.run("status", code=None).returncode == 1, "the second refusal")
        assert "one" in console.run("endpoints", "accept-removals").stdout
        wait_until(lambda: "config adopted: 0 endpoints" in log.read_text(), "the adoption")
    finally:
        again.kill()
        again.wait()


def test_it_speaks_systemds_protocol(console: Hookconsole) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, TemporaryDirectory(dir="/tmp") as folder:
        notify = f"{folder}/notify"  # a socket's path is 108 bytes at most, here and there fewer
        sock.bind(notify)
        sock.settimeout(60)
        process = subprocess.Popen(
            console.command("--daemon"),
            stderr=subprocess.DEVNULL,
            env={**os.environ, "NOTIFY_SOCKET": notify, "WATCHDOG_USEC": "200000"},
        )
        try:
            assert sock.recv(100) == b"READY=1"
            assert sock.recv(100) == b"WATCHDOG=1"
            process.send_signal(signal.SIGTERM)
            said = b""
            while said != b"STOPPING=1":
                said = sock.recv(100)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


def test_a_kill_makes_the_attempt_in_flight_again_in_its_place_of_the_schedule(
    console: Hookconsole,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        console.add("slow", f"http://127.0.0.1:{hanging.getsockname()[1]}/", '["*"]')
        daemon = console.daemon()
        event = console.emit("invoice.paid")
        first, _ = hanging.accept()
        wait_until(lambda: b"\r\n\r\n{" in first.recv(4096, socket.MSG_PEEK), "the request")
        stop(daemon, signal.SIGKILL)
        console.daemon()
        second, _ = hanging.accept()
        wait_until(lambda: b"\r\n\r\n{" in second.recv(4096, socket.MSG_PEEK), "the request made again")
        bodies = [sock.recv(4096).split(b"\r\n\r\n")[1] for sock in (first, second)]
        assert bodies[0] == bodies[1]
        second.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        wait_until(lambda: console.states() == {(event, "slow"): "delivered"}, "the delivery")
        (delivery,) = console.lines("logs", "slow")
        assert [(a["attempt"], a["trigger"], a["outcome"]) for a in delivery["attempts"]] == [
            (1, "event", "interrupted"),
            (2, "event", "delivered"),
        ]
        first.close()
        second.close()


def test_a_full_disk_refuses_emits_halts_the_sender_and_loses_nothing(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    first = console.emit("invoice.paid")
    size = next((console.state / "journal").glob("*.jsonl")).stat().st_size

    limited = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -f {size // 512 + 1}; exec \"$@\"", "sh",
         *console.command("emit", "invoice.paid", "--data", '{"x":"' + "y" * 2000 + '"}')],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert limited.returncode == 1
    assert limited.stdout == ""
    assert "not accepted" in limited.stderr
    assert limited.stderr.count("\n") == 1
    second = console.emit("invoice.paid")
    console.daemon()
    wait_until(lambda: len(receiver.events("/acme")) == 2, "both events that were accepted")
    assert set(receiver.events("/acme")) == {first, second}


def test_ids_are_printed_only_for_what_is_durable(console: Hookconsole, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    emit = console.command("emit", "invoice.paid")
    strace = subprocess.run(["which", "strace"], capture_output=True, check=False)
    if strace.returncode:
        import pytest

        pytest.skip("strace is not installed")
    calls = "write,fdatasync,fsync"
    subprocess.run(
        ["strace", "-f", "-e", f"trace={calls}", "-o", str(trace), *emit], check=True, capture_output=True
    )
    lines = trace.read_text().splitlines()
    written = next(i for i, line in enumerate(lines) if "write(" in line and '\\"kind\\":\\"event\\"' in line)
    synced = next(i for i, line in enumerate(lines) if "fdatasync(" in line and i > written)
    printed = next(i for i, line in enumerate(lines) if 'write(1, "evt_' in line)
    assert written < synced < printed


def test_an_idle_daemon_is_steered_within_a_wake_up(console: Hookconsole, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]', "retry_schedule = [3600]")
    receiver.answers["/acme"] = 500
    console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: console.states() == {(event, "acme"): "retrying"}, "the first failure")
    receiver.answers["/acme"] = 200
    before = time.time()
    assert "delivered" in console.run("retry", event, "--wait").stdout
    assert receiver.requests[-1].at >= before
    assert SECRET not in "".join(path.read_text() for path in (console.state / "journal").iterdir())


def test_a_refused_file_does_not_blind_the_operator(console: Hookconsole, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]', "retry_schedule = [3600]")
    receiver.answers["/acme"] = 500
    console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: console.states() == {(event, "acme"): "retrying"}, "the first failure")
    console.config.write_text(console.config.read_text() + "nonsense")
    assert console.states() == {(event, "acme"): "retrying"}
    (status,) = [json.loads(line) for line in console.run("status", "--json", code=1).stdout.splitlines()]
    assert [(e["name"], e["health"], e["pending"]) for e in status["endpoints"]] == [("acme", "failing", 1)]
    assert status["held"] == 0
    assert "acme: retrying" in console.run("trace", event).stdout
    receiver.answers["/acme"] = 200
    console.run("retry", event)
    wait_until(lambda: console.states() == {(event, "acme"): "delivered"}, "the retry")


def test_a_test_of_an_endpoint_that_is_paused_says_why(console: Hookconsole, tmp_path: Path) -> None:
    with console.config.open("a") as file:
        file.write('[endpoints.acme]\nurl = "http://127.0.0.1:9/"\nevents = ["*"]\nsecret_file = "none"\n')
    console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: "config" in console.daemon_log(), "the pause")
    assert "secret_file" in console.run("endpoints", "test", "acme", code=1).stdout
    assert console.lines("status")[0]["endpoints"][0]["health"] == "failing"
    (tmp_path / "none").write_text("late but here\n")
    wait_until(lambda: "acme: sending goes on" in console.daemon_log(), "the resumption")
    delivery = next(d for d in console.lines("logs", "acme") if d["event"] == event)
    assert {a["error"] for a in delivery["attempts"]} <= {"config", "connect"}


@pytest.mark.parametrize("replaced", [False, True])
def test_a_sender_whose_lock_is_deleted_ends_before_there_are_two(
    console: Hookconsole, receiver: Receiver, replaced: bool
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon = console.daemon()
    lock = console.state / "sender.lock"
    lock.unlink()
    if replaced:
        lock.touch(0o600)
    assert daemon.wait(60) == 1
    assert f"{lock} was deleted while in use" in console.daemon_log()
    assert "report" not in console.daemon_log()
    event = console.emit("invoice.paid")
    console.daemon()
    wait_until(lambda: receiver.events("/acme") == [event], "delivery by the next sender")
