"""A config file to edit in tests, and what must hold when an edit is refused."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VALUES: dict[str, Any] = {
    "secret": "canary",
    "events": ["invoice.paid"],
    "url": "https://a.example/?token=canary",
}
TEXT = """\
# Ours
[delivery]
timeout_seconds = 5  # slow

[endpoints.acme]
url = "https://acme.example/"  # prod
events = ["*"]
secret = "old-canary"

# Globex
[endpoints.globex]
url = "https://globex.example/"
events = ["*"]
secret_env = "GLOBEX"
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out


def only_config_and_lock(path: Path) -> bool:
    return {entry.name for entry in path.parent.iterdir()} <= {path.name, f"{path.name}.lock"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refused(path: Path, kind: type[Exception], edit: Callable[[], object]) -> str:
    """The one line of an edit that is refused and leaves the file as it was."""
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(kind) as raised:
        edit()
    assert (path.read_bytes() if path.exists() else None) == before
    assert only_config_and_lock(path)
    message = str(raised.value)
    assert message.isprintable()
    assert "canary" not in message
    return message
