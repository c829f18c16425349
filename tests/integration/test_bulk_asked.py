"""What acts on many deliveries asks first: No is the answer to everything but y, or a large number typed."""

import io
import sys
from pathlib import Path

import pytest
from story import Pen

from hookconsole.cli.main import main
from hookconsole.delivery.adoption import fingerprint
from hookconsole.journal import records as r
from operators import Terminal, told

ENDPOINT = "url = 'https://acme.example/'\nevents = ['*']\nsecret = 'whsec_x'\n"

ANSWERS = [
    (1, "y\n", True),
    (1, "YES\n", True),
    (1, "\n", False),
    (1, "", False),
    (1, "n\n", False),
    (1, "1\n", False),
    (100, "y\n", True),
    (101, "y\n", False),
    (101, "100\n", False),
    (101, "\n", False),
    (101, "101\n", True),
]


def run(folder: Path, *arguments: str) -> int:
    """Run a command on what `waiting` and `failed` have made."""
    return main(["--config", str(folder / "config.toml"), "--state", str(folder / "state"), *arguments])


def has(folder: Path, count: int, how: str) -> None:
    """An endpoint, and so many deliveries that failed, wait, or were skipped while it was off."""
    config = folder / "config.toml"
    config.touch(0o600)
    config.write_text(f"[endpoints.acme]\n{ENDPOINT}" + ("active = false\n" if how == "skipped" else ""))
    pen = Pen(folder / "state" / "journal")
    known = r.Known(active=how != "skipped", tested=fingerprint("https://acme.example/"))
    known.off_since = "" if known.active else "2026-04-15T14:32:00Z"
    pen.put(r.Registry, endpoints={"acme": known}, removed=[], event_types=[])
    for number in range(count):
        pen.event(f"e{number}", *(("", "acme") if how == "skipped" else ("acme",)))
        if how == "failed":
            pen.start(f"e{number}", "acme", 1)
            pen.end(f"e{number}", "acme", 1, "failed")
    pen.appender.close()


ACTS = {
    "failed": ("replay --since 1d", [], ["replay None"]),
    "waiting": ("endpoints disable acme", [], ["change disabled acme"]),
    "unfinished": ("endpoints remove acme", [], ["change removed acme"]),
    "skipped": ("endpoints enable acme", ["change enabled acme"], ["change enabled acme", "replay acme"]),
}
"""By what there is much of: the command, and what it does if that isn't agreed to and if it is."""


@pytest.mark.parametrize("how", ACTS)
@pytest.mark.parametrize(("count", "answer", "agreed"), ANSWERS)
def test_it_is_done_only_when_it_is_agreed_to(
    count: int, answer: str, agreed: bool, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has(tmp_path, count, how)
    command, without, then = ACTS[how]
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert run(tmp_path, *command.split()) == (0 if agreed or without else 1)
    assert [line for line, _ in told(tmp_path / "state" / "journal")] == (then if agreed else without)


def test_where_nobody_can_be_asked_a_replay_needs_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    has(tmp_path, 101, "failed")
    monkeypatch.setattr(sys, "stdin", io.StringIO("101\ny\n"))
    assert run(tmp_path, "replay", "--since", "1d") == 2
    assert "Nobody can be asked here: give --yes" in capsys.readouterr().err
    assert told(tmp_path / "state" / "journal") == []
    assert run(tmp_path, "replay", "--since", "1d", "--yes") == 0
    assert [line for line, _ in told(tmp_path / "state" / "journal")] == ["replay None"]
