"""Fixtures of whole processes; Hypothesis without a clock, whose examples take what the machine takes."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from running import Hookconsole, Receiver, receiving

# How this process's output is buffered is no way to run the ones under test.
os.environ.pop("PYTHONUNBUFFERED", None)
# What a shell runs in the background ignores SIGINT, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")


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
