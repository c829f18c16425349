"""The sender as a whole: what is sent, when, and what the journal says of it."""

import asyncio
import errno
from pathlib import Path

import httpx
import pytest
from sending import SECRET, Site, run, settled, until
from writing import failing

from hookconsole.delivery import sender
from hookconsole.delivery.signing import body_signature, decode_standard, standard_signature
from hookconsole.emitter import Emission, Emitter
from hookconsole.journal import records as r
from hookconsole.journal.store import Store


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


def test_an_event_is_delivered_signed_to_its_subscribers(site: Site) -> None:
    site.save(acme="", beta='events = ["payroll.*"]')

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1", b'{ "total": 2500.00 }')
            await settled(site, "evt_1")

    run(scenario)
    (request,) = site.receivers.requests
    assert request.host == "acme.example"
    assert request.body.startswith(b'{"id":"evt_1","type":"invoice.paid","created_at":"')
    assert request.body.endswith(b'"data":{"total":2500.00}}')
    headers = request.headers
    assert headers["accbooks-signature"] == body_signature(SECRET.encode(), request.body)
    key = decode_standard(SECRET)
    assert key is not None
    assert headers["webhook-signature"] == standard_signature(
        key, "evt_1", headers["webhook-timestamp"], request.body
    )
    assert headers["user-agent"].startswith("hookconsole/")
    assert [a.outcome for a in site.attempts("evt_1")] == ["delivered"]


def test_what_was_accepted_before_a_sender_ran_is_delivered(site: Site) -> None:
    async def scenario() -> None:
        for number in range(20):
            site.emit(f"evt_{number}")
        async with site.sending():
            await settled(site, *(f"evt_{n}" for n in range(20)))

    run(scenario)
    assert sorted(site.receivers.got("acme.example")) == sorted(f"evt_{n}" for n in range(20))


def test_many_at_once_are_taken_in_by_and_by(site: Site) -> None:
    async def scenario() -> None:
        with Emitter(config=site.home.config, state=site.home.state) as emitter:
            accepted = emitter.accept([Emission("invoice.paid", b"{}")] * 1200)
        async with site.sending():
            await until(lambda: len(site.receivers.requests) == 1200)
        assert {name for name, _ in accepted} == set(site.receivers.got("acme.example"))

    run(scenario)
    assert max(len(one.events) for one in site.records(r.Intake)) <= 500


def test_no_request_leaves_before_its_start_is_written(site: Site) -> None:
    started: list[set[tuple[str, int]]] = []

    def look(_: object) -> None:
        records = site.records(r.Start)
        started.append({(one.event, one.attempt) for record in records for one in record.attempts})

    site.receivers.before = look
    site.receivers.answer("acme.example", 503, 200)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")

    run(scenario)
    assert started == [{("evt_1", 1)}, {("evt_1", 1), ("evt_1", 2)}]


def test_failures_are_retried_on_schedule_with_the_same_bytes_and_then_it_has_failed(site: Site) -> None:
    site.receivers.answer("acme.example", 500, httpx.ReadError("reset"), 301)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")

    run(scenario)
    assert len({request.body for request in site.receivers.requests}) == 1
    attempts = site.attempts("evt_1")
    assert [(a.attempt, a.slot, a.trigger, a.outcome, a.status, a.error) for a in attempts] == [
        (1, 0, "event", "retrying", 500, None),
        (2, 1, "retry", "retrying", None, "reset"),
        (3, 2, "retry", "failed", 301, None),
    ]
    assert [a.next_attempt_at is None for a in attempts] == [False, False, True]


def test_a_retry_after_lengthens_a_wait(site: Site) -> None:
    site.receivers.answer("acme.example", httpx.Response(429, headers={"Retry-After": "600"}))

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "retrying")

    run(scenario)
    (entry,) = [site.entry("evt_1")]
    assert entry is not None
    assert 599 < entry.delivery.wait < 601


def test_a_hanging_endpoint_holds_up_no_other(site: Site) -> None:
    site.save(acme="", beta="")

    async def scenario() -> None:
        gate = site.receivers.hang("acme.example")
        async with site.sending():
            for number in range(30):
                site.emit(f"evt_{number}")
            await settled(site, *(f"evt_{n}" for n in range(30)), endpoint="beta")
            assert len(site.receivers.got("acme.example")) <= 8
            gate.set()
            await settled(site, *(f"evt_{n}" for n in range(30)))

    run(scenario)


def test_stopped_it_lets_attempts_finish_and_starts_none(site: Site) -> None:
    site.save(acme="endpoint_concurrency = 1")

    async def scenario() -> None:
        gate = site.receivers.hang("acme.example")
        async with site.sending() as running:
            site.emit("evt_1")
            site.emit("evt_2")
            await until(lambda: site.receivers.requests)
            stopping = asyncio.create_task(running.stop())
            await until(lambda: running.sender._dispatcher._stopping)
            assert not stopping.done()
            gate.set()
            await stopping
        assert (site.state("evt_1"), site.state("evt_2")) == ("delivered", "pending")
        assert [record.state for record in site.records(r.Sender)] == ["started", "stopped"]
        async with site.sending():
            await settled(site, "evt_2")

    run(scenario)
    assert [len(site.attempts(name)) for name in ("evt_1", "evt_2")] == [1, 1]


def test_an_event_whose_record_is_damaged_is_blocked(site: Site) -> None:
    async def scenario() -> None:
        gate = site.receivers.hang("acme.example")
        site.save(acme="endpoint_concurrency = 1")
        async with site.sending():
            site.emit("evt_1")
            site.emit("evt_2", b'{"total":1}')
            await until(lambda: site.state("evt_2") == "pending")
            segment = Path(site.home.journal) / f"{1:012d}.jsonl"
            whole = segment.read_bytes()
            with segment.open("r+b") as file:
                file.write(whole.replace(b'{"total":1}', b'{"total":9}'))
            gate.set()
            await until(lambda: any(a.event == "evt_2" for a in site.records(r.Attempt)))

    run(scenario)
    attempt = site.records(r.Attempt)[-1]
    assert (attempt.error, attempt.outcome) == ("blocked", "failed")
    assert site.receivers.got("acme.example") == ["evt_1"]


def test_a_journal_that_cant_be_read_for_a_moment_uses_up_no_retry(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "SECRETS_SECONDS", 0.02)
    site.settings = "[delivery]\nretry_schedule = []\n"
    site.save(acme="")

    async def scenario() -> None:
        async with site.sending():
            with monkeypatch.context() as machine:
                failing(machine, "event_at", errno.EMFILE, times=2, owner=Store)
                site.emit("evt_1")
                await until(lambda: len(site.records(r.Attempt)) >= 2)
            await settled(site, "evt_1")

    run(scenario)
    assert [(a.outcome, a.error, a.slot) for a in site.attempts("evt_1")] == [
        ("retrying", "config", 0),
        ("retrying", "config", 0),
        ("delivered", None, 0),
    ]
