"""The README's picture can be made again."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from hookconsole.demo.store import ROLES

ROOT = Path(__file__).parents[2]


def test_the_picture_shows_the_overview(tmp_path: Path) -> None:
    file = tmp_path / "console.svg"
    subprocess.run(
        [sys.executable, str(ROOT / "docs" / "picture.py"), "--seconds", "2", str(file)],
        check=True,
        timeout=120,
    )
    shown = "".join(ElementTree.fromstring(file.read_text("utf-8")).itertext()).replace("\xa0", " ")
    for name in ROLES:
        assert name in shown
    assert "this console sends" in shown
    assert "http" not in shown
    assert "url(http" not in file.read_text("utf-8")


def test_the_readme_has_it() -> None:
    assert '<img src="docs/console.svg"' in (ROOT / "README.md").read_text("utf-8")
    ElementTree.fromstring((ROOT / "docs" / "console.svg").read_text("utf-8"))
