"""The locks hold what pyproject.toml asks for, each with its hashes; what runs is what is tested."""

import re
import tomllib

import pytest
from documents import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUN: list[str] = PROJECT["project"]["dependencies"]
TEST: list[str] = PROJECT["project"]["optional-dependencies"]["test"]
BUILD: list[str] = PROJECT["build-system"]["requires"]
WANTED = {"run": RUN, "test": RUN + TEST + BUILD}

Lock = dict[str, tuple[str, int]]
"""Version and number of hashes, by name."""


def lock(name: str) -> Lock:
    """The packages of a lock. Each entry is `name==version`, perhaps a marker, and its hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    entries = re.split(r"^(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.M), flags=re.M)
    found: Lock = {}
    for entry in filter(None, entries):
        match = re.match(r"([a-z0-9.-]+)==([\w.]+)", entry)
        assert match, entry
        found[match[1]] = (match[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry)))
    return found


@pytest.mark.parametrize("name", WANTED)
def test_what_is_asked_for_is_locked_at_a_version_that_is_allowed(name: str) -> None:
    locked = lock(name)
    for line in WANTED[name]:
        requirement = Requirement(line)
        version, _ = locked[canonicalize_name(requirement.name)]
        assert version in requirement.specifier, line


@pytest.mark.parametrize("name", ["run", "test"])
def test_every_package_has_its_hashes(name: str) -> None:
    assert [package for package, (_, hashes) in lock(name).items() if not hashes] == []


def test_the_tests_run_with_the_versions_that_run() -> None:
    run, test = lock("run"), lock("test")
    assert run == {name: test.get(name) for name in run}


def test_a_lock_asks_for_nothing_else() -> None:
    for name in ("run", "test"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert not re.findall(r"^\s*-(?!-hash=)|https?://", text, re.M), name
