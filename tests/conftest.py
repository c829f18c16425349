"""Fixtures of whole processes; Hypothesis without a clock, whose examples take what the machine takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from running import Hookconsole, Receiver, receiving

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
