"""Deliveries as the hub tells of them: the same as a search finds, as soon as something happens to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sending import Site
from story import story
from telling import Story
from watching import Watched, now
from writing import until

from hookconsole.delivery.lock import SenderLock
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.history import Window, entries
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store
from hookconsole.observing import changes, live
from hookconsole.observing.live import LiveRows
from hookconsole.observing.registry import Registry
from hookconsole.observing.rows import row_of
from hookconsole.observing.values import DeliveryRow, Key
from hookconsole.operating.desk import Desk
from support import T0, attempt, cancel, event, intake, item, replay, retry, start


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    made.site.save(acme="")
    with made.watching():
        made.row("acme")
        made.changed()
        yield made


@pytest.fixture
def sending(world: Watched) -> Iterator[SenderLock]:
    """Somebody holds the sender's lock."""
    lock = SenderLock(world.home.state)
    lock.acquire("daemon")
    world.until(lambda s: s.sender.running)
    yield lock
    lock.release()


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_they_are_what_a_search_finds(tmp_path: Path, running: bool, at_once: int) -> None:
    site = Site(tmp_path)
    others = 'events = ["payroll.*"]'
    site.save(acme=others, bolt=others, new=others, off=others)
    desk = Desk(site.home)
    desk.fold = Fold()
    rows = LiveRows(desk.fold, desk.store, Registry(desk))
    story(Path(site.home.journal))
    told: dict[Key, DeliveryRow] = {}
    for number, (position, record, _) in enumerate(desk.store.forward(START), 1):
        rows.take(record, *position)
        if not number % at_once:
            rows.settle()
            told |= {row.key: row for row in rows.rows(running=running) or ()}
    rows.settle()
    told |= {row.key: row for row in rows.rows(running=running) or ()}
    registry = ("acme", "bolt", "new", "off")
    found = [row_of(entry, registry, running=running) for entry in entries(desk.store, Window())]
    assert len(found) > 20
    assert {key: same(row) for key, row in told.items()} == {row.key: same(row) for row in found}
    desk.close()


def same(row: DeliveryRow) -> DeliveryRow:
    """To the microsecond."""
    return replace(row, accepted=round(row.accepted, 5), next_at=row.next_at and round(row.next_at, 5))


def test_what_was_accepted_is_pending_before_it_is_taken_in(world: Watched) -> None:
    (place,) = world.story.put(event("a", now()))
    row = world.told(("a", "pending"))[Key("a", "acme")]
    assert row == DeliveryRow("a", "acme", "invoice.paid", *place, row.accepted, "pending")
    assert row.accepted == pytest.approx(T0 + now(), abs=20)


def test_a_sender_that_takes_it_in_otherwise_is_to_be_looked_at_anew(world: Watched) -> None:
    (place,) = world.story.put(event("a", now()))
    world.told(("a", "pending"))
    (other,) = world.story.put(event("b", now()))
    world.told(("b", "pending"))
    number, _ = world.hub.changes(0)
    world.put(intake("b", "acme", place=other))
    world.put(intake("a", "bolt", place=place))
    world.row("bolt", lambda row: row.waiting == 1)
    until(lambda: world.hub.changes(number)[1] is None)


def test_an_attempt_is_told_with_its_outcome(world: Watched, sending: SenderLock) -> None:
    world.story.accept("a", "acme", seconds=now())
    world.put(start("a", "acme", 1, now()))
    row = world.told(("a", "sending"))[Key("a", "acme")]
    assert (row.attempts, row.status, row.duration_ms) == (1, None, None)
    world.put(attempt("a", "acme", "retrying", 1, now(), wait=60.0))
    row = world.told(("a", "retrying"))[Key("a", "acme")]
    assert (row.attempts, row.status, row.error, row.duration_ms) == (1, 503, None, 100.0)
    assert row.next_at == pytest.approx(T0 + now() + 60, abs=20)
    # While the next one is made, the last one is what is known.
    world.put(start("a", "acme", 2, now(), slot=1))
    row = world.told(("a", "sending"))[Key("a", "acme")]
    assert (row.attempts, row.status, row.next_at) == (2, 503, None)
    world.put(attempt("a", "acme", "failed", 2, now(), error="timeout", status=None, slot=1))
    row = world.told(("a", "failed"))[Key("a", "acme")]
    assert (row.attempts, row.status, row.error) == (2, None, "timeout")


