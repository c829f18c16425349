"""Each safety step is taken away in turn, and the proof of the crashes fails: it would notice.

The syncs are those that the story asks for, found by who asks: one that is new has to be named here.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from crash_checks import BrokenPromiseError, check, hold
from crash_proof import Proof
from crash_story import OPERATIONS, damaged, told
from hookconsole.config.watch import Watcher
from hookconsole.delivery.outbox import Outbox
from hookconsole.delivery.upkeep import Upkeep
from hookconsole.emitter import Emitter
from hookconsole.journal import records as r
from hookconsole.journal import trimming
from hookconsole.journal.segments import SyncError
from simulated_machine import Machine
from simulated_site import Site
from simulated_time import Clock

SYNCS = (
    "Appender._begin make_durable",
    "Appender._begin sync_folder",
    "Appender._next_segment sync",
    "Appender._open make_private",
    "Appender._to_newest sync",
    "Desk.put sync",
    "Emitter._make_durable sync",
    "Upkeep._trim sync",
    "_opened make_private",
    "_test_once sync",
    "_write",
    "begin sync",
    "save make_durable",
    "save sync_folder",
    "sync_copy",
    "unlink sync_folder",
)
NO_PROMISE = {
    "Appender._begin": "an empty segment holds nothing; test_segments_durable has the order",
    "KnownIds._keep make_private": "the table of ids may vanish: it is made again",
}


def broken(site: Site) -> str:
    """What the proof finds first of a story that was told; promises that were just made are tried first."""
    fresh = [moment for moment in site.moments if moment.after not in OPERATIONS]
    with site.machine.powered():
        try:
            Proof(site.machine, at_most=1).of(fresh)
            Proof(site.machine, at_most=6).of(site.moments[::-1])
        except BrokenPromiseError as error:
            return str(error)
    return ""


def without(sync: str) -> Site:
    """A site on whose machine a sync does nothing."""
    site = Site(Machine(Clock(1_800_000_000.0)))
    site.machine.ignored_syncs.add(sync)
    return site


def test_every_sync_of_the_story_is_taken_away_here() -> None:
    assert told().machine.syncs_seen == {*SYNCS, *NO_PROMISE}


@pytest.mark.parametrize("sync", SYNCS)
def test_without_a_sync_the_proof_fails(sync: str) -> None:
    assert broken(told(without(sync)))


def test_without_the_seal_of_a_torn_tail_the_proof_fails() -> None:
    site = Site()
    site.machine.seals = False
    assert broken(told(site))


def test_without_the_checksum_the_proof_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    site = told()
    monkeypatch.setattr("hookconsole.journal.store.is_sound", lambda _: True)
    with site.machine.powered(), pytest.raises(BrokenPromiseError, match="other content"):
        list(map(check, damaged(site, site.moments[-1])))


def nothing(*_: Any) -> Any:
    return []


def synced_again(emitter: Emitter, _: bytes) -> None:
    """A second sync in the place of a second write."""
    try:
        emitter._appender.sync()
    except SyncError:
        emitter._appender.sync()


STEPS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "what is unfinished is carried before its segment goes": (trimming, "carry", nothing),
    "a checkpoint is written before segments go": (Upkeep, "_checkpoint", lambda _: True),
    "an emitter writes again what a failed sync left in doubt": (Emitter, "_make_durable", synced_again),
    "the sender writes again what a failed sync left in doubt": (Outbox, "_take_back_doubtful", nothing),
}


@pytest.mark.parametrize("step", STEPS)
def test_without_a_step_the_proof_fails(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*STEPS[step])
    assert broken(told())


def adopted_half(site: Site) -> None:
    """An editor saves in place, in pieces, while a sender looks on; half of the file parses too."""

    async def edit() -> None:
        site.start()
        await asyncio.sleep(1)
        path = site.home.config_name
        node = site.machine.disk.node(path)
        whole = node.now
        site.machine.disk.truncate(node)
        cut = whole.index(b"[endpoints.beta]")
        await asyncio.sleep(0.1)
        site.machine.disk.write(node, 0, whole[:cut])
        await asyncio.sleep(0.6)
        site.machine.disk.write(node, cut, whole[cut:])
        await asyncio.sleep(3)
        assert site.running is not None
        names = site.running.sender._fold.known
        await site.stop()
        hold("beta" in names, "beta is gone")

    site.run(edit())
    removed = [name for record in site.records(r.Registry) for name in record.removed]
    hold(not removed, f"half a file was adopted: {removed} were removed")


@pytest.fixture
def edited() -> Site:
    """A site of two endpoints, adopted by a sender."""
    site = Site()
    with site.machine.powered():
        site.begin()
        site.add("acme")
        site.add("beta")
    return site


def test_a_file_that_is_saved_in_pieces_is_adopted_whole(edited: Site) -> None:
    with edited.machine.powered():
        adopted_half(edited)


def test_without_two_equal_polls_half_a_file_is_adopted(
    edited: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = Watcher.poll
    monkeypatch.setattr(Watcher, "poll", lambda self, now: poll(self, now) or poll(self, now + 1))
    with edited.machine.powered(), pytest.raises(BrokenPromiseError, match="half a file"):
        adopted_half(edited)
