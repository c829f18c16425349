"""A registry edit killed before every write, sync and rename: the file is the old one or the new one, whole.

What a kill leaves behind is private, and gone after the next edit.
"""

import re
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from audit import Audit
from kernel import killed_at, needs_strace, was_killed
from running import Hookconsole, Receiver, stop, wait_until

pytestmark = needs_strace

CALLS = ("write", "fsync", "fdatasync", "rename", "unlink")
NEW = ["--url", "http://127.0.0.1:9/new", "--events", "*", "--no-test"]
EDITS = {
    "add": ["add", "new", *NEW],
    "edit": ["edit", "acme", "--description", "on-call: Anna"],
    "rotate": ["rotate-secret", "acme", "--overlap", "1"],
}


def _without_chance(text: str) -> str:
    """A config without what is different each time: generated secrets and times."""
    text = re.sub(r"whsec_[A-Za-z0-9+/=]+", "whsec_", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "T", text)


@pytest.mark.parametrize("name", list(EDITS))
def test_an_edit_that_is_killed_anywhere_leaves_the_old_file_or_the_new_one(
    console: Hookconsole, receiver: Receiver, record_property: Callable[[str, object], None], name: str
) -> None:
    console.config.write_text("# Ours, by hand\n" + console.config.read_text())
    console.add("other", receiver.url("/other"), '["*"]')
    console.add("acme", receiver.url("/acme"), '["*"]  # all of it')
    edit = console.command("endpoints", *EDITS[name])
    old = console.config.read_text()
    subprocess.run(edit, check=True, capture_output=True)
    new = _without_chance(console.config.read_text())
    assert new != old

    survived, found = 0, set()
    for call in CALLS:
        for number in count(1):
            console.config.write_text(old)
            done = subprocess.run(killed_at(call, number, edit), capture_output=True, text=True, check=False)
            if not was_killed(done):
                break
            survived += 1
            text = console.config.read_text()
            assert text == old or _without_chance(text) == new
            found.add((text == old, bool(done.stdout)))
            _assert_nothing_harms(console)
    assert {was_old for was_old, _ in found} == {True, False}
    assert (True, True) not in found, "said to be saved, and wasn't"

    console.run("endpoints", "edit", "other", "--description", "the next edit")
    assert {p.name for p in console.config.parent.iterdir()} == {"config.toml", "config.toml.lock", "state"}
    daemon = console.daemon()
    event = console.emit("invoice.paid")
    wait_until(lambda: event in receiver.events("/other"), "a delivery by what was left")
    assert stop(daemon) == 0
    Audit(console.state).assert_sound()
    record_property("figure", f"{survived} SIGKILLs survived")


def _assert_nothing_harms(console: Hookconsole) -> None:
    """All that lies beside the file is known and private."""
    beside: set[Path] = set(console.config.parent.iterdir())
    assert {p.name for p in beside} <= {"config.toml", "config.toml.lock", ".config.toml.tmp", "state"}
    assert not [p for p in beside if p.stat().st_mode & 0o077 and p.is_file()]
    Audit(console.state).assert_sound()
