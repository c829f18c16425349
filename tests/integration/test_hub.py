"""The hub over real files: every field of a snapshot, as it becomes true."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sending import run
from sending import until as until_async
from story import story
from watching import Watched, now, opened
from writing import until

from hookconsole.delivery.lock import SenderLock
from hookconsole.errors import InputError
from hookconsole.journal import records as r
from hookconsole.journal.segments import Position, segment_path
from hookconsole.journal.store import Store
from hookconsole.observing import onlooker, watch
from hookconsole.observing.hub import Hub, Search
from hookconsole.observing.onlooker import Onlooker
from hookconsole.observing.pace import Pace
from hookconsole.observing.values import DeliveryRow, ReplayRow, SenderView
from hookconsole.observing.watch import JournalHub
from hookconsole.operating.desk import Desk
from hookconsole.operating.health import status
from support import T0, attempt, event, item, replay, start

NOBODY = "nobody sends: start one with hookconsole --daemon"


@pytest.fixture
def world(tmp_path: Path) -> Watched:
    made = Watched(tmp_path)
    made.site.save(acme="")
    return made


@pytest.fixture
def sending(world: Watched) -> Iterator[SenderLock]:
    """Somebody holds the sender's lock."""
    lock = SenderLock(world.home.state)
    lock.acquire("daemon")
    yield lock
    lock.release()


