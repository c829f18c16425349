"""Whatever text comes from outside, no command prints anything that a terminal would obey."""

import fcntl
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from poisoned import FIELDS, Poisoned
from printed import COMMANDS, Prints, as_argument

HOSTILE = "[red]\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\r\x00\u202e\ufe0f[/]"
GIVEN = as_argument(HOSTILE)

ASKED = (
    "GIVEN",
    "status --endpoint GIVEN",
    "logs GIVEN",
    "logs --state GIVEN",
    "logs --type GIVEN",
    "logs --since GIVEN",
    "logs --event GIVEN",
    "logs --limit GIVEN",
    "trace GIVEN",
    "retry GIVEN",
    "cancel evt_again --endpoint GIVEN",
    "endpoints show GIVEN",
    "endpoints add GIVEN --url https://a.example/ --events invoice.paid",
    "endpoints add new --url GIVEN --events invoice.paid",
    "endpoints add new --url https://a.example/ --events GIVEN",
    "endpoints add new --url https://a.example/ --events invoice.paid --secret-file GIVEN",
    "endpoints edit acme --url GIVEN",
    "endpoints GIVEN",
    "emit GIVEN",
    "emit invoice.paid --data GIVEN",
    "emit invoice.paid --data @GIVEN",
    "emit invoice.paid --id GIVEN",
    "emit invoice.paid --created-at GIVEN",
    "emit --batch GIVEN",
    "replay --since GIVEN",
    "replay --since 1h --state GIVEN",
    "replay pause GIVEN",
    "replay GIVEN",
    "verify --secret-file GIVEN",
    "verify --endpoint bolt --signature GIVEN",
    "verify --endpoint bolt --id GIVEN --timestamp 1",
    "listen --port GIVEN",
    "listen --endpoint GIVEN",
    "completion GIVEN",
    "demo --seconds GIVEN",
)


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Poisoned:
    return Poisoned(tmp_path_factory.mktemp("poisoned"), HOSTILE)


@pytest.fixture
def prints(poisoned: Poisoned, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Prints:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HOSTILE.encode())))
    monkeypatch.setenv("SUDO_USER", GIVEN)
    return Prints(poisoned, capsys)


@pytest.fixture
def somebody_sends(poisoned: Poisoned) -> Iterator[None]:
    poisoned.write_note()
    with (poisoned.console.state / "sender.lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("line", COMMANDS)
def test_what_the_files_hold(prints: Prints, line: str) -> None:
    assert prints(line)
    if not line.startswith(("cancel", "check --deep", "retry", "endpoints test")):
        assert prints(f"{line} --json")


@pytest.mark.parametrize("line", ASKED)
def test_what_the_command_line_holds(prints: Prints, line: str) -> None:
    assert prints(line)


@pytest.mark.usefixtures("somebody_sends")
def test_what_a_senders_note_holds(prints: Prints) -> None:
    assert "<note_mode>[red]\\x1b[2J" in prints("status")
    assert "<note_user>" in prints("--daemon")


def test_where_the_files_are(prints: Prints, tmp_path: Path) -> None:
    folder = tmp_path / GIVEN
    folder.mkdir()
    config, state = folder / GIVEN, folder / "state"
    config.write_text("not TOML")
    where = {"config": str(config), "state": str(state)}
    for line in ("status", "check", "endpoints list", "endpoints show acme", "--daemon"):
        assert "\\x1b" in prints(line, **where), line
    prints("emit no.such", **where)
    config.unlink()
    added = prints("endpoints add new --url https://a.example/ --events * --no-test", **where)
    assert "\\x1b" in added.splitlines()[0]
    assert "\\x1b" in prints("status", config=str(config), state=str(config))


def test_every_field_was_printed_by_some_command(prints: Prints) -> None:
    printed = "".join(map(prints, COMMANDS[:-2]))
    seen = {field for field in FIELDS if f"<{field}>" in printed}
    assert seen >= {
        "about",
        "url",
        "secret_file",
        "ca_file",
        "theme",
        "key",
        "event",
        "type",
        "data",
        "detail",
    }
    assert seen >= {"error", "remote", "phase", "answer_body", "canceled_by", "retried_by", "replayed_by"}
