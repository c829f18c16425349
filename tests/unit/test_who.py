"""Whose name stands in the journal."""

import os
import pwd
import sys
from pathlib import Path

import pytest

from hookconsole import who

SELF = pwd.getpwuid(os.getuid()).pw_name
OTHER = next(entry for entry in pwd.getpwall() if entry.pw_uid not in (0, os.getuid()))
NOBODYS = next(uid for uid in range(60_000, 2**31) if uid not in {entry.pw_uid for entry in pwd.getpwall()})


@pytest.fixture(autouse=True)
def _not_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody has logged in, or none that this system tells of; and a shell that lies."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(who, "LOGIN_UID", str(tmp_path / "loginuid"))
    monkeypatch.delenv("SUDO_USER", raising=False)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mallory")


def logged_in(uid: object) -> None:
    Path(who.LOGIN_UID).write_text(f"{uid}\n")


def test_what_the_environment_says_of_the_user_counts_for_nothing() -> None:
    assert who.user_name() == SELF


def test_behind_sudo_it_is_who_called_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    assert who.user_name() == "anna"


def test_who_has_logged_in_is_known_better_than_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    logged_in(OTHER.pw_uid)
    assert who.user_name() == OTHER.pw_name
    monkeypatch.setenv("SUDO_USER", "mallory")
    assert who.user_name() == OTHER.pw_name


@pytest.mark.parametrize("login", [2**32 - 1, NOBODYS, 2**64, -1, "", "x", "\u00b2"])
def test_without_a_login_or_an_account_the_next_best_counts(
    login: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container has no accounts of the machine that it is on."""
    logged_in(login)
    assert who.user_name() == SELF
    monkeypatch.setenv("SUDO_USER", "anna")
    assert who.user_name() == "anna"


@pytest.mark.parametrize(
    "name", ["", "\x1b[2J", "a\nb", "\udcff", "\u202eanna", "a" * 65, "a" * 100_000], ids=repr
)
def test_what_is_no_name_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", name)
    assert who.user_name() == SELF


def test_a_user_without_an_account_is_told_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: NOBODYS)
    assert who.user_name() == f"uid {NOBODYS}"


def test_a_mac_keeps_the_login_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "getlogin", lambda: "anna")
    assert who.user_name() == "anna"
