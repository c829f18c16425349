"""Outside text can't move, colour or feed a terminal: every byte that reaches one is of our grammar."""

from pathlib import Path
from unicodedata import category

import pytest
from poisoned import FIELDS, Poisoned
from walking import Walk

HOSTILE = "[red]\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\r\x00\u202e\ufe0f[/][@click=app.quit]x[/]"

NEVER_SHOWN = {"header", "changed", "changed_by", "known_type", "sender_mode", "sender_user", "chosen"}
"""What no view has, masked values among it."""

IN_THE_COMMANDS_ONLY = {"phase", "note_refused"}


@pytest.fixture
def poisoned(tmp_path: Path) -> Poisoned:
    return Poisoned(tmp_path, HOSTILE)


def test_no_screen_of_the_console_obeys_it(poisoned: Poisoned, tmp_path: Path) -> None:
    walk = Walk(poisoned, tmp_path)
    walk.run()
    assert walk.strays == []
    assert set(FIELDS) - walk.fields - NEVER_SHOWN == IN_THE_COMMANDS_ONLY
    url, body = walk.copies  # nothing was copied but by the operator's keys
    assert url.startswith("http://127.0.0.1:9/")
    assert {"Cc", "Cf", "Cs", "Zl", "Zp"}.isdisjoint(map(category, body))
