"""Outside text can't move, colour or feed a terminal: every byte that reaches one is of our grammar."""

import signal
from pathlib import Path
from unicodedata import category

import pytest
from garbling import ANSWERS, answering
from grammar import strays
from poisoned import FIELDS, Poisoned
from running import Hookconsole, stop, wait_until
from walking import Walk

HOSTILE = "[red]\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\r\x00\u202e\ufe0f[/][@click=app.quit]x[/]"

NEVER_SHOWN = {"header", "changed", "changed_by", "known_type", "sender_mode", "sender_user", "chosen"}
"""What no view has, masked values among it."""

IN_THE_COMMANDS_ONLY = {"phase", "note_refused"}


@pytest.fixture
def poisoned(tmp_path: Path) -> Poisoned:
    return Poisoned(tmp_path, HOSTILE)


def test_no_screen_of_the_console_obeys_it(poisoned: Poisoned, tmp_path: Path) -> None:
    walk = Walk(poisoned, tmp_path, whole=False)
    walk.run()
    assert walk.strays == []
    assert set(FIELDS) - walk.fields - NEVER_SHOWN == IN_THE_COMMANDS_ONLY
    url, body = walk.copies  # nothing was copied but by the operator's keys
    assert url.startswith("http://127.0.0.1:9/")
    assert {"Cc", "Cf", "Cs", "Zl", "Zp"}.isdisjoint(map(category, body))


def test_no_line_of_the_daemons_log_obeys_it(console: Hookconsole) -> None:
    console.config.write_text("[delivery]\nretry_schedule = []\n" + console.config.read_text())
    with answering() as port:
        for name in ANSWERS:
            console.add(name, f"http://127.0.0.1:{port}/{name}", '["*"]')
        daemon = console.daemon()
        event = console.emit("invoice.paid")
        wait_until(console.drained, "the ends of all attempts")
    with console.config.open("a") as file:
        file.write('[endpoints."\\u001b[2J\\u202e"]\nurl = "x"\n')
    daemon.send_signal(signal.SIGHUP)
    wait_until(lambda: "config refused" in console.daemon_log(), "the refusal")
    assert stop(daemon) == 0
    log = console.daemon_log()
    assert list(strays(log.replace("\n", ""))) == []
    assert "\\x1b[2J\\u202e" in log
    assert log.count("failed for good") == len(ANSWERS)
    for command in ("logs", f"trace {event}"):
        shown = console.run(*command.split()).stdout
        assert list(strays(shown.replace("\n", ""))) == []
    assert "\\x1b[2J\\u202e\\r\\n" in shown
