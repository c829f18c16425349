"""What the commands say where things aren't as hoped: in one process, over a journal with a history."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from story import Pen, story

from hookconsole.cli.main import main
from hookconsole.delivery.lock import SenderLock
from hookconsole.journal import records as r
from operators import Terminal

HEAD = "[security]\nhttps_only = false\nallow_networks = ['127.0.0.0/8']\n"
ENDPOINT = "url = 'http://127.0.0.1:9/'\nevents = ['*']\nsecret = 'whsec_x'\n"

Run = Callable[..., tuple[int, str, str]]
"""Runs a command: its exit code, stdout and stderr."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A file with the endpoints of the story."""
    path = tmp_path / "config.toml"
    path.touch(0o600)
    path.write_text(HEAD + "".join(f"[endpoints.{name}]\n{ENDPOINT}" for name in ("acme", "bolt", "off")))
    return path


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    return Pen(tmp_path / "journal")


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--config", str(config), "--state", str(config.parent), *arguments])
        return (code, *capsys.readouterr())

    return run


def test_a_rotation_within_an_overlap_says_whose_end_it_is(run: Run, config: Path) -> None:
    assert "cut short" not in run("endpoints", "rotate-secret", "acme")[2]
    code, out, err = run("endpoints", "rotate-secret", "acme", "--json")
    assert (code, json.loads(out)["endpoint"]) == (0, "acme")
    until = config.read_text().partition("previous_secret_until = ")[2].split("\n")[0]
    assert until[:10] in err
    assert "cut short" in err
    assert "cut short" in run("endpoints", "rotate-secret", "acme", "--overlap", "0")[2]
    assert "cut short" not in run("endpoints", "rotate-secret", "acme")[2]


@pytest.mark.parametrize("emptied", [True, False])
def test_a_file_that_loses_its_endpoints_isnt_called_a_beginning(
    run: Run, config: Path, emptied: bool
) -> None:
    story(config.parent / "journal").appender.close()
    assert run("endpoints", "list")[2] == ""
    config.write_text("") if emptied else config.unlink()
    for arguments in (["list"], ["list", "--json"], ["test", "--all"], ["show", "acme"]):
        _, out, err = run("endpoints", *arguments)
        assert out == ""
        assert "it loses 4 endpoints; restore them, or run: hookconsole endpoints accept-removals" in err
    run("endpoints", "accept-removals")
    code, _, err = run("endpoints", "list")
    assert (code, err.count("\n")) == (0, 1)
    assert f"no endpoints in {config}; hookconsole endpoints add" in err


@pytest.mark.parametrize("arguments", ["list", "test --all", "test acme", "show acme"])
def test_a_broken_file_is_one_line_with_place_key_and_mend(run: Run, config: Path, arguments: str) -> None:
    config.write_text(config.read_text() + "actve = true\n")
    lines = config.read_text().count("\n")
    mistake = f"{config}:{lines}: endpoints.off.actve: is no key here; did you mean active?"
    assert run("endpoints", *arguments.split()) == (2, "", f"hookconsole: {mistake}\n")


@pytest.mark.parametrize(
    ("event_type", "found"),
    [
        ("webhook.test", True),
        ("webhook.*", True),
        ("stock.low", True),  # the company's own, since taken out of the file
        ("stock.*", True),
        ("stock.high", False),
        ("stoc.*", False),
        ("stock", False),
        ("*", True),
        ("invoice.paid", True),
        ("vat.return_filed", True),  # known, but nothing of it
    ],
)
def test_logs_takes_every_type_that_config_or_journal_knows(
    run: Run, pen: Pen, event_type: str, found: bool
) -> None:
    pen.event("e1", "acme", type="stock.low")
    pen.event("e2", "acme")
    code, out, err = run("logs", "--type", event_type)
    assert code == (0 if found else 2)
    assert ("did you mean" in err) == (not found)
    assert ("e1" in out) == (event_type in ("stock.low", "stock.*", "*"))


def test_logs_knows_an_event_that_nobody_gets(run: Run, pen: Pen) -> None:
    pen.event("e1")
    pen.intake("e1", "")
    assert run("logs", "--event", "e1")[:2] == (0, "")
    assert run("logs", "--event", "e2")[0] == run("trace", "e2")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no delivery matches"),
        (["acme", "--state", "failed"], "no delivery matches"),
        (["--event", "e1"], "no delivery matches; hookconsole trace e1 says why"),
    ],
)
def test_logs_that_finds_nothing_says_so_on_stderr(
    run: Run, pen: Pen, arguments: list[str], said: str
) -> None:
    pen.event("e1")
    pen.intake("e1", "")
    assert run("logs", *arguments) == (0, "", f"hookconsole: {said}\n")
    assert run("logs", *arguments, "--json") == (0, "", "")


