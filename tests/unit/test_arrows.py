"""Who imports whom: packages only those below them, and Textual nobody but the console."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import hookconsole

ROOT = Path(hookconsole.__file__).parent

UPWARDS = [
    *("network", "events", "config", "journal", "delivery", "operating", "observing"),
    *("verifying", "demo", "console", "checking", "cli"),
]
"""Each may import those before it."""


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, at whatever time."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_every_package_has_its_place() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(UPWARDS)


@pytest.mark.parametrize("package", UPWARDS)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    above = UPWARDS[UPWARDS.index(package) + 1 :]
    for path in (ROOT / package).rglob("*.py"):
        for module in imported(path):
            top, _, rest = module.partition(".")
            assert top != "hookconsole" or rest.partition(".")[0] not in above, f"{path} imports {module}"


def test_only_the_console_imports_textual() -> None:
    for path in ROOT.rglob("*.py"):
        if ROOT / "console" not in path.parents:
            tops = {module.partition(".")[0] for module in imported(path)}
            assert not tops & {"textual", "rich"}, path
