"""Every crash of the story: kills and power losses after each operation, and again inside the recovery."""

import errno
from collections.abc import Callable, Iterator

import pytest

from crash_checks import check
from crash_proof import Proof
from crash_story import OPERATIONS, damaged, tell, told
from simulated_site import Site

PARTS = 4


@pytest.fixture
def site() -> Iterator[Site]:
    site = told()
    with site.machine.powered():
        yield site


@pytest.mark.parametrize("part", range(PARTS))
def test_every_image_of_every_crash_is_recovered(
    site: Site, part: int, record_property: Callable[[str, object], None]
) -> None:
    proof = Proof(site.machine, at_most=24, delivers=True).of(site.moments[part::PARTS])
    told = f"{proof.images} crash images recovered, {proof.delivered} of them by a sender that delivered"
    record_property("figure", told)
    assert proof.images > 1000
    assert proof.delivered > 200


@pytest.mark.parametrize("part", range(PARTS))
def test_a_crash_inside_the_recovery_is_recovered_too(
    site: Site, part: int, record_property: Callable[[str, object], None]
) -> None:
    proof = Proof(site.machine, at_most=1, again=2).of(site.moments[part * 3 :: PARTS * 3])
    record_property("figure", f"{proof.second_images} crash images of recoveries recovered")
    assert proof.second_images > 1000


def each_failing(kind: str, verdict: int) -> Iterator[tuple[int, Site]]:
    """The story, once for each operation of a kind, which fails; until it has no more of them."""
    at = 0
    while True:
        site, count = Site(), 0

        def fails(act: str) -> int:
            nonlocal count
            count += act == kind
            return verdict if act == kind and count - 1 == at else 0  # noqa: B023

        with site.machine.powered():
            site.machine.fails = fails
            tell(site)
            if count <= at:
                return
            yield at, site
        at += 4


FAULTS = {"EIO of a sync": ("sync", 1), "a short write": ("write", 7), "ENOSPC": ("write", -errno.ENOSPC)}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_disk_that_fails_once_loses_nothing_that_was_promised(
    fault: str, record_property: Callable[[str, object], None]
) -> None:
    count = 0
    for _, site in each_failing(*FAULTS[fault]):
        promised = [one for one in site.moments if one.after not in OPERATIONS]
        count += Proof(site.machine, at_most=2).of([*promised, *site.moments[-1:]]).images
    record_property("figure", f"{count} crash images recovered after a fault")
    assert count > 500


def test_a_damaged_line_costs_only_itself(site: Site, record_property: Callable[[str, object], None]) -> None:
    count = 0
    for moment in site.moments[100 :: len(site.moments) // 6]:
        for each in damaged(site, moment):
            check(each)
            count += 1
    record_property("figure", f"{count} damaged lines passed over")
    assert count > 100
