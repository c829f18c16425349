"""Edits of a real file: each changes its lines, keeps the file's mode and links, or is refused whole."""

import os
import stat
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from editing import TEXT, VALUES, mode, path, refused

from hookconsole.config.edit import (
    add_endpoint,
    drop_expired_previous,
    remove_endpoint,
    rotate_secret,
    set_keys,
)
from hookconsole.config.load import ConfigError, load
from hookconsole.errors import InputError, RefusedError

__all__ = ["path"]


def test_the_three_edits_touch_only_their_lines(path: Path) -> None:
    set_keys(path, "acme", {"active": False, "events": ("invoice.paid",)})
    expected = TEXT.replace('["*"]\nsecret = "old', '["invoice.paid"]\nsecret = "old')
    expected = expected.replace('-canary"\n', '-canary"\nactive = false\n')
    assert path.read_text() == expected
    set_keys(path, "acme", {"active": None, "events": ["*"]})
    assert path.read_text() == TEXT
    add_endpoint(path, "new.one", VALUES)
    assert path.read_text() == TEXT + (
        '\n[endpoints."new.one"]\nurl = "https://a.example/?token=canary"\n'
        'events = ["invoice.paid"]\nsecret = "canary"\n'
    )
    remove_endpoint(path, "new.one")
    assert path.read_text() == TEXT
    remove_endpoint(path, "acme")
    assert list(load(path).endpoints) == ["globex"]
    assert "# Globex\n[endpoints.globex]" in path.read_text()


def test_what_can_t_be_is_refused_and_changes_nothing(path: Path) -> None:
    message = refused(path, RefusedError, lambda: add_endpoint(path, "acme", VALUES))
    assert message == "there is an endpoint acme already; edit it, or choose another name"
    for edit in (
        lambda: set_keys(path, "acne", {"active": True}),
        lambda: remove_endpoint(path, "acne"),
        lambda: rotate_secret(path, "acne", "x", 24, 0),
    ):
        assert "did you mean acme?" in refused(path, InputError, edit)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"url": "http://canary.example/"}, "endpoints.acme.url: the URL is http"),
        ({"url": None}, "endpoints.acme: has no url"),
        ({"events": ["invoice.payd"]}, "did you mean invoice.paid?"),
        ({"secret": "canary\n"}, "endpoints.acme.secret: must be one line"),
        ({"secret": "canary\udcff"}, "endpoints.acme.secret: must be one line"),
        ({"secret_env": "A"}, "endpoints.acme: has secret and secret_env"),
        ({"headers": {"Host": "canary"}}, "endpoints.acme.headers.Host"),
        ({"tiemout_seconds": 5}, "did you mean timeout_seconds?"),
        ({"description": "\udcff"}, "isn't valid Unicode"),
    ],
)
def test_an_edit_that_isn_t_valid_is_refused(path: Path, values: dict[str, Any], what: str) -> None:
    assert what in refused(path, InputError, lambda: set_keys(path, "acme", values))


@pytest.mark.parametrize("broken", ["[endpoints.acme\n", TEXT + "[typo]\n", "a = '", "\xff"])
def test_a_broken_file_is_never_edited(path: Path, broken: str) -> None:
    path.write_bytes(broken.encode("latin-1"))
    for edit in (
        lambda: add_endpoint(path, "new", VALUES),
        lambda: set_keys(path, "acme", {"active": False}),
        lambda: remove_endpoint(path, "acme"),
        lambda: rotate_secret(path, "acme", "canary", 24, 0),
    ):
        message = refused(path, ConfigError, edit)
        assert message.startswith(f"not edited, for the file has an error: {path}:")


