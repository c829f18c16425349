"""Since when something is overdue: the same for `status` and for a console."""

import time
from math import inf
from pathlib import Path

import pytest
from sending import Site
from telling import Story
from watching import now

from hookconsole.observing.backlog import count
from hookconsole.observing.registry import Registry
from hookconsole.operating.desk import Desk
from hookconsole.operating.health import status
from support import attempt, event, start


class World:
    """A journal, and how long its oldest overdue delivery has waited."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.site.save(acme="", bolt="")
        self.story = Story(Path(self.site.home.journal))

    def overdue(self) -> float:
        """In seconds, 0 for nothing; both say the same."""
        desk = Desk(self.site.home)
        by_status = status(desk).oldest_overdue_seconds
        since = count(desk.fold, desk.store, Registry(desk), lambda: None).overdue_since
        assert max(time.time() - since, 0.0) == pytest.approx(by_status, abs=20)
        desk.close()
        return by_status


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_nothing_is_overdue_where_nothing_waits(world: World) -> None:
    assert world.overdue() == 0.0
    desk = Desk(world.site.home)
    assert count(desk.fold, desk.store, Registry(desk), lambda: None).overdue_since == inf


def test_what_waits_for_us_is_the_oldest_first(world: World) -> None:
    world.story.accept("a", "acme", seconds=now() - 1000)
    world.story.accept("b", "bolt", seconds=now() - 3000)
    assert world.overdue() == pytest.approx(3000, abs=20)


def test_what_is_being_sent_is_not_overdue(world: World) -> None:
    world.story.accept("a", "acme", seconds=now() - 1000)
    world.story.put(start("a", "acme", 1, now() - 900))
    assert world.overdue() == 0.0


def test_what_waits_for_its_retry_is_not_overdue(world: World) -> None:
    world.story.accept("a", "acme", seconds=now() - 1000)
    world.story.put(attempt("a", "acme", "retrying", 1, now() - 900, error="config", status=None, wait=1800))
    assert world.overdue() == 0.0


def test_what_waits_for_a_receiver_that_fails_is_not_overdue(world: World) -> None:
    world.story.accept("a", "acme", seconds=now() - 1000)
    world.story.put(attempt("a", "acme", "retrying", 1, now() - 900, wait=1.0))
    assert world.overdue() == 0.0


def test_what_waits_for_a_secret_is_overdue(world: World) -> None:
    world.story.accept("a", "acme", seconds=now() - 1000)
    world.story.put(attempt("a", "acme", "retrying", 1, now() - 900, error="config", status=None))
    assert world.overdue() == pytest.approx(900, abs=20)


def test_what_is_held_is_not_overdue(world: World) -> None:
    world.story.accept("a", "lost", seconds=now() - 1000)
    assert world.overdue() == 0.0


def test_what_no_sender_has_taken_in_is_overdue(world: World) -> None:
    world.story.put(event("a", now() - 1000), event("b", now() - 500))
    assert world.overdue() == pytest.approx(1000, abs=20)
