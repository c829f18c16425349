"""What is unfinished is carried out of segments that go: as it stands, where it is needed, nothing else."""

from pathlib import Path

import pytest
from writing import Journal, held

from hookconsole.journal import records as r
from hookconsole.journal import trimming
from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Appender
from hookconsole.journal.store import Store
from support import at, attempt, event, intake, item, replay, start


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal")


def carried(journal: Journal, going: set[int], fold: Fold | None = None) -> tuple[Fold, list[r.Event]]:
    """The fold after carrying, and the copies that were appended."""
    store, appender = Store(journal.folder), Appender(journal.folder)
    fold = fold or store.fold()
    places = trimming.carry(fold, store, appender, going)
    copies = [store.record_at(*place) for place, _ in places]
    return fold, [copy for copy in copies if isinstance(copy, r.Event)]


def test_a_held_delivery_is_carried_with_its_event_as_it_stands(journal: Journal) -> None:
    held(journal, "evt_1")
    journal.appender.rotate()
    fold, (copy,) = carried(journal, {1})
    assert copy.carried == {"gone": r.Standing(1, 1, "retry")}
    assert (copy.accepted_at, bytes(copy.data)) == (at(), b'{"total":2500.00}')
    delivery = fold.delivery("evt_1", "gone")
    assert delivery is not None
    assert Store(journal.folder).event_at("evt_1", delivery.segment, delivery.offset) == copy
    assert delivery.segment == 2


def test_several_deliveries_of_an_event_are_carried_by_one_copy(journal: Journal) -> None:
    (place,) = journal.put(event("evt_1"))
    journal.put(intake("evt_1", "acme", "beta", "core", place=place))
    journal.put(start("evt_1", "core"), attempt("evt_1", "core"))
    _, (copy,) = carried(journal, {1})
    assert copy.carried == {"acme": r.Standing(0, 0, "event"), "beta": r.Standing(0, 0, "event")}


def test_a_copy_that_is_carried_again_keeps_the_time_of_acceptance(journal: Journal) -> None:
    held(journal, "evt_1")
    fold, (first,) = carried(journal, {1})
    journal.appender.rotate()
    _, (second,) = carried(journal, {1}, fold)
    assert (second.accepted_at, second.carried) == (at(), first.carried)


def test_an_event_that_no_sender_took_in_is_carried(journal: Journal) -> None:
    journal.put(event("evt_1"))
    fold, (copy,) = carried(journal, {1})
    assert copy.carried == {}
    assert fold.untaken["evt_1"].segment == 1


def test_what_has_ended_or_is_elsewhere_isnt_carried(journal: Journal) -> None:
    (place,) = journal.put(event("evt_1"))
    journal.put(intake("evt_1", "acme", place=place), start("evt_1", "acme"), attempt("evt_1", "acme"))
    journal.appender.rotate()
    held(journal, "evt_2")
    assert carried(journal, {1})[1] == []


def test_what_a_replay_is_to_start_isnt_carried(journal: Journal) -> None:
    (place,) = journal.put(event("evt_1"))
    journal.put(intake("evt_1", "acme", place=place), start("evt_1", "acme"), attempt("evt_1", "acme"))
    journal.put(*replay("rpl_1", item("evt_1", "acme", place=place)))
    fold = Store(journal.folder).fold()
    fed = Delivery("evt_1", "acme", *place, "replay", 1)
    fed.replay = "rpl_1"
    fold.add(fed)
    assert carried(journal, {1}, fold)[1] == []


def test_a_damaged_event_keeps_nothing_from_being_trimmed(journal: Journal) -> None:
    held(journal, "evt_1")
    held(journal, "evt_2")
    fold = Store(journal.folder).fold()
    journal.path(1).write_bytes(journal.raw().replace(b'"event":"evt_1","type"', b'"event":"evt_X","type"'))
    assert [copy.event for copy in carried(journal, {1}, fold)[1]] == ["evt_2"]
