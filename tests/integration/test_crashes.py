"""Crashes of a story on a simulated disk, some of them: `tests/proofs/test_crash_story.py` has every one."""

from collections.abc import Iterator

import pytest

from crash_proof import Proof
from crash_story import told
from simulated_site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    site = told()
    with site.machine.powered():
        yield site


def test_what_was_promised_is_found_after_a_kill_and_after_a_power_loss(site: Site) -> None:
    promised = [
        moment for moment in site.moments if moment.after in ("accepted", "edited", "canceled", "trimmed")
    ]
    proof = Proof(site.machine, at_most=1).of([*promised, *site.moments[::8]])
    assert proof.images > 100


def test_a_sender_delivers_what_a_crash_left_and_a_second_crash_changes_nothing(site: Site) -> None:
    proof = Proof(site.machine, at_most=1, delivers=True, again=1).of(site.moments[5::150])
    assert proof.delivered > 5
    assert proof.second_images > 50
