"""Endpoints as rows: what each field says, and when a row is made anew."""

from pathlib import Path
from typing import Any

import pytest
from sending import Site

from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.observing import endpoints
from hookconsole.observing.backlog import Backlog, count
from hookconsole.observing.endpoints import EndpointRows, endpoint_row
from hookconsole.observing.registry import Registry
from hookconsole.observing.values import EndpointRow
from hookconsole.operating.desk import Desk
from support import T0, at, attempt, event, intake

NOW = T0 + 60.0


class Clock:
    """The clock by which rows are made; it stands still."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ticks = 100.0
        patch.setattr(endpoints, "time", self)

    def monotonic(self) -> float:
        return self.ticks


class World:
    """A registry, a fold that a test feeds, and the rows that come of them."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.site.save(acme='url = "https://acme.example/hooks?key=secret"', off="active = false")
        self.desk = Desk(self.site.home)
        self.fold = self.desk.fold = Fold()
        self.registry = Registry(self.desk)
        self.rows = EndpointRows(self.fold, self.registry)

    def put(self, *records: r.AnyRecord) -> None:
        for number, record in enumerate(records):
            self.fold.apply(record, 1, 100 * number)
            if isinstance(record, r.Attempt):
                self.rows.touch(record.endpoint)

    def backlog(self) -> Backlog:
        return count(self.fold, self.desk.store, self.registry, lambda: None)

    def row(self, name: str, now: float = NOW) -> EndpointRow:
        return endpoint_row(name, self.fold, self.registry, self.backlog(), now)

    def refresh(self, now: float = NOW, seconds: float = 1.0) -> dict[str, EndpointRow]:
        self.rows.refresh(self.backlog(), now, seconds, lambda: None)
        return dict(self.rows.rows)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_an_endpoint_that_nothing_went_to_is_idle(world: World) -> None:
    row = world.row("acme")
    assert row == EndpointRow(
        "acme", "idle", "https://acme.example/hooks?***", volume=(0,) * 28, failures=(0,) * 28
    )
    off = world.row("off")
    assert (off.health, off.active) == ("inactive", False)


def test_a_row_says_how_the_last_attempt_went(world: World) -> None:
    refused = "certificate refused"
    world.put(attempt("a", "acme", "failed", status=None, error="tls", error_detail=refused, seconds=5))
    row = world.row("acme")
    assert (row.health, row.cause, row.detail) == ("failing", "tls", refused)
    assert (row.last_at, row.last_status) == (T0 + 5, None)
    world.put(attempt("b", "acme", "retrying", seconds=6))
    row = world.row("acme")
    assert (row.health, row.cause, row.detail, row.last_status) == ("failing", "status 503", "", 503)
    world.put(attempt("c", "acme", seconds=7))
    row = world.row("acme")
    assert (row.health, row.cause, row.last_status) == ("ok", "", 200)
    assert world.row("acme", NOW + 7 * 86400 + 1).health == "idle", "older than what is kept"


def test_an_idle_row_gives_no_cause_as_status_gives_none(world: World) -> None:
    world.put(attempt("a", "acme", "failed", status=None, error="tls", error_detail="certificate refused"))
    row = world.row("acme", NOW + 7 * 86400 + 1)
    assert (row.health, row.cause, row.detail) == ("idle", "", "")


def test_a_row_sums_the_last_day_up(world: World) -> None:
    world.put(
        attempt("old", "acme", "failed", seconds=-25 * 3600),
        attempt("a", "acme", duration_ms=10.0),
        attempt("b", "acme", "retrying", duration_ms=1000.0),
        attempt("c", "acme", "failed", duration_ms=1000.0),
    )
    row = world.row("acme")
    assert (row.delivered, row.failed, row.attempts_failed) == (1, 1, 2)
    assert row.p50_ms == pytest.approx(1000, rel=0.07)
    assert row.p95_ms == pytest.approx(1000, rel=0.07)
    assert row.success == pytest.approx(1 / 3)


def test_the_week_is_in_steps_of_six_hours_the_newest_last(world: World) -> None:
    hours = T0 // 3600 % 6  # since the newest step began
    week = 7 * 24
    world.put(
        attempt("too old", "acme", seconds=-(week - 6 + hours + 1) * 3600),
        attempt("first", "acme", "retrying", seconds=-(week - 6 + hours) * 3600 + 600),
        attempt("before", "acme", seconds=-(hours + 1) * 3600),
        attempt("a", "acme"),
        attempt("b", "acme", "failed"),
        attempt("a clock was ahead", "off", seconds=86400),
    )
    assert sum(world.row("off").volume) == 0
    row = world.row("acme")
    assert row.volume == (1, *(0,) * 25, 1, 2)
    assert row.failures == (1, *(0,) * 26, 1)


def test_what_waits_is_counted_with_what_no_sender_has_taken_in(world: World) -> None:
    world.put(event("a"), event("b"), intake("a", "acme"), attempt("a", "acme", "retrying", wait=3600))
    row = world.row("acme")
    assert (row.waiting, row.overdue_since) == (2, None)
    assert world.row("acme", NOW + 3600).overdue_since == pytest.approx(T0 + 0.1 + 3600)
    world.put(event("c", 3), intake("c", "acme"))
    assert world.row("acme").overdue_since == T0
    assert world.row("off").waiting == 0


