"""A config file that goes wrong under a running sender: it says so by line and key, and sends on as before.

What can stand at the path of a file stands there in turn; the next good file is taken.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sending import SECRET, Site, run, settled, until

from hookconsole.config import watch
from hookconsole.delivery import sender
from hookconsole.delivery.lock import sender_note
from hookconsole.journal import records as r

SOUND = f"""\
[delivery]
retry_schedule = []

[endpoints.acme]
url = "https://acme.example/hooks"
events = ["*"]
secret = "{SECRET}"
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(sender, "WATCH_SECONDS", 0.01)
    monkeypatch.setattr(watch, "SETTLE_SECONDS", 0.02)
    made = Site(tmp_path)
    made.write(SOUND)
    return made


def text(change: Callable[[str], str | bytes]) -> Callable[[Path], None]:
    """The file's text changed, in place."""

    def write(path: Path) -> None:
        new = change(SOUND)
        path.write_bytes(new if isinstance(new, bytes) else new.encode())

    return write


def by_rename(path: Path) -> None:
    """As vim saves."""
    path.rename(path.with_suffix(".toml~"))
    path.write_text(SOUND.replace("[]", '"soon"'))


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("none")


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut in a string": (text(lambda t: t[: t.index("_MDEy")]), ":7: endpoints.acme.secret: not valid TOML"),
    "cut in a header": (text(lambda t: t[: t.index("acme]")]), ":4: not valid TOML"),
    "cut in a key": (text(lambda t: t[: t.index("secret")] + "sec"), ":7: not valid TOML"),
    "cut between keys": (text(lambda t: t[: t.index("secret")]), ":4: endpoints.acme: has no secret"),
    "a table twice": (text(lambda t: t + t), ":8: delivery: not valid TOML"),
    "an unknown key": (text(lambda t: t.replace("secret", "secrect")), ":7: endpoints.acme.secrect: "),
    "a boolean": (text(lambda t: t.replace("[]", "true")), ":2: delivery.retry_schedule: must be an array"),
    "not a number": (text(lambda t: t.replace("[]", "[nan]")), ":2: delivery.retry_schedule: entry 1"),
    "many digits": (text(lambda t: t.replace("[]", "9" * 5000)), ":2: delivery.retry_schedule: has an int"),
    "depth": (text(lambda t: t.replace("[]", "[" * 5000)), ":2: delivery.retry_schedule: has arrays"),
    "UTF-16": (text(lambda t: t.encode("utf-16")), ":1: the file is UTF-16"),
    "a mark": (text(lambda t: "\ufeff" + t), ":1: the file begins with a byte order mark"),
    "Latin-1": (text(lambda t: t.encode() + b"# caf\xe9"), ":8: byte 0xe9 is not UTF-8"),
    "NULs": (text(lambda t: b"\0" * len(t)), ":1: the file is nothing but NUL bytes"),
    "NULs at the end": (text(lambda t: t.encode() + b"\0" * 99), ":8: not valid TOML"),
    "no table": (text(lambda _: "endpoints = 5"), ":1: endpoints: must be tables"),
    "an array of tables": (text(lambda t: t.replace("[endpoints.acme]", "[[endpoints.acme]]")), ":4: endp"),
    "a forbidden header": (text(lambda t: t + 'headers = { Host = "x" }'), ":8: endpoints.acme.headers"),
    "a header with ESC": (text(lambda t: t + r'headers = { X = "\u001b" }'), ":8: endpoints.acme.headers"),
    "a forbidden address": (text(lambda t: t.replace("acme.ex", "10.0.0.1/")), ":5: endpoints.acme.url"),
    "too big": (text(lambda t: t + "#" * (16 << 20)), " is over 16 MiB"),
    "by rename": (by_rename, ":2: delivery.retry_schedule: must be an array"),
    "a FIFO": (fifo, " is no regular file"),
    "a folder": (folder, " is a folder"),
    "a link to itself": (loop, "symbolic links"),
    "a link to nothing": (dangling, "is a link to nothing"),
    "a device": (device, " is no regular file"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_goes_wrong_changes_nothing_and_is_told_until_it_is_mended(
    site: Site, fault: str
) -> None:
    spoil, says = FAULTS[fault]
    config = site.home.config

    async def scenario() -> None:
        async with site.sending() as running:
            spoil(config)
            await until(lambda: running.lock.note.refused, "it isn't told")
            note = sender_note(site.home.state)
            assert note is not None
            assert f"{config}{says}" in note.refused or (says in note.refused and str(config) in note.refused)
            assert SECRET not in note.refused
            assert note.refused.isprintable()
            site.emit("evt_1")
            await settled(site, "evt_1")
            if config.is_dir() and not config.is_symlink():
                config.rmdir()
            site.write(SOUND.replace("acme.example", "moved.example"))
            await until(lambda: not running.lock.note.refused, "it isn't mended")
            site.emit("evt_2")
            await settled(site, "evt_2")

    run(scenario)
    assert site.receivers.got("acme.example") == ["evt_1"]
    assert site.receivers.got("moved.example") == ["evt_2"]
    assert site.records(r.Registry)[-1].removed == []
