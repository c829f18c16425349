"""Fixtures for tests of whole processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from process.running import Hookconsole, Receiver, receiving


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