def test_held_deliveries_have_a_row_until_they_are_gone(world: World) -> None:
    world.put(event("a"), intake("a", "lost"))
    row = world.refresh()["lost"]
    assert (row.health, row.active, row.waiting, row.overdue_since) == ("gone", False, 1, T0)
    world.put(r.Cancel(at(), event="a", endpoint="lost", user="anna"))
    assert sorted(world.refresh()) == ["acme", "off"]


def test_a_mapping_that_was_given_out_is_never_changed(world: World) -> None:
    world.refresh()
    before = world.rows.rows
    copy = dict(before)
    world.put(event("a"), intake("a", "acme"))
    assert world.refresh()["acme"].waiting == 1
    assert world.rows.rows is not before
    assert before == copy
    before = world.rows.rows
    world.refresh()
    assert world.rows.rows is before, "nothing has changed"


def test_a_row_is_made_whole_at_most_once_a_second(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    world.refresh()
    world.put(event("a"), intake("a", "acme"), attempt("a", "acme"))
    assert world.refresh()["acme"].delivered == 0
    clock.ticks += 1.0
    assert world.refresh()["acme"].delivered == 1


def test_what_waits_is_seen_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    world.refresh()
    world.put(event("a"), intake("a", "acme"))
    assert world.refresh()["acme"].waiting == 1
    assert world.refresh()["acme"].overdue_since == T0


def test_what_falls_due_is_overdue_without_a_record(world: World) -> None:
    world.put(event("a"), intake("a", "acme"), attempt("a", "acme", "retrying", wait=100))
    backlog = world.backlog()
    for now, overdue in ((NOW, None), (NOW + 30, None), (NOW + 50, T0 + 100.1)):
        world.rows.refresh(backlog, now, 1.0, lambda: None)
        assert world.rows.rows["acme"].overdue_since == (overdue and pytest.approx(overdue))


def test_a_new_hour_makes_all_rows_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_AGAIN_SECONDS", 0.0)
    world.put(attempt("a", "acme"))
    assert world.refresh()["acme"].delivered == 1
    assert world.refresh(NOW + 24 * 3600)["acme"].delivered == 0


def test_a_change_of_the_registry_shows_at_once(world: World) -> None:
    world.refresh()
    world.site.save(acme='url = "https://other.example/"\nactive = false', new="", off=None)
    world.registry.look()
    rows = world.refresh()
    assert (rows["acme"].url, rows["acme"].health) == ("https://other.example/", "inactive")
    assert sorted(rows) == ["acme", "new"]


def test_an_endpoint_that_comes_back_is_gone_no_more(world: World) -> None:
    world.put(event("a"), intake("a", "lost"))
    assert world.refresh()["lost"].health == "gone"
    world.site.save(lost="")
    world.registry.look()
    row = world.refresh()["lost"]
    assert (row.health, row.waiting) == ("idle", 1)


def test_an_endpoint_that_comes_back_unknown_but_for_its_switch_is_gone_no_more(world: World) -> None:
    world.put(event("a"), intake("a", "lost"))
    assert world.refresh()["lost"].health == "gone"
    world.put(r.Registry(at(), endpoints={"lost": r.Known(active=False)}, removed=[], event_types=[]))
    world.site.write("[endpoints]\nlost = 1\n")
    world.registry.look()
    assert world.refresh()["lost"].health == "inactive"


def test_those_that_fail_are_made_first_where_not_all_can_be_made(world: World) -> None:
    names: dict[str, Any] = {f"e{number}": "" for number in range(20)}
    world.site.save(**names)
    world.fold.apply(attempt("a", "e13", "failed"), 1, 0)
    world.registry.look()
    rows = world.refresh(seconds=-1.0)
    assert list(rows) == ["e13"]
    while len(rows) < 22:
        before, rows = rows, world.refresh(seconds=-1.0)
        assert len(rows) == len(before) + 1


def test_a_refused_file_leaves_what_was(world: World) -> None:
    known = {"acme": r.Known(), "off": r.Known(active=False)}
    world.put(r.Registry(at(), endpoints=known, removed=[], event_types=[]))
    world.registry.derive()
    before = world.refresh()
    world.site.write("[endpoints.acme]\nurl = 3\n")
    world.registry.look()
    assert "config.toml:1: endpoints.acme: " in world.registry.refusal
    assert world.refresh() == before
    assert world.registry.route("invoice.paid") == ([], []), "as in status"


def test_while_many_removals_wait_for_consent_nobody_is_known_to_get_anything(world: World) -> None:
    known = {name: r.Known() for name in ("acme", "off", "third")}
    world.put(r.Registry(at(), endpoints=known, removed=[], event_types=[]))
    world.site.save(acme=None, off=None, other="")
    world.registry.look()
    assert "loses 3 endpoints" in world.registry.refusal
    assert world.registry.route("invoice.paid") == ([], []), "as in status"
    assert world.registry.url("acme") == "https://acme.example/hooks?***"
    world.put(r.Consent(at(), removed=["acme", "off", "third"], user="anna"))
    world.registry.derive()
    assert world.registry.route("invoice.paid") == (["other"], [])
    assert world.registry.url("acme") == ""


def test_what_was_read_at_once_is_not_adopted_again_when_it_stands_still(world: World) -> None:
    world.site.save(new="")
    world.registry.look()
    changes = world.registry.changes
    world.registry.poll(100.0)
    world.registry.poll(101.0)
    assert world.registry.changes == changes
    world.site.save(newer="")
    world.registry.poll(102.0)
    assert world.registry.changes == changes, "not before it stands still"
    world.registry.poll(103.0)
    assert "newer" in world.registry.switches
