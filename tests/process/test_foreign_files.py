"""What lies where the journal should: said in one line by every command, waited for by none."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Hookconsole


def _folder(path: Path) -> None:
    path.mkdir(0o700)


def _loop(path: Path) -> None:
    path.symlink_to(path)


COMMANDS = ("--daemon", "logs", "status", "trace e1", "retry e1", "replay list", "emit invoice.paid --id e1")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (os.mkfifo, "is no regular file; move it out of the journal"),
        (_folder, "is no regular file; move it out of the journal"),
        (_loop, "can't be read: Too many levels of symbolic links; let the sender's user read it"),
    ],
)
def test_a_segment_that_is_none_is_named(
    console: Hookconsole, make: Callable[[Path], None], what: str, command: str
) -> None:
    journal = console.state / "journal"
    journal.mkdir(0o700, parents=True)
    console.state.chmod(0o700)
    make(journal / "000000000001.jsonl")
    done = console.run(*command.split(), code=1)
    not_accepted = "not accepted: " if command.startswith("emit") else ""
    assert done.stdout == ""
    assert done.stderr == f"hookconsole: {not_accepted}{journal}/000000000001.jsonl {what}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_journal_that_is_no_folder_is_named(console: Hookconsole, command: str) -> None:
    console.state.mkdir(0o700)
    (console.state / "journal").touch(0o600)
    done = console.run(*command.split(), code=1)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert str(console.state / "journal") in done.stderr
    assert "Not a directory" in done.stderr


def test_a_folder_in_the_configs_place_isnt_to_be_made_a_files_mode(console: Hookconsole) -> None:
    console.config.unlink()
    console.config.mkdir(0o755)
    assert "chmod" not in console.run("check", code=1).stdout
