"""The table of commands, and `[console.keys]` over it."""

import itertools
import subprocess
import sys

import pytest

from hookconsole.console.app import ConsoleApp
from hookconsole.console.commands import COMMANDS
from hookconsole.console.keymap import in_force, key_of, shown, together, usable


def test_ids_are_unique_and_no_key_means_two_things_in_one_view() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    for one, other in itertools.combinations(COMMANDS, 2):
        if together(one, other):
            assert not set(one.keys.split(",")) & set(other.keys.split(",")), (one.id, other.id)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.scope == "app"], ids=str)
def test_the_application_obeys_its_commands(command: object) -> None:
    assert hasattr(ConsoleApp, f"action_{command.action}")  # type: ignore[attr-defined]


def test_every_key_is_one() -> None:
    for command in COMMANDS:
        for key in command.keys.split(","):
            assert key_of(key) == key, command.id


def test_what_destroys_writes() -> None:
    assert [command.id for command in COMMANDS if command.destroys and not command.writes] == []


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("?", "question_mark"),
        (",", None),
        ("comma", "comma"),
        ("+", "plus"),
        ("Q", "Q"),
        ("f12", "f12"),
        ("ctrl+x", "ctrl+x"),
        ("shift+ctrl+up", "ctrl+shift+up"),
        ("shift+a", None),
        ("hyper+a", None),
        ("ctrl+ctrl+a", None),
        ("", None),
        ("ab", None),
        ("é", None),
        (" ", None),
    ],
)
def test_keys_by_their_names(given: str, key: str | None) -> None:
    parts = [key_of(part) for part in given.split(",")]
    assert (parts[0] if len(parts) == 1 else None) == key


def test_a_key_is_shown_as_it_is_typed() -> None:
    assert shown("colon,ctrl+p") == ": ctrl+p"
    assert shown("escape") == "esc"


def test_keys_are_remapped_by_id() -> None:
    chosen, problems = usable({"delivery.retry": "ctrl+r", "app.help": "?,f1"})
    assert problems == []
    assert chosen == {"delivery.retry": "ctrl+r", "app.help": "question_mark,f1"}
    assert in_force(chosen)["delivery.retry"] == "ctrl+r"
    assert in_force(chosen)["app.quit"] == "q"


def test_two_commands_may_change_their_keys() -> None:
    swapped = {"endpoint.add": "t", "endpoint.test": "a"}
    assert usable(swapped) == (swapped, [])


@pytest.mark.parametrize(
    ("id_", "key", "said"),
    [
        ("app.hlep", "f1", "'app.hlep' is no command; did you mean app.help?"),
        ("app.help", "hyper+x", "app.help: 'hyper+x' is no key"),
        ("app.help", "", "app.help: '' is no key"),
        ("delivery.retry", "q", "delivery.retry: q is the key of app.quit, too"),
        ("app.zoom", "j", "app.zoom: j is the key of list.down, too"),
        ("endpoint.add", "t", "endpoint.add: t is the key of endpoint.test, too"),
        ("endpoint.test", "r", "endpoint.test: r is the key of delivery.retry, too"),
        ("app.\x1b[2J", "x", "\\x1b[2J"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_and_passed_over(id_: str, key: str, said: str) -> None:
    chosen, (problem,) = usable({id_: key, "app.freeze": "f2"})
    assert chosen == {"app.freeze": "f2"}
    assert said in problem


def test_views_that_are_never_open_at_once_may_share_a_key() -> None:
    assert usable({"replay.pause": "x"})[1] == []


def test_the_table_needs_no_textual() -> None:
    code = "import sys, hookconsole.console.{}; assert 'textual' not in sys.modules"
    for module in ("keymap", "help"):
        subprocess.run([sys.executable, "-c", code.format(module)], check=True)