def test_the_first_endpoint_makes_file_and_folder_private(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "config.toml"
    umask = os.umask(0)
    try:
        add_endpoint(path, "acme", VALUES)
    finally:
        os.umask(umask)
    assert list(load(path).endpoints) == ["acme"]
    assert mode(path) == mode(path.with_name("config.toml.lock")) == 0o600
    assert mode(path.parent) == mode(path.parent.parent) == 0o700


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o400])
def test_the_mode_stays_and_the_new_file_is_private_from_its_first_byte(
    path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    path.chmod(kept)
    seen: list[int] = []
    write = os.write

    def watched(descriptor: int, data: Any) -> int:
        written = write(descriptor, data)
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return written

    monkeypatch.setattr(os, "write", watched)
    umask = os.umask(0)
    try:
        set_keys(path, "acme", {"active": False})
    finally:
        os.umask(umask)
    assert set(seen) == {0o600}
    assert mode(path) == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(path: Path) -> None:
    os.chown(path, 12345, 54321)
    set_keys(path, "acme", {"active": False})
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_a_link_stays_a_link_and_the_lock_is_the_real_file_s(path: Path) -> None:
    folder = path.parent / "links"
    folder.mkdir()
    link = folder / "link.toml"
    link.symlink_to("../config.toml")
    set_keys(link, "acme", {"active": False})
    assert link.readlink() == Path("../config.toml")
    assert load(path).endpoints["acme"].active is False
    assert [entry.name for entry in folder.iterdir()] == ["link.toml"]
    assert path.with_name("config.toml.lock").exists()


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to("gone/config.toml")
    with pytest.raises(RefusedError, match="No such file"):
        add_endpoint(link, "acme", VALUES)
    assert not (tmp_path / "gone").exists()
    (tmp_path / "gone").mkdir()
    with pytest.raises(InputError, match="link to nothing"):
        add_endpoint(link, "acme", VALUES)


def test_a_fifo_or_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for name in ("fifo", "folder"):
        with pytest.raises(InputError, match=name):
            add_endpoint(tmp_path / name, "acme", VALUES)


def test_an_edit_that_changes_nothing_writes_nothing(path: Path) -> None:
    before = path.stat()
    set_keys(path, "acme", {"events": ["*"], "active": None})
    after = path.stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)


def test_a_rotation_keeps_the_old_secret_for_its_overlap(path: Path) -> None:
    rotate_secret(path, "acme", "new-canary", 24, 1776263520.9)
    endpoint = load(path).endpoints["acme"]
    assert endpoint.secret.read() == "new-canary"
    assert endpoint.previous_secret == "old-canary"
    assert endpoint.previous_secret_until == 1776263520 + 24 * 3600
    assert "previous_secret_until = 2026-04-16T14:32:00Z\n" in path.read_text()
    rotate_secret(path, "acme", "newer", 0.5, 1776263520)
    endpoint = load(path).endpoints["acme"]
    assert (endpoint.previous_secret, endpoint.previous_secret_until) == ("new-canary", 1776265320)
    rotate_secret(path, "acme", "newest", 0, 1776263520)
    assert path.read_text() == TEXT.replace("old-canary", "newest")


def test_a_rotation_is_refused_where_the_secret_is_elsewhere_or_the_overlap_wrong(
    path: Path,
) -> None:
    message = refused(path, InputError, lambda: rotate_secret(path, "globex", "canary", 24, 0))
    assert "secret_env GLOBEX" in message
    for hours in (-1.0, 168.01, float("nan"), float("inf")):
        rotate = partial(rotate_secret, path, "acme", "x", hours, 0)
        message = refused(path, InputError, rotate)
        assert message == "the overlap must be from 0 to 168 hours"


def test_an_overlap_may_last_a_week(path: Path) -> None:
    rotate_secret(path, "acme", "new-canary", 168, 1776263520)
    assert load(path).endpoints["acme"].previous_secret_until == 1776263520 + 168 * 3600


def test_expired_previous_secrets_are_dropped(path: Path) -> None:
    rotate_secret(path, "acme", "new", 1, 1000)
    before = path.stat()
    assert drop_expired_previous(path, 4599) == []
    assert path.stat() == before
    assert drop_expired_previous(path, 4600) == ["acme"]
    assert path.read_text() == TEXT.replace("old-canary", "new")
    assert drop_expired_previous(path.with_name("none.toml"), 4600) == []
