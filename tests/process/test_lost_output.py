"""Output that nobody takes: a full disk, a reader that has gone. The exit code stays the truth."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Hookconsole, Receiver, stop, wait_until

LOST = ("full", "gone")
HELPS = (["--help"], ["--version"], ["endpoints", "add", "--help"])


@pytest.fixture(params=LOST)
def lost(request: pytest.FixtureRequest) -> Iterator[int]:
    """A descriptor that takes nothing."""
    if request.param == "full":
        descriptor = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, descriptor = os.pipe()
        os.close(reader)
    yield descriptor
    os.close(descriptor)


def _without_stdout(console: Hookconsole, lost: int, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        console.command(*arguments), stdout=lost, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def _is_full(lost: int) -> bool:
    return os.path.samestat(os.fstat(lost), os.stat("/dev/full"))


@pytest.mark.parametrize("arguments", [*HELPS, ["logs"], ["endpoints", "list"], ["completion", "bash"]])
def test_a_result_that_cant_be_printed_is_one_line_and_one_that_isnt_wanted_is_none(
    console: Hookconsole, lost: int, arguments: list[str]
) -> None:
    console.add("acme", "https://erp.acme.example/", '["*"]')
    console.emit("invoice.paid")
    full = "hookconsole: the result can't be printed: No space left on device; look at where stdout goes\n"
    code, err = _without_stdout(console, lost, *arguments)
    assert (code, err) == ((1, full) if _is_full(lost) else (0, ""))


@pytest.mark.parametrize("arguments", [["status"], ["status", "--json"]])
def test_an_alarm_is_one_for_those_who_read_nothing_too(
    console: Hookconsole, lost: int, arguments: list[str]
) -> None:
    code, err = _without_stdout(console, lost, *arguments)
    assert code == 1
    assert err.count("\n") <= 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["logs", "--limit", "x"], 2), (["trace", "unknown"], 2), (["status"], 1), (["replay", "list"], 0)],
)
def test_words_that_nobody_reads_change_no_exit_code(
    console: Hookconsole, lost: int, arguments: list[str], code: int
) -> None:
    console.emit("invoice.paid")
    for out in (subprocess.DEVNULL, lost):
        done = subprocess.run(console.command(*arguments), stdout=out, stderr=lost, timeout=60, check=False)
        assert done.returncode == code


def test_a_batch_whose_ids_nobody_reads_isnt_called_done(
    console: Hookconsole, lost: int, tmp_path: Path
) -> None:
    batch = tmp_path / "batch"
    batch.write_text("".join(f'{{"type":"invoice.paid","data":{{}},"id":"e{n}"}}\n' for n in range(9)))
    code, err = _without_stdout(console, lost, "emit", "--batch", str(batch))
    assert (code, err.count("\n")) == (1, 1)
    assert "accepted, but the ids can't be printed" in err
    assert "the first is e0" in err
    assert len(console.run("logs", "--json").stdout.splitlines()) == 0  # no endpoint; but each id is known
    assert console.run("emit", "invoice.paid", "--id", "e8").stdout == "e8 duplicate\n"


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize(
    "command", ["add bolt --url https://bolt.example/ --events * --no-test", "rotate-secret acme"]
)
def test_a_secret_that_is_shown_once_isnt_lost_unseen(
    console: Hookconsole, lost: int, command: str, as_json: list[str]
) -> None:
    console.add("acme", "https://erp.acme.example/", '["*"]')
    before = console.config.read_text()
    code, err = _without_stdout(console, lost, "endpoints", *command.split(), *as_json)
    assert (code, err.count("\n")) == (1, 1)
    assert f"but the secret can't be printed: {os.strerror(28 if _is_full(lost) else 32)}" in err
    assert err.endswith(f"it stands in {console.config}\n")
    assert console.config.read_text() != before


def test_a_daemon_whose_log_nobody_takes_delivers_and_ends_as_ever(
    console: Hookconsole, receiver: Receiver, lost: int
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    event = console.emit("invoice.paid")
    daemon = subprocess.Popen(console.command("--daemon"), stderr=lost, text=True)
    try:
        wait_until(lambda: receiver.events("/acme") == [event], "the delivery")
        assert stop(daemon) == 0
    finally:
        daemon.kill()
        daemon.wait()
