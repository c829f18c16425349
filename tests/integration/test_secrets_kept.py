"""No object shows a secret by its `repr`; what is written with one in it is private from its first byte."""

import gc
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookconsole.cli.main import main
from hookconsole.cli.secret_option import ChosenSecret
from hookconsole.config.load import load, parse_whole
from hookconsole.config.watch import Watcher
from hookconsole.console import crash
from hookconsole.console.dialogs.secret import SecretDialog, write_private
from hookconsole.console.dialogs.sheet import Sheet, opened
from hookconsole.console.editor import write_template
from hookconsole.delivery.attempt import request_for
from hookconsole.delivery.lock import SenderLock
from hookconsole.delivery.target import Target
from hookconsole.operating.desk import Desk
from hookconsole.paths import Home

SECRET, PREVIOUS = "whsec_" + "c2VjcmV0" * 5, "whsec_" + "cHJldmlv" * 5
HEADER, QUERY = "canary-header", "canary-query"
CONFIG = f"""
[endpoints.acme]
url = "https://acme.example/hooks?token={QUERY}"
events = ["*"]
secret = "{SECRET}"
previous_secret = "{PREVIOUS}"
previous_secret_until = 2100-01-01T00:00:00Z
headers = {{ "X-Own" = "{HEADER}" }}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    return Home(path, tmp_path / "state")


def ours() -> Iterator[object]:
    """Every object of a class of ours that there is now."""
    for found in gc.get_objects():
        if str(type(found).__module__).startswith("hookconsole."):
            yield found


def test_no_object_shows_what_it_holds(home: Home) -> None:
    desk = Desk(home)
    config = load(home.config)
    target = Target(config.endpoints["acme"], config)
    start = opened(desk, "acme")
    sheet = Sheet(start)
    texts = {**sheet.before, "url": f"https://b.example/?{QUERY}", "headers": f"X-Own: {HEADER}"}
    held = [
        target,
        target.keys(0.0),
        target.head,
        request_for(target, "evt_1", b"{}", 0.0),
        parse_whole(CONFIG.encode(), home.config),
        Watcher(home.config, None).poll(0.0),
        ChosenSecret(SECRET, PREVIOUS),
        start,
        sheet.judge("acme", texts),
        SecretDialog("acme", SECRET),
    ]
    shown = [*map(repr, held), *map(repr, ours())]
    assert len(shown) > 50
    for secret in (SECRET, PREVIOUS, HEADER, QUERY, SECRET.removeprefix("whsec_")):
        assert [text[:300] for text in shown if secret in text] == []
    desk.close()


# Files


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("no_umask")
def test_every_file_is_made_private_whatever_the_umask(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: dict[str, int] = {}
    real_open, real_mkdir = os.open, os.mkdir

    def watching_open(path: str, flags: int, mode: int = 0o777, **options: int) -> int:
        if flags & os.O_CREAT:
            made[str(path)] = mode
        return real_open(path, flags, mode, **options)

    def watching_mkdir(path: str, mode: int = 0o777, **options: int) -> None:
        made[str(path)] = mode
        real_mkdir(path, mode, **options)

    monkeypatch.setattr(os, "open", watching_open)
    monkeypatch.setattr(os, "mkdir", watching_mkdir)
    where = ["--config", str(home.config), "--state", str(home.state)]
    acme = ["https://a.example/", "--events", "*", "--no-test"]
    assert main([*where, "endpoints", "add", "new", "--url", *acme]) == 0
    assert main([*where, "endpoints", "rotate-secret", "new"]) == 0
    assert main([*where, "emit", "invoice.paid", "--id", "own"]) == 0
    fresh = ["--config", str(tmp_path / "new" / "config.toml"), "--state", str(home.state)]
    assert main([*fresh, "endpoints", "add", "new", "--url", *acme]) == 0
    write_private(str(tmp_path / "secret"), SECRET)
    write_template(tmp_path / "template.toml")
    crash.record(ValueError(SECRET), home.state)
    lock = SenderLock(home.state)
    lock.acquire("daemon")
    lock.release()
    capsys.readouterr()

    names = {Path(path).name for path in made}
    assert {".config.toml.tmp", "secret", "template.toml", "journal", "sender.lock"} <= names
    for path, mode in made.items():
        assert mode & 0o077 == 0, path
    for file in tmp_path.rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
