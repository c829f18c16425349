"""The demo as a process: it proves what it shows, and leaves nothing behind."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookconsole.demo.store import ROLES

ENDPOINTS = list(ROLES)


class Running:
    """A demo with its store under a folder of the test's."""

    def __init__(self, folder: Path, seconds: int) -> None:
        self.folder = folder
        self.environment = {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hookconsole", "demo", "--headless", "--seconds", str(seconds)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.out = self.process.stdout

    def until(self, word: str) -> str:
        """The next line that has a word in it."""
        return next(line for line in self.out if word in line)

    def end(self) -> tuple[int, list[str], str]:
        """The exit code, the rest of its lines, and what it said on stderr."""
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out.splitlines(), err


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where the demo's store comes and goes."""
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def summary(lines: list[str]) -> dict[str, list[str]]:
    start = next(at for at, line in enumerate(lines) if line.startswith("ENDPOINT ") and "EVENTS" in line)
    rows = [line.split() for line in lines[start + 1 : start + 2 + len(ENDPOINTS)]]
    return {row[0]: row[1:] for row in rows}


def test_the_demo_ends_well(folder: Path) -> None:
    code, lines, err = Running(folder, 6).end()
    assert (code, err) == (0, "")
    rows = summary(lines)
    assert list(rows) == [*ENDPOINTS, "all"]
    assert max(map(len, lines[-len(ENDPOINTS) - 6 :])) < 80
    events, attempts, delivered, failed, verified, wrong = map(int, rows["all"][:6])
    assert int(rows["acme-erp"][0]) == events > 10
    assert delivered + failed == sum(int(rows[name][0]) for name in ENDPOINTS)
    assert verified >= attempts
    assert wrong == 0
    ended = [line for line in lines if line.split()[1:2] and line.split()[1] in ENDPOINTS]
    assert len(ended) == attempts
    assert any("retrying" in line and "again in 4 s" in line for line in ended)
    assert lines[-1].startswith("journal and receiver agree: ")


def test_ctrl_c_ends_it_with_a_summary(folder: Path) -> None:
    running = Running(folder, 3600)
    look = shlex.split(running.until(" logs"))
    running.until("delivered")
    looked = subprocess.run(
        [sys.executable, "-m", *look, "--limit", "1"],
        env=running.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (looked.returncode, looked.stderr) == (0, "")
    assert any(name in looked.stdout for name in ENDPOINTS)
    running.process.send_signal(signal.SIGINT)
    code, lines, err = running.end()
    assert err == "hookconsole: ended early\n"
    assert list(summary(lines)) == [*ENDPOINTS, "all"]
    complete = any("every one came to its end" in line for line in lines)
    assert code == (0 if complete else 1)


def test_a_reader_that_has_had_enough_ends_it(folder: Path) -> None:
    running = Running(folder, 3600)
    running.until("delivered")
    running.out.close()
    assert running.process.wait(timeout=60) == 0
    assert running.process.stderr is not None
    assert running.process.stderr.read() == ""
    running.process.stderr.close()


@pytest.mark.parametrize("arguments", [["--state", "x", "demo"], ["demo", "--seconds", "0"]])
def test_a_mistake_is_one_line(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hookconsole", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
