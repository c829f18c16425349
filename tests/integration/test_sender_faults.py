"""The sender through crashes, full disks and unreadable secrets: nothing is lost, no retry is used up."""

import asyncio
import errno
import os
import time
from pathlib import Path

import pytest
from sending import SECRET, Site, run, settled, until
from writing import failing

from hookconsole.delivery import outbox, sender
from hookconsole.delivery.signing import body_signature
from hookconsole.delivery.upkeep import Upkeep
from hookconsole.journal import records as r
from hookconsole.journal import segments
from support import T0, attempt, intake, retry, start


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


# Crashes


def test_after_a_crash_the_attempt_in_flight_is_recorded_and_made_again_in_its_place(site: Site) -> None:
    site.receivers.answer("acme.example", 503, 503, 200)
    gates: list[asyncio.Event] = []

    def hold_the_second(_: object) -> None:
        if len(site.receivers.requests) == 1:
            gates.append(site.receivers.hang("acme.example"))

    site.receivers.before = hold_the_second

    async def scenario() -> None:
        async with site.sending() as running:
            site.emit("evt_1")
            await until(lambda: len(site.receivers.requests) == 2)
            await running.kill()
        assert site.state("evt_1") == "sending"
        gates[0].set()
        async with site.sending():
            await settled(site, "evt_1")

    run(scenario)
    assert len({request.body for request in site.receivers.requests}) == 1
    assert [(a.attempt, a.slot, a.trigger, a.outcome) for a in site.attempts("evt_1")] == [
        (1, 0, "event", "retrying"),
        (2, 1, "retry", "interrupted"),
        (3, 1, "retry", "retrying"),
        (4, 2, "retry", "delivered"),
    ]


def test_every_request_that_left_is_in_the_journal_after_a_crash(site: Site) -> None:
    site.save(acme="", beta="")

    async def scenario() -> None:
        for crash in range(4):
            async with site.sending() as running:
                for number in range(5):
                    site.emit(f"evt_{crash}_{number}")
                await until(lambda crash=crash: len(site.receivers.requests) > crash * 7 + 2)  # type: ignore[misc]
                await running.kill()
        async with site.sending():
            for endpoint in ("acme", "beta"):
                names = (f"evt_{c}_{n}" for c in range(4) for n in range(5))
                await settled(site, *names, endpoint=endpoint)

    run(scenario)
    made = [(a.event, a.endpoint) for a in site.records(r.Attempt)]
    for request in site.receivers.requests:
        made.remove((request.event, request.host.removesuffix(".example")))
    # More only where the start was written and the machine stopped before the request left.
    outcomes = [a.outcome for a in site.records(r.Attempt)]
    assert len(made) <= outcomes.count("interrupted")


@pytest.mark.parametrize(
    ("began", "wait"),
    [
        (-3600.0, 600.0),  # it fell due while nobody sent
        (400 * 86400.0, 0.05),  # by a clock that stood wrong
    ],
)
def test_after_a_start_a_retry_waits_until_it_is_due_and_no_longer_than_was_recorded(
    site: Site, began: float, wait: float
) -> None:
    site.settings = "[delivery]\nretry_schedule = [600]\n"
    site.save(acme="")

    async def scenario() -> None:
        async with site.sending():
            pass
        site.emit("evt_1")
        (place,) = [at for at, record in site.places() if isinstance(record, r.Event)]
        failed = attempt("evt_1", "acme", "retrying", seconds=time.time() + began - T0, wait=wait)
        site.desk().put(intake("evt_1", "acme", place=place), start("evt_1", "acme"), failed)
        async with site.sending():
            await settled(site, "evt_1")

    run(scenario)
    assert [(a.attempt, a.slot) for a in site.attempts("evt_1")] == [(1, 0), (2, 1)]


def damage_what_a_checkpoint_tells(site: Site) -> None:
    (segment,) = Path(site.home.journal).glob("*.jsonl")
    lines = segment.read_bytes().splitlines(keepends=True)
    told = (b'{"kind":"intake"', b'{"kind":"start"', b'{"kind":"attempt"')
    segment.write_bytes(b"".join(x.swapcase() if x.startswith(told) else x for x in lines))


def test_a_start_reads_from_a_checkpoint(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hookconsole.delivery.upkeep.CHECKPOINT_AT_END_BYTES", 0)
    site.settings = "[delivery]\nretry_schedule = [600]\n"
    site.save(acme="")
    site.receivers.answer("acme.example", 503)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "retrying")
        assert site.records(r.Checkpoint)
        damage_what_a_checkpoint_tells(site)
        (place,) = [at for at, record in site.places() if isinstance(record, r.Event)]
        async with site.sending():
            site.desk().put(retry("evt_1", "acme", 1, place=place))
            await until(lambda: site.records(r.Attempt))

    run(scenario)
    assert [(a.attempt, a.slot) for a in site.records(r.Attempt)] == [(2, 1)]


