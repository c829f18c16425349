"""What an onlooker does when, and what it leaves alone: seen from its own thread."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sending import Site
from telling import Story
from watching import now
from writing import watched

from hookconsole.delivery.lock import SenderLock
from hookconsole.observing import backlog, onlooker
from hookconsole.observing.changes import Changes
from hookconsole.observing.onlooker import Onlooker
from hookconsole.observing.pace import ALONE, BESIDE_A_SENDER, Pace
from support import cancel


class World:
    """An onlooker that a test has look."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.site.save(acme="")
        self.story = Story(Path(self.site.home.journal))
        self.changes = Changes()
        self.pace = Pace()
        self.onlooker = Onlooker(self.site.home, self.changes, self.pace)
        self.onlooker.open()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.onlooker.close()


def test_it_rests_longer_where_this_process_sends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onlooker, "_NOTE_SECONDS", 0.0)
    world.onlooker.look()
    assert world.pace.share == ALONE
    lock = SenderLock(world.site.home.state)
    lock.acquire("console")
    world.onlooker.look()
    assert world.pace.share == BESIDE_A_SENDER
    lock.note.pid += 1
    lock.publish(halted="x")
    world.onlooker.look()
    assert world.pace.share == ALONE
    lock.release()


def test_nothing_is_made_ready_for_nobody(world: World) -> None:
    world.onlooker.look()
    world.story.accept("a", "acme", seconds=now())
    world.onlooker.look()
    assert world.changes.since(1) == (1, [])
    world.onlooker.look()
    _, rows = world.changes.since(1)
    assert rows is not None
    assert [row.event for row in rows] == ["a"], "it was kept until somebody asked"


def test_what_waits_is_counted_when_something_has_happened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[object] = []
    watched(monkeypatch, "count", lambda fold, *_: counted.append(fold), owner=backlog)
    monkeypatch.setattr(onlooker, "_COUNT_SHARE", 0.0)
    world.story.accept("a", "acme", seconds=now())
    world.onlooker.look()
    for _ in range(3):
        world.onlooker.look()
    assert len(counted) == 1
    world.story.put(cancel("a", "acme"))
    world.onlooker.look()
    assert len(counted) == 2
    assert world.onlooker.snapshot().backlog == 0


def test_how_things_stand_is_told_while_there_is_more_to_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onlooker, "LOOK_SECONDS", -1.0)
    monkeypatch.setattr(onlooker, "_COUNT_SHARE", 0.0)
    monkeypatch.setattr("hookconsole.journal.tail._CHUNK", 2000)
    for number in range(50):
        world.story.accept(f"e{number}", "acme", seconds=now())
    world.onlooker.look()
    waiting = []
    more = True
    while more:
        more = world.onlooker.look()
        waiting.append(world.onlooker.snapshot().backlog)
    assert len(set(waiting)) > 3
    assert waiting == sorted(waiting)
