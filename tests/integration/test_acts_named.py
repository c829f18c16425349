"""Every act of an operator by a command is in the journal, durable and in the operator's name."""

import shlex
from pathlib import Path

import pytest
from story import Pen, story
from writing import watched

from hookconsole import who
from hookconsole.cli.main import main
from hookconsole.cli.registry import ACTIONS
from hookconsole.journal import records as r
from hookconsole.journal import segments
from operators import told

SETTINGS = "[security]\nhttps_only = false\nallow_networks = ['127.0.0.0/8']\n"
ENDPOINT = "url = 'http://127.0.0.1:9/'\nevents = ['*']\nsecret = 'whsec_x'\n"
URL = "--url http://127.0.0.1:9/new"
OFF = r.Known(active=True, off_since="2026-04-15T14:32:00Z")

ACTS: list[tuple[str, list[str]]] = [
    (f"endpoints add new {URL} --events * --no-test", ["change added new"]),
    (f"endpoints add new {URL} --events *", ["change added new", "event webhook.test new"]),
    ("endpoints edit acme --events vat.*", ["change edited acme"]),
    (f"endpoints edit acme {URL}", ["change edited acme", "event webhook.test acme"]),
    ("endpoints remove acme --yes", ["change removed acme"]),
    ("endpoints disable acme --yes", ["change disabled acme"]),
    ("endpoints enable off", ["change enabled off", "event webhook.test off"]),
    ("endpoints enable bolt --replay", ["replay bolt"]),
    ("endpoints rotate-secret acme", ["change rotated acme"]),
    ("endpoints test acme", ["event webhook.test acme"]),
    ("endpoints accept-removals", ["consent lost1 lost2 lost3 lost4 lost5 new"]),
    ("retry sent --endpoint acme", ["retry sent acme"]),
    ("retry sent --endpoint acme --wait", ["retry sent acme"]),
    ("cancel pending --endpoint acme", ["cancel pending acme"]),
    ("replay --since 1d --yes", ["replay None"]),
    ("replay resume rpl_1", ["replay_control resume rpl_1"]),
    ("replay cancel rpl_1", ["replay_control cancel rpl_1"]),
    ("replay pause rpl_2", ["replay_control pause rpl_2"]),
]


@pytest.fixture
def pen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pen:
    """A registry and a journal with something for each act; anna is at work."""
    config = tmp_path / "config.toml"
    config.touch(0o600)
    endpoints = {"acme": "", "bolt": "", "off": "active = false\n"}
    config.write_text(
        SETTINGS + "".join(f"[endpoints.{n}]\n{ENDPOINT}{more}" for n, more in endpoints.items())
    )
    pen = story(tmp_path / "state" / "journal")
    items = [r.ReplayItem("replayed", "bolt", *pen.places["replayed"], 1)]
    pen.put(r.ReplayItems, replay="rpl_2", items=items)
    pen.put(r.Replay, replay="rpl_2", chosen={}, total=1, rate=1.0, user="otto")
    monkeypatch.setattr(who, "_login", lambda: "anna")
    return pen


@pytest.mark.parametrize(("command", "said"), ACTS, ids=[command for command, _ in ACTS])
def test_it_is_in_the_journal_with_the_users_name(
    command: str, said: list[str], pen: Pen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "accept-removals" in command:
        lost = {f"lost{number}": r.Known() for number in range(1, 6)}
        pen.put(r.Registry, endpoints=lost, removed=["off"], event_types=[])
    if command.startswith("endpoints enable bolt"):
        pen.put(r.Registry, endpoints={"bolt": OFF}, removed=[], event_types=[])
        pen.event("missed", "", "bolt")
    before = len(told(tmp_path / "state" / "journal"))
    disk: list[str] = []
    watched(monkeypatch, "append_locked", lambda *_: disk.append("append"), owner=segments.Appender)
    watched(monkeypatch, "sync_file", lambda _: disk.append("sync"), owner=segments)
    main(
        ["--config", str(tmp_path / "config.toml"), "--state", str(tmp_path / "state"), *shlex.split(command)]
    )
    assert told(tmp_path / "state" / "journal")[before:] == [(one, "anna") for one in said]
    assert disk[0] == "append"
    assert disk[-1] == "sync"


def test_no_act_is_left_out() -> None:
    acts = {tuple(command.split()[:2]) for command, _ in ACTS}
    assert {action for family, action in acts if family == "endpoints"} == ACTIONS.keys() - {"list", "show"}
    assert {family for family, _ in acts} == {"endpoints", "retry", "cancel", "replay"}
    assert {action for family, action in acts if family == "replay"} > {"pause", "resume", "cancel"}
