"""The documents, for tests that hold them against the program."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = {path.name: path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
UNIT = ROOT / "docs" / "hookconsole.service"


def read(name: str) -> str:
    """The text of a document."""
    return DOCUMENTS[name].read_text("utf-8")