def test_it_is_there_before_the_journal_has_been_read(
    world: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = threading.Event()
    real = Store.checkpointed
    monkeypatch.setattr(Store, "checkpointed", lambda store: (read.wait(), real(store))[1])
    hub = world.hub = JournalHub(world.home)
    try:
        as_a_hub: Hub = hub
        snapshot = as_a_hub.snapshot()
        assert (snapshot.version, snapshot.alarms, dict(snapshot.endpoints)) == (0, (), {})
        assert snapshot.now == pytest.approx(time.time(), abs=20)
        assert hub.changes(0) == (0, [])
        read.set()
        assert world.until(lambda s: s.version).alarms == (NOBODY,)
        assert hub.changes(0)[1] is None, "what the journal had was not told"
    finally:
        read.set()
        hub.close()


def test_neither_journal_nor_config_need_be_there(tmp_path: Path) -> None:
    world = Watched(tmp_path)
    with world.watching() as hub:
        snapshot = hub.snapshot()
        assert snapshot.alarms == (NOBODY,)
        assert (snapshot.refusal, dict(snapshot.endpoints)) == ("", {})
        assert not world.home.state.exists(), "looking on writes nothing"
        world.site.save(acme="")
        world.row("acme")
        world.story.accept("a", "acme", seconds=now())
        assert world.until(lambda s: s.backlog).endpoints["acme"].waiting == 1


def test_it_says_what_status_says(world: Watched) -> None:
    world.site.save(acme="", bolt="", new="", off="active = false")
    story(Path(world.home.journal))
    desk = Desk(world.home)
    expected = status(desk)
    desk.close()
    with world.watching():
        found = world.until(lambda s: len(s.endpoints) == 5)
    assert (found.backlog, found.held) == (expected.backlog, expected.held)
    assert expected.backlog > 5
    assert expected.held == 1
    assert found.overdue_since is not None
    assert found.now - found.overdue_since == pytest.approx(expected.oldest_overdue_seconds, abs=30)
    assert [alarm.partition(" for ")[0] for alarm in found.alarms] == [
        alarm.partition(" for ")[0] for alarm in expected.alarms
    ]
    for one in expected.endpoints:
        row = found.endpoints[one.name]
        assert (row.health, row.active, row.waiting, row.cause) == (
            one.health, one.active, one.pending, one.cause
        )  # fmt: skip
        assert (row.delivered, row.failed) == (one.delivered_24h, one.failed_24h)
        assert (row.p50_ms, row.p95_ms) == (one.p50_ms, one.p95_ms)
    assert found.endpoints["gone"].health == "gone"
    assert found.endpoints["gone"].waiting == 1


def test_what_a_sender_does_is_seen(world: Watched) -> None:
    world.site.save(acme="", bolt="")
    world.site.receivers.answer("bolt.example", 503)

    async def scenario() -> None:
        async with world.site.sending():
            for number in range(30):
                world.site.emit(f"evt_{number}")
            await until_async(lambda: world.row("acme").delivered == 30 and world.row("bolt").failed == 30)
            await until_async(lambda: 0 < world.hub.snapshot().per_second <= 12.0)

    with world.watching():
        run(scenario)
        snapshot = world.hub.snapshot()
        assert snapshot.backlog == 0
        assert snapshot.overdue_since is None
        assert sum(minute.delivered for minute in snapshot.minutes) == 30
        assert sum(minute.failed for minute in snapshot.minutes) == 90
        assert snapshot.causes == (("status 503", 90),)
        assert snapshot.endpoints["bolt"].attempts_failed == 90
        assert sum(snapshot.endpoints["bolt"].volume) == 90


def test_it_says_who_sends_and_within_a_second_that_nobody_does(world: Watched, sending: SenderLock) -> None:
    with world.watching():
        found = world.until(lambda s: s.sender.running)
        note = sending.note
        assert found.sender == SenderView(
            True, True, os.getpid(), "daemon", note.user, found.sender.since, ""
        )
        assert found.sender.since == pytest.approx(time.time(), abs=20)
        assert found.alarms == ()
        sending.publish(halted="the disk is full")
        found = world.until(lambda s: s.sender.halted)
        assert found.alarms == ("sending is halted: the disk is full",)
        sending.publish(halted="")
        world.until(lambda s: s.alarms == ())
        began = world.hub.snapshot().now
        sending.release()
        found = world.until(lambda s: not s.sender.running)
        assert found.alarms == (NOBODY,)
        assert found.sender == SenderView()
        assert found.now - began < 15, "a machine under load apart, it is a second"


def test_another_process_is_not_our_own(world: Watched, sending: SenderLock) -> None:
    sending.note.pid = os.getppid()
    sending.publish(halted=" ")
    with world.watching():
        found = world.until(lambda s: s.sender.running).sender
        assert (found.own, found.pid) == (False, os.getppid())


def test_what_is_long_overdue_is_an_alarm(world: Watched, sending: SenderLock) -> None:
    with world.watching():
        world.story.accept("a", "acme", seconds=now() - 61)
        found = world.until(lambda s: s.alarms)
        assert found.alarms[0].startswith("the oldest overdue delivery has waited for 6")
        assert found.overdue_since == pytest.approx(T0 + now() - 61, abs=20)
        assert found.endpoints["acme"].overdue_since == found.overdue_since
        # Receivers that fail are no alarm.
        world.story.accept("b", "acme", seconds=now() - 61)
        world.story.send("b", "failed", seconds=now())
        assert world.until(lambda s: not s.alarms).endpoints["acme"].overdue_since is not None


def test_what_no_sender_takes_in_is_overdue_too(world: Watched, sending: SenderLock) -> None:
    with world.watching():
        world.put(event("a", now() - 61))
        found = world.until(lambda s: s.alarms)
        assert found.overdue_since == pytest.approx(T0 + now() - 61, abs=20)
        assert (found.backlog, found.endpoints["acme"].waiting) == (1, 1)


def test_what_was_held_waits_again_when_its_endpoint_is_back(world: Watched) -> None:
    world.story.accept("a", "lost", seconds=now())
    with world.watching() as hub:
        world.until(lambda s: (s.backlog, s.held) == (0, 1))
        world.site.save(lost="")
        hub.look_at_config()
        world.until(lambda s: (s.backlog, s.held) == (1, 0))


def test_a_config_that_is_refused_is_an_alarm_until_it_is_mended(world: Watched, sending: SenderLock) -> None:
    world.put(r.Registry(event("x").at, endpoints={"acme": r.Known()}, removed=[], event_types=[]))
    with world.watching():
        url = world.row("acme").url
        assert url == "https://acme.example/hooks"
        world.site.write("[endpoints.acme]\nurl = \n")
        found = world.until(lambda s: s.refusal)
        assert "config.toml:2: endpoints.acme.url: " in found.refusal
        assert found.alarms == (f"the config on disk is refused: {found.refusal}",)
        assert found.endpoints["acme"].url == url
        world.site.save(acme="", bolt="")
        found = world.until(lambda s: not s.refusal)
        assert found.alarms == ()
        world.row("bolt")


def test_removals_wait_for_consent(world: Watched, sending: SenderLock) -> None:
    known = {name: r.Known() for name in ("acme", "bolt")}
    world.site.save(bolt="")
    world.put(r.Registry(event("x").at, endpoints=known, removed=[], event_types=[]))
    with world.watching():
        world.row("acme")
        world.site.write('[event_types]\n"acme.made" = "one of our own"\n')
        found = world.until(lambda s: s.alarms)
        assert "it loses 2 endpoints" in found.alarms[0]
        assert "accept-removals" in found.refusal
        assert sorted(found.endpoints) == ["acme", "bolt"]
        assert found.endpoints["acme"].url == "https://acme.example/hooks", "what was known of them stays"
        world.put(r.Consent(event("x").at, removed=["acme", "bolt"], user="anna"))
        assert not world.until(lambda s: not s.refusal).alarms
        world.until(lambda s: not s.endpoints)


def test_a_change_of_our_own_is_read_at_once(world: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onlooker, "_CONFIG_SECONDS", 1e9)
    with world.watching() as hub:
        world.site.save(bolt="")
        hub.look_at_config()
        world.row("bolt")


def test_the_hour_before_is_filled_in_behind_the_first_snapshot(
    world: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(
        attempt("old", "acme", seconds=now() - 4000),
        attempt("a", "acme", seconds=now() - 1800),
        attempt("b", "acme", "failed", seconds=now() - 1700),
        attempt("t", "acme", "failed", seconds=now() - 1600, test=True),
    )
    seen = threading.Event()
    real = Onlooker.look_back
    monkeypatch.setattr(Onlooker, "look_back", lambda one: (seen.wait(), real(one))[1])
    with world.watching() as hub:
        try:
            assert hub.snapshot().version
            assert hub.snapshot().causes == ()
        finally:
            seen.set()
        found = world.until(lambda s: s.causes)
        assert found.causes == (("status 503", 1),)
        assert sum(minute.delivered for minute in found.minutes) == 1
        assert len(found.minutes) == 60
        # What comes is added to it, tests and what is written twice apart.
        world.put(start("c", "acme"), attempt("d", "acme", seconds=now()))
        world.put(attempt("t", "acme", "failed", seconds=now(), test=True))
        world.until(lambda s: sum(minute.delivered for minute in s.minutes) == 2)
        world.story.accept("e", "acme", seconds=now())
        world.story.send("e", "failed", seconds=now())
        again = attempt("e", "acme", "failed", seconds=now())
        world.put(again, again, attempt("f", "acme", seconds=now()))
        world.until(lambda s: sum(minute.delivered for minute in s.minutes) == 3)
        assert world.hub.snapshot().causes == (("status 503", 2),)


def test_bulk_retries_are_told_the_newest_first(world: Watched) -> None:
    world.put(*replay("rpl_1", item("a", "acme"), item("b", "acme"), item("c", "acme"), rate=5.0))
    with world.watching():
        first = world.until(lambda s: s.replays).replays[0]
        assert first == ReplayRow("rpl_1", "running", T0, "anna", "all endpoints", 3, 0, 0, 0, 0, 5.0)
        world.put(
            start("a", "acme", 2, replay="rpl_1", trigger="replay"),
            attempt("a", "acme", "delivered", 2, replay="rpl_1", trigger="replay"),
            start("b", "acme", 2, replay="rpl_1", trigger="replay"),
            attempt("b", "acme", "failed", 2, replay="rpl_1", trigger="replay"),
            r.ReplayPassed(event("x").at, replay="rpl_1", items=[("c", "acme", "gone")]),
            r.ReplayItems(event("x").at, replay="rpl_0", items=[item("z", "acme")]),
            *replay("rpl_2", item("d", "acme")),
        )
        found = world.until(lambda s: len(s.replays) == 2).replays
        assert [row.replay for row in found] == ["rpl_2", "rpl_1"]
        assert found[1] == first._replace(state="done", started=2, delivered=1, failed=1, passed=1)


def test_a_quiet_hub_tells_the_time_and_nothing_else(world: Watched) -> None:
    with world.watching():
        before = world.until(lambda s: s.endpoints)
        after = world.until(lambda s: s.now > before.now + 0.9)
        assert after.endpoints is before.endpoints
        assert replace(after, now=before.now, version=before.version, minutes=before.minutes) == before
        seconds = after.now - before.now
        assert after.version - before.version <= 1 + seconds, "once a second, and when something changes"


def test_a_failure_of_the_process_is_the_first_alarm(world: Watched) -> None:
    with world.watching() as hub:
        hub.fail("the sender's thread ended: no luck")
        found = world.until(lambda s: len(s.alarms) > 1)
        assert found.alarms == ("the sender's thread ended: no luck", NOBODY)


def test_an_error_in_its_thread_is_an_alarm(world: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, bool] = {}
    with world.watching() as hub:
        monkeypatch.setattr(Onlooker, "look", lambda *_, **__: known["surprise"])
        found = world.until(lambda s: "KeyError" in s.alarms[0])
        assert found.alarms == ("what is shown stands still: KeyError: 'surprise'",)
        hub.fail("the sender's thread ended: no luck")
        assert hub.snapshot().alarms == ("the sender's thread ended: no luck", *found.alarms)


def test_an_error_that_passes_is_an_alarm_until_it_has_passed(
    world: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "AGAIN_SECONDS", 0.01)
    with world.watching() as hub:
        world.row("acme")
        with monkeypatch.context() as patch:
            patch.setattr(Onlooker, "look", lambda *_, **__: os.open("/proc/none", os.O_RDONLY))
            found = world.until(lambda s: "still" in s.alarms[0])
            assert "No such file" in found.alarms[0]
            assert "acme" in found.endpoints, "what was known is shown on"
        number, _ = hub.changes(0)
        world.until(lambda s: s.alarms == (NOBODY,))
        world.story.accept("a", "acme", seconds=now())
        world.row("acme", lambda row: row.waiting == 1)
        assert hub.changes(number - 1)[1] is None, "what happened meanwhile wasn't told"


def test_a_journal_of_a_newer_version_is_an_alarm(world: Watched) -> None:
    world.story.put(r.Segment(event("x").at, version=1, segment=1))
    line = r.to_line(r.Segment(event("x").at, version=9, segment=1))
    world.story.path(1).write_bytes(line)
    hub = world.hub = JournalHub(world.home)
    try:
        assert "format version 9" in world.until(lambda s: s.alarms).alarms[0]
    finally:
        hub.close()


def test_it_reads_on_behind_segments_that_were_trimmed(
    world: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onlooker, "_RELEASE_SECONDS", 0.0)
    with world.watching():
        world.story.accept("a", "acme", seconds=now())
        world.until(lambda s: s.backlog == 1)
        for number in (2, 3):
            world.story.appender.rotate()
            world.story.accept(f"in {number}", "acme", seconds=now())
        world.until(lambda s: s.backlog == 3)
        for number in (1, 2):
            os.unlink(segment_path(str(world.story.folder), number))
        world.story.appender.rotate()
        world.story.accept("b", "acme", seconds=now())
        world.until(lambda s: s.backlog == 4)
        # No descriptor keeps a deleted segment on the disk.
        until(lambda: not any(f"{number:012d}.jsonl (deleted)" in opened() for number in (1, 2)))


def all_of(search: Search) -> list[DeliveryRow]:
    """What it finds."""
    found: list[DeliveryRow] = []
    search.want(1000)

    def is_done() -> bool:
        found.extend(search.take())
        return search.done

    until(is_done)
    return found


def test_a_search_knows_the_registry_and_what_waits(world: Watched) -> None:
    world.story.accept("a", "acme", "lost", seconds=now())
    with world.watching() as hub:
        world.put(event("b", now()))
        world.until(lambda s: s.backlog == 2)
        found = all_of(hub.search(""))
        assert {(row.event, row.endpoint, row.state) for row in found} == {
            ("b", "acme", "pending"),
            ("a", "acme", "pending"),
            ("a", "lost", "held"),
        }
        with pytest.raises(InputError, match="did you mean acme"):
            hub.search("endpoint:acne")
        with pytest.raises(InputError, match=r"did you mean invoice\.paid"):
            hub.search("type:invoice.pait")
        hub.search("endpoint:lost").cancel()


def test_a_search_may_begin_before_the_journal_has_been_read(
    world: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.story.accept("a", "acme", seconds=now())
    read = threading.Event()
    real = Store.checkpointed
    monkeypatch.setattr(Store, "checkpointed", lambda store: (read.wait(), real(store))[1])
    hub = JournalHub(world.home)
    try:
        found = all_of(hub.search(""))
        assert [(row.event, row.state) for row in found] == [("a", "pending")]
    finally:
        read.set()
        hub.close()


def test_closing_ends_its_thread_even_while_the_journal_is_read(
    world: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookconsole.journal.tail._CHUNK", 200)
    for number in range(200):
        world.story.accept(f"e{number}", "acme", seconds=now())
    reading, go_on = threading.Event(), threading.Event()
    real = Pace.rest

    def rest(pace: Pace) -> None:
        reading.set()
        go_on.wait()
        real(pace)

    monkeypatch.setattr(Pace, "rest", rest)
    hub = JournalHub(world.home)
    assert reading.wait(20)
    threading.Timer(0.05, go_on.set).start()
    hub.close()
    assert hub.snapshot().version == 0
    assert not any(thread.name == "onlooker" for thread in threading.enumerate())


def test_a_position_is_that_of_the_events_record(world: Watched) -> None:
    with world.watching():
        place = world.story.accept("a", "acme", seconds=now())
        (row,) = world.told(("a", "pending")).values()
        assert Position(row.segment, row.offset) == place
