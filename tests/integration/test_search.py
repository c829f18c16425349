"""Looking for deliveries in the whole journal: what is found, how far it goes, when it ends."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw
from story import story
from telling import Story
from writing import Journal, until, watched

from hookconsole.journal import records as r
from hookconsole.journal.fold import Untaken as Waiting
from hookconsole.journal.history import Window, entries
from hookconsole.journal.reading import CHUNK
from hookconsole.journal.store import Store
from hookconsole.observing.filter import Filter
from hookconsole.observing.search import JournalSearch, Scene, Untaken
from hookconsole.observing.values import DeliveryRow, Key
from hookconsole.operating.desk import Desk
from hookconsole.operating.logbook import Query, find
from hookconsole.paths import Home
from simulation import ENDPOINTS, STEPS, Simulation
from support import T0, attempt, event, intake

ALL = 1_000_000
NOBODY = Untaken({}, lambda _: ([], []))
CONFIG = "".join(
    f'[endpoints.{name}]\nurl = "https://{name}.example/"\nevents = ["*"]\nsecret_env = "SECRET"\n'
    for name in ("acme", "bolt", "off", "new")
)


@pytest.fixture
def journal(tmp_path: Path) -> Story:
    return Story(tmp_path / "state" / "journal")


def scene(*registry: str, running: bool = True, horizon: float = 0.0) -> Scene:
    return Scene(registry or ("acme", "beta", "core"), running, horizon)


def begun(
    folder: Path, text: str = "", how: Scene | None = None, untaken: Untaken = NOBODY, wanted: int = ALL
) -> JournalSearch:
    made = JournalSearch(str(folder), Filter.parse(text, now=time.time()), lambda: how or scene(), untaken)
    made.want(wanted)
    return made


def found(*arguments: Any, **options: Any) -> list[DeliveryRow]:
    """All that a search finds."""
    made = begun(*arguments, **options)
    rows: list[DeliveryRow] = []
    take(made, rows, ALL)
    assert not made.trouble
    assert made.progress == 1.0
    return rows


def take(of: JournalSearch, rows: list[DeliveryRow], count: int) -> None:
    """Take what it finds until there are so many, or no more."""

    def enough() -> bool:
        rows.extend(of.take())
        return of.done or len(rows) >= count

    until(enough)


def keys(rows: list[DeliveryRow]) -> list[Key]:
    return [row.key for row in rows]


def ended() -> bool:
    return all(thread.name != "search" for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    yield
    until(ended, "a search goes on")


# What is found


def desk_of(folder: Path) -> Desk:
    home = Home(folder / "config.toml", folder / "state")
    home.config.touch(0o600)
    home.config.write_text(CONFIG)
    return Desk(home)


def test_a_search_finds_what_logs_prints_in_its_order(tmp_path: Path) -> None:
    story(tmp_path / "state" / "journal")
    desk = desk_of(tmp_path)
    printed = [
        (entry.event.event, entry.delivery.endpoint, entry.event.type, state, entry.delivery.attempts)
        for entry, state in find(desk, Query())
    ]
    assert {"held", "pending", "retrying", "delivered", "failed", "canceled", "skipped"} == {
        state for *_, state, _ in printed
    }
    how = scene(*desk.switches, running=False, horizon=desk.horizon)
    rows = found(tmp_path / "state" / "journal", "", how, Untaken(dict(desk.fold.untaken), desk.route))
    assert [(row.event, row.endpoint, row.type, row.state, row.attempts) for row in rows] == printed


TEXTS = [
    "endpoint:acme",
    "endpoint:acme,bolt !state:canceled",
    "acme",
    "event:sent",
    "event:waits",
    "event:sent endpoint:bolt",
    "event:nothing",
    "type:webhook.*",
    "state:failed",
    "state:waiting,held",
    "code:200",
    "code:reset",
    "!code:reset !code:200",
    "since:2h",
    "since:59m",
    "since:1s",
    "endpoint:nobody",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_filter_takes_out_of_all_what_it_matches(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "state" / "journal"
    story(folder)
    desk = desk_of(tmp_path)
    how, untaken = scene("acme", "bolt", running=True), Untaken(dict(desk.fold.untaken), desk.route)
    wanted = Filter.parse(text, now=time.time())
    brute = [row for row in found(folder, "", how, untaken) if wanted.matches(row)]
    assert found(folder, text, how, untaken) == brute
    assert brute or text in ("event:nothing", "since:1s", "endpoint:nobody")


def test_a_test_is_a_delivery(journal: Story) -> None:
    journal.put(event("evt_1", endpoint="acme", url="f1"), attempt("evt_1", "acme", test=True))
    (row,) = found(journal.folder, "webhook.test")
    assert (row.type, row.state, row.status) == ("webhook.test", "delivered", 200)


def test_what_retention_has_passed_is_shown_while_it_goes_on(journal: Story) -> None:
    for number in range(4):
        journal.accept(f"evt_{number}", "acme", seconds=number)
    journal.send("evt_0", "retrying")
    journal.send("evt_1", "delivered")
    rows = found(journal.folder, how=scene(horizon=T0 + 2))
    assert [row.event for row in rows] == ["evt_3", "evt_2", "evt_0"]


def test_what_was_taken_in_meanwhile_is_found_once(journal: Story) -> None:
    journal.accept("evt_1", "acme")
    journal.accept("evt_2", "acme", "beta", seconds=1.0)
    (place,) = journal.put(event("evt_3", 2.0))
    untaken = dict(Store(journal.folder).fold().untaken)
    journal.put(intake("evt_3", "acme", place=place), attempt("evt_3", "acme"))
    rows = found(journal.folder, untaken=Untaken(untaken, lambda _: (["acme"], [])))
    assert keys(rows) == [("evt_3", "acme"), ("evt_2", "beta"), ("evt_2", "acme"), ("evt_1", "acme")]


def test_what_nobody_has_taken_in_comes_first_the_newest_at_the_top(journal: Story) -> None:
    journal.accept("evt_1", "acme")
    journal.put(event("evt_2"), event("evt_3"))
    untaken = Untaken(dict(Store(journal.folder).fold().untaken), lambda _: (["acme"], []))
    rows = found(journal.folder, untaken=untaken)
    assert [row.event for row in rows] == ["evt_3", "evt_2", "evt_1"]


@given(STEPS, st.sampled_from(["", "endpoint:acme", "state:waiting", "!beta", "code:5xx state:failed"]))
@settings(max_examples=40)
def test_any_journal_is_found_whole(steps: list[tuple[str, int]], text: str) -> None:
    with TemporaryDirectory() as place:
        journal = Journal(Path(place) / "journal")
        fold = Simulation(append=journal.appender.append).run(steps).shown
        how = scene(*ENDPOINTS[:2])
        untaken = Untaken(dict(fold.untaken), lambda _: (list(ENDPOINTS), []))
        rows = found(journal.folder, "", how, untaken)
        waiting = {Key(event, endpoint) for event in fold.untaken for endpoint in ENDPOINTS}
        told = {Key(e.delivery.event, e.delivery.endpoint) for e in entries(Store(journal.folder), Window())}
        assert len(rows) == len({row.key for row in rows})
        assert {row.key for row in rows} == waiting | told
        gone = {Key(d.event, d.endpoint) for d in fold.unfinished() if d.endpoint == "core"}
        assert {row.key for row in rows if row.state == "held"} == gone - waiting
        wanted = Filter.parse(text)
        assert found(journal.folder, text, how, untaken) == [row for row in rows if wanted.matches(row)]
        journal.appender.close()


# How far it goes


def test_it_goes_no_further_than_is_wanted(journal: Story) -> None:
    for number in range(10):
        journal.accept(f"evt_{number}", "acme")
    made = begun(journal.folder, wanted=0)
    rows: list[DeliveryRow] = []
    for wanted in (2, 5):
        made.want(wanted)
        take(made, rows, wanted)
        assert not made.done
    made.cancel()
    until(ended)
    rows += made.take()
    assert [row.event for row in rows] == [f"evt_{number}" for number in range(9, 4, -1)]
    assert not made.done


def test_how_things_stand_is_asked_anew_when_it_goes_on(journal: Story) -> None:
    journal.accept("evt_1", "acme")
    journal.accept("evt_2", "acme")
    stands = [scene("acme")]
    made = JournalSearch(str(journal.folder), Filter(), lambda: stands[-1], NOBODY)
    made.want(1)
    rows: list[DeliveryRow] = []
    take(made, rows, 1)
    stands.append(scene("beta"))
    made.want(2)
    take(made, rows, 2)
    made.cancel()
    assert [row.state for row in rows] == ["pending", "held"]


def large(journal: Story, pieces: int) -> None:
    """Deliveries that take a piece of the journal each, in two segments."""
    for number in range(pieces):
        if number == pieces // 2:
            journal.appender.rotate()
        data = Raw(b'"%b"' % (b"x" * CHUNK))
        (place,) = journal.put(event(f"evt_{number}", data=data))
        journal.put(intake(f"evt_{number}", "acme", place=place))


def test_progress_is_the_share_of_the_journal_that_was_read(journal: Story) -> None:
    large(journal, 10)
    made = begun(journal.folder, wanted=0)
    assert made.progress == 0.0
    shares = []
    for wanted in range(1, 11):
        made.want(wanted)
        until(lambda: bool(made.take()))
        shares.append(made.progress)
    # What was read, give or take a piece.
    assert shares == pytest.approx([number / 10 for number in range(10)], abs=0.11)
    assert shares == sorted(shares)
    made.want(11)
    until(lambda: made.done)
    assert made.progress == 1.0


def test_where_there_is_no_journal_there_is_nothing(tmp_path: Path) -> None:
    assert found(tmp_path / "nowhere") == []


# When it ends


@pytest.mark.parametrize("text", ["", "endpoint:nobody", "event:nothing", "state:skipped"])
def test_canceled_it_reads_a_piece_more_at_most(
    journal: Story, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    large(journal, 10)
    read: list[int] = []
    made: list[JournalSearch] = []

    def seen(_fd: int, size: int, _offset: int) -> None:
        if size == CHUNK:
            read.append(size)
            if len(read) == 6:
                made[0].cancel()

    watched(monkeypatch, "pread", seen, owner=os)
    made.append(begun(journal.folder, text, wanted=0))
    made[0].want(ALL)
    until(ended)
    assert not made[0].done
    assert 6 <= len(read) <= 8


def test_canceled_while_it_waits_it_ends(journal: Story) -> None:
    journal.accept("evt_1", "acme")
    made = begun(journal.folder, wanted=0)
    made.cancel()
    until(ended)
    assert made.take() == []


def test_canceled_among_what_nobody_has_taken_in_it_ends(journal: Story) -> None:
    places = journal.put(*(event(f"evt_{number}") for number in range(5)))
    waiting = {f"evt_{number}": Waiting("invoice.paid", *place) for number, place in enumerate(places)}
    asked: list[str] = []

    def route(type_: str) -> tuple[list[str], list[str]]:
        asked.append(type_)
        made.cancel()
        return [], []

    made = begun(journal.folder, untaken=Untaken(waiting, route), wanted=0)
    made.want(ALL)
    until(ended)
    assert len(asked) == 1


def test_a_journal_of_a_later_version_says_so(journal: Story) -> None:
    journal.accept("evt_1", "acme")
    journal.path(2).write_bytes(r.to_line(r.Segment("2026-04-15T14:32:00Z", version=2, segment=2)))
    made = begun(journal.folder)
    until(lambda: made.done)
    assert "newer hookconsole" in made.trouble


def test_it_rests_as_long_as_it_reads(journal: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        journal.accept(f"evt_{number}", "acme")
    clock = iter(range(1000))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock) * 0.01)
    rests: list[float] = []
    real = threading.Event.wait

    def wait(event_: threading.Event, timeout: float | None = None) -> bool:
        if timeout is not None and threading.current_thread().name == "search":
            rests.append(timeout)
            return event_.is_set()
        return real(event_)

    monkeypatch.setattr(threading.Event, "wait", wait)
    assert len(found(journal.folder)) == 5
    assert len(rests) >= 5
    assert rests == pytest.approx([0.01] * len(rests))
