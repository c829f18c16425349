"""What commands print over hostile files, run in this process."""

import contextlib

import pytest
from grammar import strays
from poisoned import Poisoned

from hookconsole.cli.main import main

COMMANDS = (
    "status",
    "logs",
    "logs acme",
    "trace evt_plain",
    "trace evt_again",
    "trace evt_off",
    "endpoints list",
    "endpoints show acme",
    "endpoints test acme",
    "endpoints test --all",
    "check",
    "check --deep",
    "replay list",
    "replay --since 2h --dry-run",
    "retry evt_plain",
    "cancel evt_again --endpoint acme",
)


def as_argument(text: str) -> str:
    """A hostile text as an argument or a file's name: it has no NUL, no slash, but any bytes."""
    return text.replace("\x00", "").replace("/", "") + "\udcff"


class Prints:
    """What commands print, by their command line."""

    def __init__(self, poisoned: Poisoned, capsys: pytest.CaptureFixture[str]) -> None:
        self._poisoned = poisoned
        self._capsys = capsys

    def __call__(self, line: str, *, config: str = "", state: str = "") -> str:
        """Everything, on both streams; none of it is anything but text in lines."""
        home = self._poisoned.console
        given = as_argument(self._poisoned.text)
        where = ["--config", config or str(home.config), "--state", state or str(home.state)]
        arguments = [part.replace("GIVEN", given) for part in line.split()]
        with contextlib.suppress(SystemExit):
            main([*where, *arguments])
        printed = self._capsys.readouterr()
        text = printed.out + printed.err
        assert list(strays(text.replace("\n", ""))) == [], line
        assert "unexpected error" not in text
        return text