def test_logs_and_trace_agree_on_what_no_sender_has_taken_in(run: Run, config: Path, pen: Pen) -> None:
    config.write_text(
        config.read_text() + "active = false\n[endpoints.cold]\n" + ENDPOINT.replace("*", "vat.*")
    )
    pen.event("e1")
    logged = [json.loads(line) for line in run("logs", "--event", "e1", "--json")[1].splitlines()]
    traced = json.loads(run("trace", "e1", "--json")[1])
    assert [(one["endpoint"], one["state"]) for one in reversed(logged)] == [
        ("bolt", "pending"),
        ("acme", "pending"),
    ]
    assert [(one["endpoint"], one["state"]) for one in traced["deliveries"]] == [
        ("acme", "pending"),
        ("bolt", "pending"),
    ]
    assert traced["deliveries"][0]["why"] == "no sender has taken the event in yet; nobody sends now"
    assert traced["not_sent"] == {
        "off": "inactive, and no sender has taken the event in yet",
        "cold": "not subscribed",
    }


def test_trace_names_the_first_of_many_that_didnt_get_it_and_all_in_json(
    run: Run, config: Path, pen: Pen
) -> None:
    names = [f"cold-{number:02}" for number in range(97)]
    table = ENDPOINT.replace("*", "vat.*")
    config.write_text(config.read_text() + "".join(f"[endpoints.{name}]\n{table}" for name in names))
    pen.event("e1", "acme bolt", "off")
    shown = ", ".join(names[:10])
    line = f"not sent to 97 endpoints (not subscribed): {shown} and 87 more, which --json names"
    assert run("trace", "e1")[1].splitlines()[-1] == line
    assert list(json.loads(run("trace", "e1", "--json")[1])["not_sent"]) == names


def test_trace_claims_nothing_of_an_intake_that_has_been_trimmed(run: Run, pen: Pen) -> None:
    carried = {"acme": r.Standing(0, 0, "event")}
    pen.event("e1", accepted_at="2026-04-15T14:00:00Z", carried=carried)
    assert "ended before what is kept" in json.loads(run("trace", "e1", "--json")[1])["not_sent"]["bolt"]


def test_nothing_to_replay_is_said_in_json_too(run: Run, pen: Pen) -> None:
    pen.event("e1", "acme")
    code, out, err = run("replay", "--since", "1h", "--json")
    assert (code, json.loads(out)) == (0, {"replay": None, "total": 0, "rate": 100.0})
    assert err == "hookconsole: nothing to replay\n"
    assert run("replay", "--since", "1h", "--dry-run", "--json") == (0, "", err)


@pytest.mark.parametrize("given", [[], ["--endpoint", "acme"]])
@pytest.mark.parametrize("verb", ["retry", "cancel"])
def test_what_no_sender_has_taken_in_needs_no_retry(run: Run, pen: Pen, verb: str, given: list[str]) -> None:
    pen.event("e1")
    code, out, err = run(verb, "e1", *given)
    assert (code, out) == (1, "")
    assert f"waits for a sender to take it in: nothing to {verb} yet; start one" in err
    assert "acne" in run("retry", "e1", "--endpoint", "acne")[2]


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        ("ended", ""),
        ("pending", "1 delivery to acme unfinished, to be held. Remove acme? [y/N] "),
        ("sending", "1 delivery to acme unfinished, to be held. Remove acme? [y/N] "),
        ("untaken", "1 accepted that no sender has taken in yet, not to be made. Remove acme? [y/N] "),
    ],
)
@pytest.mark.parametrize(("answer", "removed"), [("\n", False), ("y\n", True)])
def test_removing_asks_whenever_something_is_unfinished(
    run: Run,
    pen: Pen,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    asked: str,
    answer: str,
    removed: bool,
) -> None:
    pen.event("e1", "" if state == "untaken" else "acme")
    if state in ("sending", "ended"):
        pen.start("e1", "acme", 1)
    if state == "ended":
        pen.end("e1", "acme", 1, "delivered")
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    code, _, err = run("endpoints", "remove", "acme")
    assert err == asked
    assert ("acme" not in config.read_text()) == (removed or not asked)
    assert code == (0 if removed or not asked else 1)


