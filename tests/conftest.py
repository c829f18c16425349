"""Fixtures of whole processes, the figures of proofs, and Hypothesis without a clock: machines differ."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from running import Hookconsole, Receiver, receiving
from trust import Trust

# How this process's output is buffered is no way to run the ones under test.
os.environ.pop("PYTHONUNBUFFERED", None)
# A shell in the background ignores SIGINT, nohup SIGHUP, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

_NOBODY = 65534

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")


def pytest_xdist_auto_num_workers() -> int:
    """Two for a core: consoles and processes under test wait more than they work."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as running:
        yield running


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Hookconsole]:
    """A hookconsole with an empty registry, loopback allowed."""
    running = Hookconsole(tmp_path)
    yield running
    running.close()


@pytest.fixture
def ruled() -> Iterator[Path]:
    """A folder in which permissions hold: root, who passes over them, is another user meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="hookconsole-", dir="/tmp"))  # others can't come to pytest's own
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, _NOBODY, -1)
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """A certificate authority of this session's own."""
    return Trust(tmp_path_factory.mktemp("trust"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each test counted: `record_property("figure", "41 SIGKILLs survived")`, or name and count.

    By way of its report: so it also comes from another worker.
    """
    told = [
        f"{report.nodeid.rpartition('::')[2]}: {value}" + ("" if name == "figure" else f" {name}")
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
    ]
    if told:
        terminalreporter.section("figures")
        for line in sorted(told):
            terminalreporter.write_line(line)