# Secrets


def test_an_unreadable_secret_pauses_its_endpoint_and_uses_up_no_retry(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "SECRETS_SECONDS", 0.02)
    site.settings = "[delivery]\nretry_schedule = []\n"
    site.save(acme='secret_file = "secret"', beta="")

    async def scenario() -> None:
        async with site.sending():
            for number in range(20):
                site.emit(f"evt_{number}")
            await settled(site, *(f"evt_{n}" for n in range(20)), endpoint="beta")
            await until(lambda: any(a.error == "config" for a in site.records(r.Attempt)))
            for number in range(20, 50):  # time enough for the sender to try it again and again
                site.emit(f"evt_{number}")
                await settled(site, f"evt_{number}", endpoint="beta")
            assert site.receivers.got("acme.example") == []
            assert site.desk().fold.last["acme"].error == "config"
            (tmp_path / "secret").write_text(SECRET + "\n")
            await settled(site, *(f"evt_{n}" for n in range(50)))

    run(scenario)
    assert sum(a.error == "config" for a in site.records(r.Attempt)) <= 8
    ends = [site.attempts(f"evt_{n}")[-1] for n in range(50)]
    assert [(end.outcome, end.slot) for end in ends] == [("delivered", 0)] * 50
    signature = body_signature(SECRET.encode(), site.receivers.requests[-1].body)
    assert signature in [one.headers["accbooks-signature"] for one in site.receivers.requests]


def test_a_paused_endpoint_is_still_paused_after_a_restart(site: Site) -> None:
    site.save(acme='secret_file = "secret"')

    async def scenario() -> None:
        site.emit("evt_1")
        for count in (1, 2):
            async with site.sending():
                await until(lambda count=count: len(site.records(r.Attempt)) == count)  # type: ignore[misc]

    run(scenario)
    assert site.receivers.requests == []
    assert {(a.outcome, a.error, a.slot) for a in site.attempts("evt_1")} == {("retrying", "config", 0)}


# The disk


@pytest.mark.parametrize("name", ["write", "sync_file"])
def test_a_full_disk_halts_sending_and_it_goes_on_when_there_is_room(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(outbox, "PAUSE_SECONDS", 0.05)
    site.save(acme="endpoint_concurrency = 1")

    async def scenario() -> None:
        gate = site.receivers.hang("acme.example")
        async with site.sending() as running:
            site.emit("evt_1")
            site.emit("evt_2")
            await until(lambda: len(site.receivers.requests) == 1)
            with monkeypatch.context() as disk:
                failing(disk, name, errno.ENOSPC, 10**9, owner=segments if name == "sync_file" else os)
                gate.set()
                await until(lambda: "ENOSPC" in running.lock.note.halted)
                sent = len(site.receivers.requests)
                for _ in range(20):
                    await asyncio.sleep(0.005)
                assert len(site.receivers.requests) == sent
                assert name == "sync_file" or sent == 1, "one left whose start couldn't be written"
            await settled(site, "evt_1", "evt_2")
            await until(lambda: running.lock.note.halted == "")
            site.emit("evt_3")
            await settled(site, "evt_3")

    run(scenario)
    assert sorted(site.receivers.got("acme.example")) == ["evt_1", "evt_2", "evt_3"]
    assert [len(site.attempts(f"evt_{n}")) for n in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("stopped", [False, True])
def test_a_start_on_a_full_disk_waits_for_room(
    site: Site, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    site.emit("evt_1")
    monkeypatch.setattr(outbox, "BUSY_SECONDS", 0.02)

    async def scenario() -> None:
        with monkeypatch.context() as disk:
            failing(disk, "write", errno.ENOSPC, 10**9)
            async with site.sending(ready=False) as running:
                await until(lambda: "ENOSPC" in running.lock.note.halted)
                assert not running.ready.is_set()
                if stopped:
                    return
                disk.undo()
                await settled(site, "evt_1")
                await until(lambda: running.lock.note.halted == "")

    run(scenario)
    assert len(site.receivers.requests) == (0 if stopped else 1)


def test_housekeeping_that_fails_ends_no_sender(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Upkeep, "interval_seconds", 0.01)
    calls = failing(monkeypatch, "run", errno.EMFILE, 3, owner=Upkeep)

    async def scenario() -> None:
        async with site.sending():
            await until(lambda: len(calls) > 4)
            site.emit("evt_1")
            await settled(site, "evt_1")

    run(scenario)
    assert "upkeep of the journal failed" in caplog.text
