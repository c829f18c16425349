"""Deliveries as rows: the state that is shown, what the newest attempt said, what nobody has taken in."""

from pathlib import Path
from typing import Any

import pytest
from telling import Story

from hookconsole.clock import parse_rfc3339
from hookconsole.journal import records as r
from hookconsole.journal.fold import Untaken
from hookconsole.journal.store import Store
from hookconsole.observing.rows import Records, Told, row_of, shown_state, untaken_rows
from hookconsole.observing.values import DeliveryRow
from support import T0, at, attempt, cancel, event, start


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "state" / "journal")


def the_row(story: Story, registry: tuple[str, ...] = ("acme",), *, running: bool = True) -> DeliveryRow:
    return row_of(story.only(), registry, running=running)


# States


@pytest.mark.parametrize("state", ["pending", "sending", "retrying"])
def test_what_goes_on_is_held_without_its_endpoint(state: str) -> None:
    assert shown_state(state, "gone", tried=True, registry=("acme",), running=True) == "held"
    assert shown_state(state, "acme", tried=True, registry=("acme",), running=True) == state


@pytest.mark.parametrize("state", ["delivered", "failed", "skipped", "canceled"])
def test_what_has_ended_stays_so(state: str) -> None:
    assert shown_state(state, "gone", tried=True, registry=(), running=False) == state


def test_nothing_is_sent_where_nobody_sends() -> None:
    assert shown_state("sending", "acme", tried=False, registry=("acme",), running=False) == "pending"
    assert shown_state("sending", "acme", tried=True, registry=("acme",), running=False) == "retrying"


# Rows


def test_one_that_waits_for_its_first_attempt(story: Story) -> None:
    place = story.accept("evt_1", "acme", seconds=5)
    expected: dict[str, Any] = {
        "event": "evt_1",
        "endpoint": "acme",
        "type": "invoice.paid",
        "state": "pending",
    }
    assert the_row(story) == DeliveryRow(**expected, **place._asdict(), accepted=T0 + 5)


def test_the_newest_attempt_tells(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.put(attempt("evt_1", "acme", "retrying", status=None, error="timeout", wait=9.0))
    row = the_row(story)
    assert (row.state, row.attempts, row.status, row.error) == ("retrying", 1, None, "timeout")
    assert row.duration_ms == 100.0
    assert row.next_at == pytest.approx(T0 + 9.1)
    story.put(attempt("evt_1", "acme", "delivered", 2, duration_ms=7.5))
    row = the_row(story)
    assert (row.state, row.attempts, row.status, row.error) == ("delivered", 2, 200, None)
    assert (row.duration_ms, row.next_at) == (7.5, None)


def test_one_in_flight_counts_its_attempt(story: Story) -> None:
    story.accept("evt_1", "acme")
    story.send("evt_1", "retrying")
    story.put(start("evt_1", "acme", 2, slot=1))
    row = the_row(story)
    assert (row.state, row.attempts, row.status, row.next_at) == ("sending", 2, 503, None)
    assert the_row(story, running=False).state == "retrying"


def test_one_carried_forward_was_accepted_when_it_was(story: Story) -> None:
    carried = {"acme": r.Standing(3, 2, "retry")}
    (place,) = story.put(event("evt_1", 900.0, accepted_at=at(1.0), carried=carried))
    row = the_row(story)
    assert (row.state, row.attempts, row.accepted) == ("retrying", 3, T0 + 1)
    assert (row.segment, row.offset) == place


# What nobody has taken in


def test_what_nobody_has_taken_in_waits_for_those_who_would_get_it(story: Story) -> None:
    first, second = story.put(event("evt_1"), event("evt_2", 1.0, type="stock.low"))
    waiting = {
        "evt_1": Untaken("invoice.paid", *first),
        "evt_2": Untaken("stock.low", *second),
        "evt_3": Untaken("stock.low", 9, 9),
    }
    routes = {"invoice.paid": (["acme", "bolt"], ["off"]), "stock.low": (["bolt"], [])}
    rows = list(untaken_rows(Store(story.folder), waiting.items(), routes.__getitem__))
    assert [(row.event, row.endpoint, row.state, row.accepted) for row in rows] == [
        ("evt_1", "acme", "pending", T0),
        ("evt_1", "bolt", "pending", T0),
        ("evt_2", "bolt", "pending", T0 + 1),
    ]


# Records


def test_a_record_tells_what_its_deliveries_have_in_common(story: Story) -> None:
    (place,) = story.put(event("evt_1", 900.0, accepted_at=at(1.0), carried={}))
    told = Told("evt_1", "invoice.paid", parse_rfc3339(at(1.0)))
    assert Records(str(story.folder)).told(*place) == told


def test_where_no_event_stands_nothing_is_told(story: Story) -> None:
    (place,) = story.put(cancel("evt_1", "acme"))
    records = Records(str(story.folder))
    assert records.told(*place) is None
    assert records.told(7, 0) is None
    assert Records(str(story.folder / "nowhere")).told(1, 0) is None


def test_no_deleted_segment_is_kept_on_the_disk(story: Story) -> None:
    (place,) = story.put(event("evt_1"))
    records = Records(str(story.folder))
    assert records.told(*place) is not None
    story.path(1).unlink()
    assert records.told(*place) is None