def test_a_byte_order_mark_is_named(run: Run, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = config.parent / "marked"
    for text, arguments in (
        ('{"type":"invoice.paid","data":{}}', ["--batch", str(marked)]),
        ("", ["--batch", str(marked)]),
        ("{}", ["invoice.paid", "--data", f"@{marked}"]),
    ):
        marked.write_text("\ufeff" + text)
        code, out, err = run("emit", *arguments)
        assert (code, out) == (2, "")
        assert "begins with a byte order mark; save it as UTF-8 without one" in err


def test_an_attempt_that_was_not_sent_has_no_duration_and_no_address(run: Run, pen: Pen) -> None:
    pen.event("e1", "acme bolt")
    for name, error, took in (("acme", "config", 0.0), ("bolt", "timeout", 41.2)):
        pen.start("e1", name, 1)
        pen.end("e1", name, 1, "retrying", error=error, duration_ms=took)
    _, out, _ = run("trace", "e1")
    assert [line for line in out.splitlines() if " ms" in line] == ["      41 ms"]
    _, out, _ = run("logs", "acme")
    assert out.splitlines()[1].endswith("retrying, config")


@pytest.mark.parametrize("rate", ["0", "0.009", "100000.1", "-1", "nan", "inf", "-inf"])
def test_a_rate_has_its_bounds(run: Run, pen: Pen, rate: str) -> None:
    for good in ("0.01", "100000"):
        assert run("replay", "--since", "1h", f"--rate={good}")[0] == 0
    assert run("replay", "--since", "1h", f"--rate={rate}") == (
        2,
        "",
        "hookconsole: --rate must be from 0.01 to 100000 deliveries a second\n",
    )


@pytest.mark.parametrize("given", [["--secret", "whsec_canary"], ["--secret=whsec_canary"]])
def test_a_secret_as_an_argument_is_refused_and_not_echoed(run: Run, config: Path, given: list[str]) -> None:
    before = config.read_text()
    code, out, err = run("endpoints", "add", "bolt", "--url", "https://b.example/", "--events", "*", *given)
    assert code == 2
    assert "--secret-file" in err
    assert "canary" not in out + err
    assert config.read_text() == before


def test_a_secret_that_goes_into_a_loose_file_is_warned_of(run: Run, config: Path) -> None:
    config.chmod(0o644)
    assert f"chmod 600 {config}" in run("endpoints", "rotate-secret", "acme")[2]
    config.chmod(0o600)
    assert "chmod" not in run("endpoints", "rotate-secret", "acme")[2]


def test_a_held_delivery_has_no_next_attempt(run: Run, config: Path, pen: Pen) -> None:
    pen.event("waits", "gone")
    pen.start("waits", "gone", 1)
    pen.end("waits", "gone", 1, "retrying")
    (delivery,) = json.loads(run("trace", "waits", "--json")[1])["deliveries"]
    assert (delivery["state"], delivery["next_attempt_at"]) == ("held", None)


@pytest.mark.parametrize("waiting", [True, False])
def test_status_tells_a_sender_that_waits_from_one_that_delivers(
    run: Run, config: Path, waiting: bool
) -> None:
    lock = SenderLock(config.parent)
    lock.acquire("daemon")
    lock.publish(refused="it loses 2 endpoints", waiting=waiting)
    try:
        first, *_ = run("status")[1].splitlines()
        how = "WAITING for a config that isn't refused" if waiting else "running"
        assert first.startswith(f"sender: {how}, pid ")
    finally:
        lock.release()


def test_since_holds_for_what_no_sender_has_taken_in_too(run: Run, pen: Pen) -> None:
    pen.event("taken", "acme")
    pen.event("waits")
    assert {line.split()[2] for line in run("logs", "--since", "1h")[1].splitlines()} == {"taken", "waits"}
    assert run("logs", "--since", "2100-01-01T00:00:00Z")[:2] == (0, "")


@pytest.mark.parametrize("follow", [[], ["--follow"]])
def test_a_limit_may_be_any_number(
    run: Run, pen: Pen, follow: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookconsole.operating.logbook.follow", lambda *_: ())
    pen.event("e1", "acme")
    for limit, shown in (("0", 0), ("1", 1), ("9" * 30, 1)):
        code, out, err = run("logs", "--limit", limit, *follow)
        assert (code, out.count("\n"), err) == (0, shown, "")


def test_show_and_status_count_what_is_pending_alike(run: Run, pen: Pen) -> None:
    pen.event("e1", "acme")
    pen.event("untaken")
    (acme,) = json.loads(run("status", "--endpoint", "acme", "--json")[1])["endpoints"]
    assert acme["pending"] == 2
    assert run("endpoints", "show", "acme")[1].splitlines()[-1].split() == ["pending", "2"]
