"""The commands as scripts see them: exit codes, one line on stderr, JSON shapes, quiet ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from running import SECRET, Hookconsole, Receiver, wait_until

ACME = "[endpoints.acme]\nurl = 'http://127.0.0.1:9/'\nevents = ['*']\nsecret = 'whsec_x'\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["emti"], 2, "invalid choice"),
        (["emit"], 2, "TYPE"),
        (["emit", "invoice.payed"], 2, "invoice.paid"),
        (["emit", "webhook.test"], 2, "endpoints test"),
        (["emit", "invoice.paid", "--data", "{"], 2, "JSON"),
        (["emit", "invoice.paid", "--data", '{"a":NaN}'], 2, "JSON"),
        (["emit", "invoice.paid", "--data", "@/nonexistent"], 2, "/nonexistent"),
        (["emit", "invoice.paid", "--data", "[" * 200 + "]" * 200], 2, "nested"),
        (["emit", "invoice.paid", "--id", "a.b"], 2, "a.b"),
        (["emit", "invoice.paid", "--id", "x" * 65], 2, "64"),
        (["emit", "invoice.paid", "--created-at", "yesterday"], 2, "RFC 3339"),
        (["emit", "--batch", "/nonexistent"], 2, "/nonexistent"),
        (["emit", "--batch", "/"], 2, "/: Is a directory"),
        (["emit", "invoice.paid", "--data", "@/"], 2, "/: Is a directory"),
        (["emit", "invoice.paid", "--data", "@"], 2, "an empty name"),
        (["emit", "invoice.paid", "--data", ""], 2, "data is empty"),
        (["emit", "invoice.paid", "--data", "-"], 2, "data is empty"),
        (["emit", "invoice.paid", "--batch", "-"], 2, "--batch"),
        (["endpoints"], 2, "ACTION"),
        (["endpoints", "show", "acne"], 2, "acme"),
        (["endpoints", "add", "acme", "--url", "http://127.0.0.1:9/", "--events", "*"], 1, "acme"),
        (["endpoints", "add", "New!", "--url", "http://127.0.0.1:9/", "--events", "*"], 2, "New!"),
        (["endpoints", "add", "new", "--url", "http://10.0.0.5/", "--events", "*"], 2, "allow_networks"),
        (
            ["endpoints", "add", "new", "--url", "http://127.0.0.1:9/", "--events", "invoice.payed"],
            2,
            "invoice.paid",
        ),
        (["endpoints", "add", "new", "--url", "http://u:hunter2@h.example/", "--events", "*"], 2, "user"),
        (["endpoints", "edit", "acme"], 2, "nothing to change"),
        (["endpoints", "test"], 2, "--all"),
        (["endpoints", "rotate-secret", "acme", "--overlap", "1000"], 2, "168"),
        (["endpoints", "rotate-secret", "filed"], 2, "secret_file"),
        (["endpoints", "accept-removals"], 1, "consent"),
        (["logs", "acne"], 2, "acme"),
        (["logs", "--state", "bad"], 2, "pending"),
        (["logs", "--since", "teatime"], 2, "teatime"),
        (["logs", "--since", ""], 2, "''"),
        (["logs", "--limit", "-1"], 2, "--limit"),
        (["logs", "--type", "invoice.payed"], 2, "did you mean invoice.paid?"),
        (["logs", "--type", "invoice.paid,invoce.*"], 2, "did you mean invoice.*?"),
        (["logs", "--type", ""], 2, "--type"),
        (["logs", "--event", "evt_none"], 2, "evt_none"),
        (["retry", "evt_none"], 2, "evt_none"),
        (["cancel", "evt_none"], 2, "evt_none"),
        (["trace", "evt_none"], 2, "evt_none"),
        (["replay"], 2, "--since"),
        (["replay", "--since", "1h", "--state", "delivered"], 2, "failed"),
        (["replay", "--since", "1h", "--rate", "0"], 2, "--rate"),
        (["replay", "--since", "1h", "--until", "2h"], 2, "swap"),
        (["replay", "--since", "1h", "--until", ""], 2, "''"),
        (["replay", "--since", "1h", "--type", "invoice.payed"], 2, "invoice.paid"),
        (["replay", "list", "foo"], 2, "ID"),
        (["replay", "list", "--state", "failed"], 2, "--state"),
        (["replay", "cancel", "rpl_none", "--dry-run"], 2, "--dry-run"),
        (["replay", "pause"], 2, "ID"),
        (["replay", "pause", "rpl_none"], 2, "rpl_none"),
        (["status", "--endpoint", "acne"], 2, "acme"),
        (["verify", "--secret-file", "/nonexistent"], 2, "/nonexistent"),
        (["--config", "/", "endpoints", "list"], 2, "folder"),
        (
            ["--state", "/dev/null", "emit", "invoice.paid"],
            2,
            "/dev/null is no folder; name one with --state",
        ),
        (["--state", "/dev/null/state", "logs"], 2, "is no folder; name one with --state"),
        (["--state", "/dev/null", "--daemon"], 2, "is no folder; name one with --state"),
        (["--daemon", "emit"], 2, "--daemon"),
    ],
)
def test_a_mistake_is_one_line_with_the_right_code(
    tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    filed = "[endpoints.filed]\nurl = 'http://127.0.0.1:9/'\nevents = ['*']\nsecret_file = 'none'\n"
    console = Hookconsole(tmp_path, ACME + filed)
    before = console.config.read_text()
    done = console.run(*arguments, code=code)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "hunter2" not in done.stderr
    assert console.config.read_text() == before


def test_an_event_that_is_too_big_is_refused(console: Hookconsole) -> None:
    done = console.run("emit", "invoice.paid", "--data", "-", stdin=json.dumps("x" * 270_000), code=2)
    assert "too big" in done.stderr


def test_a_repeated_id_is_accepted_once_and_a_conflict_is_refused(console: Hookconsole) -> None:
    assert console.run("emit", "invoice.paid", "--id", "a1", "--data", '{"n": 1.0}').stdout == "a1\n"
    assert console.run("emit", "invoice.paid", "--id", "a1", "--data", '{"n":1.0}').stdout == "a1 duplicate\n"
    for other in (["--data", '{"n":1.00}'], ["--data", '{"n":1.0}', "--created-at", "2026-01-01T00:00:00Z"]):
        assert "a1" in console.run("emit", "invoice.paid", "--id", "a1", *other, code=2).stderr
    assert console.lines("emit", "invoice.paid", "--id", "a1", "--data", '{"n":1.0}') == [
        {"event": "a1", "duplicate": True}
    ]


def test_a_bad_line_ends_a_batch_and_what_was_printed_stays(console: Hookconsole) -> None:
    lines = [
        '{"type":"invoice.paid","data":{"n":1},"id":"b1"}',
        '{"type":"invoice.paid","data":{},"id":"b2"}',
        "nonsense",
    ]
    done = console.run("emit", "--batch", "-", stdin="\n".join(lines), code=2)
    assert done.stdout == "b1\nb2\n"
    assert "line 3" in done.stderr
    done = console.run(
        "emit", "--batch", "-", stdin="\n".join([lines[0], '{"type":"invoice.piad","data":{}}']), code=2
    )
    assert done.stdout == "b1 duplicate\n"
    assert "line 2" in done.stderr


def test_the_body_is_what_was_emitted(console: Hookconsole, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    console.daemon()
    data = '{"amount": 2500.00, "n": 123456789012345678901234567890, "b": {"z": 1, "a": "\\u20ac \u2028"}}'
    at = "2026-04-15T14:32:00Z"
    console.emit("invoice.paid", data, id="exact", created_at=at)
    wait_until(lambda: receiver.requests, "the delivery")
    (request,) = receiver.requests
    expected = (
        '{"id":"exact","type":"invoice.paid","created_at":"2026-04-15T14:32:00Z","data":{"amount":2500.00,'
        '"n":123456789012345678901234567890,"b":{"z":1,"a":"\\u20ac \u2028"}}}'
    )
    assert request.body.decode() == expected
    assert request.signature_holds
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("hookconsole/")
    assert request.headers["webhook-id"] == "exact"


def test_off_cancels_and_skips_and_on_offers_what_was_missed(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["invoice.*"]', "retry_schedule = [3600]")
    receiver.answers["/acme"] = 500
    console.daemon()
    waiting, ended_by_hand = console.emit("invoice.paid"), console.emit("invoice.sent")
    wait_until(lambda: list(console.states().values()) == ["retrying"] * 2, "two failures")
    console.run("cancel", ended_by_hand, "--endpoint", "acme")
    console.run("endpoints", "disable", "acme")
    wait_until(lambda: console.states()[waiting, "acme"] == "canceled", "the cancel")
    skipped = console.emit("invoice.created")
    wait_until(lambda: console.states().get((skipped, "acme")) == "skipped", "the skip")
    assert "inactive" in console.run("retry", waiting, code=1).stderr
    assert console.lines("status")[0]["endpoints"][0]["health"] == "inactive"
    receiver.answers["/acme"] = 200
    assert "2 deliveries" in console.run("endpoints", "enable", "acme").stdout
    assert receiver.events("/acme", status=200) == []
    assert "replaying 2" in console.run("endpoints", "enable", "acme", "--replay").stdout
    wait_until(
        lambda: sorted(receiver.events("/acme", status=200)) == sorted([waiting, skipped]), "what was missed"
    )
    assert console.states()[ended_by_hand, "acme"] == "canceled"


def test_a_removed_endpoint_holds_its_deliveries_until_it_returns(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["invoice.*"]', "retry_schedule = [3600]")
    receiver.answers["/acme"] = 500
    console.daemon()
    first, second = console.emit("invoice.paid"), console.emit("invoice.paid")
    wait_until(lambda: list(console.states().values()) == ["retrying"] * 2, "two failures")
    console.run("endpoints", "remove", "acme")
    wait_until(lambda: set(console.states("--state", "held")) == {(first, "acme"), (second, "acme")}, "held")
    assert console.lines("status")[0]["held"] == 2
    console.run("cancel", first)
    console.add("acme", receiver.url("/moved"), '["invoice.*"]')
    wait_until(lambda: receiver.events("/moved") == [second], "delivery at the new URL")
    wait_until(lambda: console.states()[second, "acme"] == "delivered", "its record")
    assert console.states()[first, "acme"] == "canceled"


def test_a_replay_is_counted_asked_for_and_steered(console: Hookconsole, receiver: Receiver) -> None:
    console.config.write_text("[delivery]\nretry_schedule = []\n" + console.config.read_text())
    console.add("acme", receiver.url("/acme"), '["invoice.*"]')
    receiver.answers["/acme"] = 503
    console.daemon()
    batch = "".join('{"type":"invoice.paid","data":{}}\n' for _ in range(150))
    ids = console.run("emit", "--batch", "-", stdin=batch).stdout.split()
    wait_until(lambda: len(receiver.events("/acme")) == 150 and console.drained(), "150 failures")
    counted = console.lines("replay", "--since", "1h", "--dry-run")
    assert counted == [{"endpoint": "acme", "cause": "status 503", "count": 150}]
    assert "--yes" in console.run("replay", "--since", "1h", code=2).stderr
    receiver.answers["/acme"] = 200
    started = console.lines("replay", "--since", "1h", "--rate", "20", "--yes")
    replay = started[0]["replay"]
    wait_until(lambda: len(receiver.events("/acme", status=200)) >= 5, "the replay's beginning")
    console.run("replay", "pause", replay)
    wait_until(lambda: console.lines("replay", "list")[0]["state"] == "paused", "the pause")
    assert "paused" in console.run("replay", "pause", replay, code=1).stderr
    assert 0 < console.lines("replay", "list")[0]["left"] < 150
    console.run("replay", "cancel", replay)
    again = console.lines("replay", "--since", "1h", "--rate", "2000", "--yes")[0]
    wait_until(lambda: set(receiver.events("/acme", status=200)) == set(ids), "everything")
    wait_until(
        lambda: (
            {r["replay"]: r["state"] for r in console.lines("replay", "list")}
            == {replay: "canceled", again["replay"]: "done"}
        ),
        "the replays' end",
    )


def test_a_manual_retry_starts_a_series_and_never_doubles_one(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.add("acme", receiver.url("/acme"), '["invoice.*"]')
    console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: console.states().get((event, "acme")) == "delivered", "the delivery")
    both = [
        subprocess.Popen(
            console.command("retry", event), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(2)
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    wait_until(lambda: len(receiver.events("/acme")) >= 2 and console.drained(), "the retry")
    (delivery,) = console.lines("logs", "acme")
    assert [a["trigger"] for a in delivery["attempts"]][:2] == ["event", "manual"]
    assert len({r.body for r in receiver.requests}) == 1


def test_adding_and_testing_need_no_running_sender(console: Hookconsole, receiver: Receiver) -> None:
    done = console.run("endpoints", "add", "acme", "--url", receiver.url("/acme"), "--events", "invoice.*")
    assert "whsec_" in done.stdout
    assert "test: delivered" in done.stdout
    receiver.answers["/acme"] = 500
    failing = console.run("endpoints", "add", "bad", "--url", receiver.url("/acme"), "--events", "*")
    assert "saved, but the test failed: 500, " in failing.stderr
    console.run("endpoints", "test", "--all", code=1)
    silent = console.run(
        "endpoints", "add", "shy", "--url", receiver.url("/shy"), "--events", "*", "--no-test"
    )
    assert "test:" not in silent.stdout
    assert not [r for r in receiver.requests if r.path == "/shy"]
    listed = console.lines("endpoints", "list")
    assert [e["name"] for e in listed] == ["acme", "bad", "shy"]
    assert "whsec_" not in json.dumps(listed)


def test_a_new_url_is_tested_at_the_new_url_while_a_sender_runs(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.daemon()
    console.run("endpoints", "add", "acme", "--url", receiver.url("/v0"), "--events", "invoice.*")
    receiver.answers["/v3"] = 500
    for version in range(1, 6):
        path = f"/v{version}"
        done = console.run("endpoints", "edit", "acme", "--url", receiver.url(path))
        assert ("test: delivered" in done.stdout) == (version != 3), done.stderr
        assert receiver.requests[-1].path == path
    assert [request.path for request in receiver.requests] == [f"/v{version}" for version in range(6)]


def test_an_endpoint_saved_inactive_is_tested_when_first_switched_on(
    console: Hookconsole, receiver: Receiver
) -> None:
    console.daemon()
    add = ["endpoints", "add", "acme", "--url", receiver.url("/acme"), "--events", "*", "--inactive"]
    assert "test:" not in console.run(*add).stdout
    assert "test: delivered" in console.run("endpoints", "enable", "acme").stdout
    console.run("endpoints", "disable", "acme")
    again = console.run("endpoints", "enable", "acme", "--replay")
    assert "test:" not in again.stdout
    assert "nothing that it missed while it was off is left to replay" in again.stderr
    assert "left to replay" not in console.run("endpoints", "enable", "acme").stderr
    assert len(receiver.requests) == 1


def test_listings_into_a_closed_pipe_end_quietly(console: Hookconsole) -> None:
    console.add("acme", "http://127.0.0.1:9/", '["*"]')
    batch = "".join('{"type":"invoice.paid","data":{}}\n' for _ in range(2000))
    console.run("emit", "--batch", "-", stdin=batch)
    logs = " ".join(f"'{part}'" for part in console.command("logs"))
    done = subprocess.run(["/bin/sh", "-c", f"{logs} | head -1"], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_ctrl_c_is_quiet(console: Hookconsole) -> None:
    console.add("acme", "http://127.0.0.1:9/", '["*"]')
    console.emit("invoice.paid")
    process = subprocess.Popen(
        console.command("logs", "--follow"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "invoice.paid" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert err == ""
    assert process.returncode == 130


@pytest.mark.parametrize(
    "arguments",
    [["emit", "invoice.paid"], ["logs"], ["status"], ["endpoints", "list"], ["check"], ["--help"]],
)
def test_the_commands_never_import_the_console(console: Hookconsole, arguments: list[str]) -> None:
    code = (
        "import sys; from hookconsole.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "assert 'textual' not in sys.modules and 'rich' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code, *console.command(*arguments)[3:]], check=True, capture_output=True
    )


def test_files_are_private_from_the_start(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        console = Hookconsole(tmp_path)
        console.config.unlink()
        console.run("endpoints", "add", "acme", "--url", "https://203.0.113.9/", "--events", "*", code=2)
        console.run(
            "endpoints", "add", "acme", "--url", "https://erp.acme.example/", "--events", "*", "--no-test"
        )
        console.emit("invoice.paid")
    finally:
        os.umask(old)
    assert console.config.stat().st_mode & 0o777 == 0o600
    assert console.state.stat().st_mode & 0o777 == 0o700
    for path in console.state.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_secret_is_taken_from_stdin(console: Hookconsole) -> None:
    url = "https://erp.acme.example/"
    add = ["endpoints", "add", "acme", "--url", url, "--events", "*", "--no-test", "--secret-file", "-"]
    assert SECRET not in console.run(*add, stdin=SECRET + "\n").stdout
    assert f'secret = "{SECRET}"' in console.config.read_text()


def test_following_says_what_changed_and_nothing_else(console: Hookconsole, receiver: Receiver) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    console.add("bad", receiver.url("/bad"), '["*"]')
    receiver.answers["/bad"] = 500
    console.daemon()
    before = console.emit("invoice.paid")
    wait_until(lambda: console.states().get((before, "acme")) == "delivered", "the first delivery")
    with (console.state.parent / "followed").open("w+") as out:
        command = console.command("logs", "--follow", "--limit", "1", "--state", "delivered", "--json")
        follower = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        try:
            path = Path(out.name)
            wait_until(lambda: before in path.read_text(), "what was before")
            first = console.emit("invoice.paid")
            wait_until(lambda: first in path.read_text(), "the delivery in the log that is followed")
            wait_until(lambda: receiver.events("/bad").count(first) >= 2, "a retry of the other")
            second = console.emit("invoice.paid")
            wait_until(lambda: second in path.read_text(), "the second delivery")
            assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == [
                before,
                first,
                second,
            ]
        finally:
            follower.kill()
            follower.wait()


def test_blank_lines_of_a_batch_are_nothing(console: Hookconsole) -> None:
    first, second = (f'{{"type":"invoice.paid","data":{{}},"id":"{name}"}}' for name in ("b1", "b2"))
    lines = f"{first}\n\n  \n{second}\n\nnonsense\n"
    done = console.run("emit", "--batch", "-", stdin=lines, code=2)
    assert done.stdout == "b1\nb2\n"
    assert "line 6" in done.stderr


def test_closed_streams_are_no_error_of_ours(console: Hookconsole) -> None:
    emit = " ".join(f"'{part}'" for part in console.command("emit", "invoice.paid", "--id"))
    for number, closed in enumerate((">&-", "<&-", "2>&-")):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{emit} s{number} {closed}"], capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
    full = subprocess.run(["/bin/sh", "-c", f"{emit} full >/dev/full"], capture_output=True, check=False)
    assert full.returncode == 1
    assert b"accepted, but" in full.stderr


def test_an_emptied_file_stops_no_emit_of_a_type_of_the_companys_own(
    console: Hookconsole, receiver: Receiver
) -> None:
    whole = '[event_types]\n"stock.low" = "low"\n\n' + console.config.read_text()
    console.config.write_text(whole)
    console.add("one", receiver.url("/one"), '["*"]')
    console.add("two", receiver.url("/two"), '["*"]')
    console.daemon()
    for broken in ("", "[broken"):
        console.config.write_text(broken)
        event = console.emit("stock.low")
        wait_until(lambda event=event: event in receiver.events("/one"), "delivery by the last good file")  # type: ignore[misc]


def test_a_receiver_that_fails_is_no_alarm(console: Hookconsole, receiver: Receiver) -> None:
    console.add("bad", receiver.url("/bad"), '["*"]', "retry_schedule = [3600]")
    receiver.answers["/bad"] = 500
    console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: console.states() == {(event, "bad"): "retrying"}, "the first failure")
    assert console.lines("status")[0]["endpoints"][0]["health"] == "failing"
    console.run("status", "--endpoint", "bad", code=1)
