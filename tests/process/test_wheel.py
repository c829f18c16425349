"""What is shipped: every tracked module, the licence, and nothing that merely lies about."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from hookconsole.version import __version__

ROOT = Path(__file__).parents[2]
JUNK = (
    "src/hookconsole/__pycache__/text.cpython-311.pyc",
    "src/hookconsole/journal/tail.py.orig",
    "src/hookconsole/notes.txt",
    "tests/unit/.hypothesis/examples",
    "config.toml",  # tried in a checkout, with secrets
    "state/journal/00000001.jsonl",
)


def build(tree: Path) -> tuple[Path, Path]:
    """The wheel and the sdist of a tree, in its `dist`."""
    command = [sys.executable, "-m", "hatchling", "build"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tree / "dist").glob("*.whl")
    (sdist,) = (tree / "dist").glob("*.tar.gz")
    return wheel, sdist


def tracked() -> set[str]:
    """The files that git knows here."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    command = ["git", "ls-files", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("needs git, and a checkout that it knows")
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_a_build_holds_the_tracked_files_and_nothing_more(tmp_path: Path) -> None:
    files = tracked()
    tree = tmp_path / "tree"
    for name in (*files, *JUNK):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(b"junk" if name in JUNK else (ROOT / name).read_bytes())
    wheel, sdist = build(tree)

    base = f"hookconsole-{__version__}"
    with tarfile.open(sdist) as archive:
        packed = {member.name.removeprefix(f"{base}/") for member in archive if member.isfile()}
    (tmp_path / "unpacked").mkdir()
    subprocess.run(["tar", "-xzf", sdist, "-C", tmp_path / "unpacked"], check=True)
    assert packed == files | {"PKG-INFO"}

    about = {f"{base}.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    about.add(f"{base}.dist-info/licenses/LICENSE")
    modules = {name.removeprefix("src/") for name in files if name.startswith("src/")}
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) == modules | about
        metadata = message_from_bytes(archive.read(f"{base}.dist-info/METADATA"))
    assert "hookconsole/py.typed" in modules
    assert (metadata["License-Expression"], metadata["Requires-Python"]) == ("MIT", ">=3.11")

    # From the sdist comes the same wheel, byte for byte.
    again, _ = build(tmp_path / "unpacked" / base)
    assert again.read_bytes() == wheel.read_bytes()