def test_skipped_canceled_and_retried_ones_are_told(world: Watched) -> None:
    world.story.accept("a", "acme", seconds=now(), skipped=("off",))
    assert world.told(("a", "skipped"))[Key("a", "off")].attempts == 0
    world.put(cancel("a", "acme"))
    world.told(("a", "canceled"))
    (place,) = world.story.put(event("b", now()))
    world.put(intake("b", "acme", place=place))
    world.told(("b", "pending"))
    world.put(r.Canceled(event("x").at, endpoint="acme", events=["b"]))
    world.told(("b", "canceled"))
    world.put(retry("b", "acme", 0, place=place))
    world.told(("b", "pending"))


def test_a_replays_deliveries_are_told_when_they_start(world: Watched, sending: SenderLock) -> None:
    place = world.story.accept("a", "acme", seconds=now())
    world.story.send("a", "failed", seconds=now())
    world.told(("a", "failed"))
    world.put(*replay("rpl_1", item("a", "acme", 1, place)))
    world.put(start("a", "acme", 2, now(), replay="rpl_1", trigger="replay"))
    row = world.told(("a", "sending"))[Key("a", "acme")]
    assert (row.attempts, row.status) == (2, 503)


def test_of_what_the_journal_has_had_for_long_the_event_is_read_back(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.site.save(acme="")
    place = world.story.accept("a", "acme", seconds=now() - 7200)
    world.story.send("a", "retrying", seconds=now() - 1800)
    with world.watching():
        world.until(lambda s: s.causes)  # the hour before has been read
        world.changed()
        world.put(cancel("a", "acme"))
        row = world.told(("a", "canceled"))[Key("a", "acme")]
    assert row == DeliveryRow(
        "a", "acme", "invoice.paid", *place, row.accepted, "canceled", 1, 503, None, 100.0
    )
    assert row.accepted == pytest.approx(T0 + now() - 7200, abs=20)


def test_what_is_carried_forward_is_told_with_its_new_place(world: Watched) -> None:
    world.story.accept("a", "acme", seconds=now() - 60)
    before = world.told(("a", "pending"))[Key("a", "acme")]
    accepted = event("a", now() - 60).at
    carried = {"acme": r.Standing(0, 0, "event")}
    (place,) = world.story.put(event("a", now(), accepted_at=accepted, carried=carried))
    row = world.told(("a", "pending"))[Key("a", "acme")]
    while row == before:
        row = world.told(("a", "pending"))[Key("a", "acme")]
    assert (row.segment, row.offset) == place
    assert row.accepted == pytest.approx(before.accepted, abs=5)


def test_an_event_whose_record_is_gone_is_not_told_of(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    world.site.save(acme="")
    world.put(intake("lost", "acme"))
    with world.watching():
        world.row("acme")
        world.changed()
        world.story.accept("a", "acme", seconds=now())
        world.put(cancel("lost", "acme"), cancel("a", "acme"))
        assert list(world.told(("a", "canceled"))) == [Key("a", "acme")]


def test_nothing_is_being_sent_where_nobody_sends(world: Watched) -> None:
    for name in ("a", "b"):
        world.story.accept(name, "acme", seconds=now())
    world.story.send("b", "retrying", seconds=now())
    world.put(start("a", "acme", 1, now()), start("b", "acme", 2, now(), slot=1))
    world.told(("a", "pending"), ("b", "retrying"))
    lock = SenderLock(world.home.state)
    lock.acquire("daemon")
    world.told(("a", "sending"), ("b", "sending"))
    lock.release()
    world.told(("a", "pending"), ("b", "retrying"))


def test_what_is_held_and_what_is_no_more_is_to_be_looked_at_anew(world: Watched) -> None:
    world.story.accept("a", "acme", "lost", seconds=now())
    assert world.told(("a", "pending"), ("a", "held"))[Key("a", "lost")].state == "held"
    world.site.save(lost="")
    world.hub.look_at_config()
    world.row("lost", lambda row: row.health != "gone")
    number, rows = world.hub.changes(world.hub.changes(0)[0] - 1)
    assert (number > 0, rows) == (True, None)


def test_what_waits_for_a_sender_is_to_be_looked_at_anew_when_the_registry_changes(world: Watched) -> None:
    world.put(event("a", now()))
    world.told(("a", "pending"))
    number, _ = world.hub.changes(0)
    world.site.save(acme='events = ["payroll.*"]')
    world.hub.look_at_config()
    until(lambda: world.hub.changes(number)[1] is None)


def test_an_edit_of_a_url_is_no_reason_to_look_anew(world: Watched) -> None:
    world.story.accept("a", "acme", seconds=now())
    world.told(("a", "pending"))
    world.site.save(acme='url = "https://acme.example/new"')
    world.hub.look_at_config()
    world.row("acme", lambda row: row.url.endswith("/new"))
    world.put(cancel("a", "acme"))
    world.told(("a", "canceled"))
    assert world.hub.changes(1)[1] is not None


def test_more_than_anyone_is_told_is_to_be_looked_at_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KEPT", 5)
    rows = fed(tmp_path, 6)
    assert rows.rows(running=True) is None
    assert rows.rows(running=True) == [], "once"
    assert changes.KEPT == 10_000


def test_as_many_as_are_told_are_told_the_oldest_change_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KEPT", 5)
    told = fed(tmp_path, 5).rows(running=True)
    assert told is not None
    assert [row.event for row in told] == [f"e{number}" for number in range(5)]


def test_a_delivery_that_changes_again_counts_by_its_last_change(tmp_path: Path) -> None:
    rows = fed(tmp_path, 3)
    rows.take(retry("e0", "acme", 1), 2, 0)
    rows.take(cancel("e0", "acme"), 2, 1)
    told = rows.rows(running=True)
    assert told is not None
    assert [(row.event, row.state) for row in told] == [
        ("e1", "delivered"),
        ("e2", "delivered"),
        ("e0", "canceled"),
    ]


def test_an_attempt_that_stands_there_a_second_time_changes_nothing(tmp_path: Path) -> None:
    rows = fed(tmp_path, 1)
    rows.take(retry("e0", "acme", 1), 2, 0)
    rows.take(start("e0", "acme", 2), 2, 1)
    rows.take(attempt("e0", "acme", "retrying", 2, error="dns", status=None, wait=1.0), 2, 2)
    rows.take(attempt("e0", "acme", "retrying", 1, error="tls", status=None), 2, 3)
    told = rows.rows(running=True)
    assert told is not None
    assert [(row.attempts, row.error) for row in told] == [(2, "dns")]


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_REMEMBERED", 2)
    rows = fed(tmp_path, 6)
    told = rows.rows(running=True)
    assert told is not None
    assert [row.type for row in told] == ["invoice.paid"] * 6, "read back"
    assert [row.status for row in told] == [None, None, None, None, 200, 200]


def fed(folder: Path, count: int) -> LiveRows:
    """The rows of so many deliveries that were delivered."""
    site = Site(folder)
    site.save(acme="")
    tale = Story(Path(site.home.journal))
    for number in range(count):
        tale.accept(f"e{number}", "acme")
        tale.send(f"e{number}", "delivered")
    desk = Desk(site.home)
    desk.fold = Fold()
    rows = LiveRows(desk.fold, desk.store, Registry(desk))
    store = Store(site.home.journal)
    for position, record, _ in store.forward(START):
        rows.take(record, *position)
    store.close()
    rows.settle()
    return rows
