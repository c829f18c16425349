"""docs/hookconsole.service is a unit that systemd takes, and as tight as it means to be."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "docs" / "hookconsole.service"
EXPOSURE_AT_MOST = 2.0
"""Of 10, by systemd's own reckoning."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that exists."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("the system tool systemd-analyze is missing")
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text("utf-8").replace("/opt/hookconsole/bin/hookconsole", sys.executable))
    return copy


def analyze(*arguments: str) -> str:
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path) -> None:
    said = analyze("verify", "--man=no", str(unit))
    assert not [line for line in said.splitlines() if UNIT.name in line]


def test_the_unit_exposes_little(unit: Path) -> None:
    said = analyze("security", "--offline=true", "--no-pager", str(unit))
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure
    assert float(exposure[1]) <= EXPOSURE_AT_MOST
