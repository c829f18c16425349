"""Who acts: the name that stands beside an operator's every change in the journal.

Invariant: LOGNAME and USER, which any shell may set and `su` sets, say nothing. The name is a note for
colleagues, no proof: whoever is the files' user can write the journal.
"""

import os
import pwd
import sys

LOGIN_UID = "/proc/self/loginuid"
"""The user id of whom this process descends from by login: Linux keeps it behind sudo, su and tmux."""

_NO_LOGIN = 0xFFFFFFFF
_NAME_CHARACTERS_AT_MOST = 64


def user_name() -> str:
    """The login name, also behind sudo and su; else whom sudo names; else whose process this is."""
    sudo = os.environ.get("SUDO_USER", "")
    return _login() or (sudo if _is_name(sudo) else "") or _account(os.getuid()) or f"uid {os.getuid()}"


def _login() -> str:
    """Who has logged in, as the system keeps it; empty where nobody has, such as in a service."""
    try:
        if sys.platform == "darwin":
            return os.getlogin()
        with open(LOGIN_UID, encoding="ascii") as file:
            uid = int(file.read(20))
    except (OSError, ValueError):
        return ""
    return "" if uid == _NO_LOGIN else _account(uid)


def _account(uid: int) -> str:
    """The name of a user id; empty where there is none."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return ""
    return name if _is_name(name) else ""


def _is_name(text: str) -> bool:
    """Whether this may stand in a record: not empty, short, and nothing that moves a terminal's cursor."""
    return 0 < len(text) <= _NAME_CHARACTERS_AT_MOST and text.isprintable()
