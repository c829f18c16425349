"""The sender as a whole: what is sent, when, and what the journal says of it."""

import asyncio
import errno
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sending import SECRET, Site, settled, until
from writing import failing

from hookconsole.config import watch
from hookconsole.config.load import parse as config_parse
from hookconsole.config.model import Config
from hookconsole.delivery import outbox, sender
from hookconsole.delivery.lock import sender_note
from hookconsole.delivery.signing import body_signature, decode_standard, standard_signature
from hookconsole.delivery.upkeep import Upkeep
from hookconsole.journal import records as r
from hookconsole.journal import segments
from hookconsole.journal.store import Store
from hookconsole.operating import replaying, steering
from hookconsole.operating.replaying import Choice

Scenario = Callable[[], Awaitable[None]]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


def run(scenario: Scenario) -> None:
    async def main() -> None:
        await scenario()

    asyncio.run(main())


# Delivering


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


# The Active switch


def test_while_it_is_off_events_are_skipped_and_on_revives_nothing(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending() as running:
            site.save(acme="active = false")
            await running.sender.reload()
            site.emit("evt_1")
            await settled(site, "evt_1")
            site.save(acme="")
            await running.sender.reload()
            site.emit("evt_2")
            await settled(site, "evt_2")

    run(scenario)
    assert (site.state("evt_1"), site.state("evt_2")) == ("skipped", "delivered")
    assert site.receivers.got("acme.example") == ["evt_2"]


@pytest.mark.parametrize(("status", "state"), [(200, "delivered"), (503, "canceled")])
def test_switched_off_the_attempt_in_flight_finishes_and_what_waits_is_canceled(
    site: Site, status: int, state: str
) -> None:
    site.save(acme="endpoint_concurrency = 1")
    site.receivers.answer("acme.example", status)

    async def scenario() -> None:
        gate = site.receivers.hang("acme.example")
        async with site.sending() as running:
            site.emit("evt_1")
            site.emit("evt_2")
            await until(lambda: site.receivers.requests)
            site.save(acme="active = false")
            await running.sender.reload()
            await settled(site, "evt_2")
            assert site.state("evt_1") == "sending"
            gate.set()
            await settled(site, "evt_1")

    run(scenario)
    assert (site.state("evt_1"), site.state("evt_2")) == (state, "canceled")
    assert len(site.receivers.requests) == 1


def test_switched_off_while_nobody_sent_what_waited_is_canceled(site: Site) -> None:
    site.receivers.answer("acme.example", 503)

    async def scenario() -> None:
        site.settings = "[delivery]\nretry_schedule = [600]\n"
        site.save(acme="")
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "retrying")
        site.save(acme="active = false")
        async with site.sending():
            await settled(site, "evt_1")

    run(scenario)
    assert site.state("evt_1") == "canceled"


# Removal


def test_a_removed_endpoints_deliveries_are_held_until_it_returns(site: Site) -> None:
    site.settings = "[delivery]\nretry_schedule = [600]\n"
    site.save(acme="", beta="")
    site.receivers.answer("acme.example", 503)

    async def scenario() -> None:
        async with site.sending() as running:
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "retrying")
            site.save(acme=None)
            await running.sender.reload()
            site.emit("evt_2")
            await settled(site, "evt_2", endpoint="beta")
        async with site.sending() as running:
            assert site.state("evt_1") == "retrying"
            site.save(acme='url = "https://new.example/hooks"')
            await running.sender.reload()
            await settled(site, "evt_1")  # at once, at its new URL

    run(scenario)
    assert site.receivers.got("new.example") == ["evt_1"]
    assert (site.state("evt_1"), site.state("evt_2")) == ("delivered", "")


def test_one_removed_while_an_attempt_is_in_flight_is_held_when_that_fails(site: Site) -> None:
    site.save(acme="", beta="")
    site.receivers.answer("acme.example", 503, 200)

    async def scenario() -> None:
        gate = site.receivers.hang("acme.example")
        async with site.sending() as running:
            site.emit("evt_1")
            await until(lambda: site.receivers.got("acme.example"))
            site.save(acme=None)
            await running.sender.reload()
            gate.set()
            await until(lambda: site.state("evt_1") == "retrying")
            site.save(acme="")
            await running.sender.reload()
            await settled(site, "evt_1")

    run(scenario)
    assert [a.attempt for a in site.attempts("evt_1")] == [1, 2]


def test_a_file_that_loses_too_much_waits_for_consent_at_a_start_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "WATCH_SECONDS", 0.02)
    site.save(acme="", beta="")

    async def scenario() -> None:
        async with site.sending():
            pass
        site.write("")
        site.emit("evt_1")
        async with site.sending(ready=False) as running:
            await until(lambda: running.lock.note.refused)
            assert "accept-removals" in running.lock.note.refused
            assert site.records(r.Intake) == []
            site.desk().put(r.Consent("2026-04-15T14:32:00Z", removed=["acme", "beta"], user="anna"))
            await until(running.ready.is_set)
            assert running.lock.note.refused == ""
            await until(lambda: site.records(r.Intake))

    run(scenario)
    assert site.records(r.Registry)[-1].removed == ["acme", "beta"]


# Operators


def test_a_manual_retry_of_a_waiting_one_takes_its_place_now(site: Site) -> None:
    site.settings = "[delivery]\nretry_schedule = [600, 0.01]\n"
    site.save(acme="")
    site.receivers.answer("acme.example", 503)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "retrying")
            steering.retry(site.desk(), "evt_1", None)
            await settled(site, "evt_1")

    run(scenario)
    assert [(a.slot, a.trigger, a.outcome) for a in site.attempts("evt_1")] == [
        (0, "event", "retrying"),
        (1, "manual", "retrying"),
        (2, "retry", "failed"),
    ]


@pytest.mark.parametrize("first", [200, 503])
def test_a_manual_retry_of_an_ended_one_is_a_new_series_that_goes_on_counting(site: Site, first: int) -> None:
    site.settings = "[delivery]\nretry_schedule = [0.01]\n"
    site.save(acme="")
    before = 1 if first == 200 else 2
    site.receivers.answer("acme.example", *[first] * before, 503, 200)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")
            steering.retry(site.desk(), "evt_1", None)
            await until(lambda: len(site.attempts("evt_1")) == before + 2)

    run(scenario)
    assert [(a.attempt, a.slot, a.trigger) for a in site.attempts("evt_1")][before:] == [
        (before + 1, 0, "manual"),
        (before + 2, 1, "retry"),
    ]
    assert site.state("evt_1") == "delivered"


def test_a_manual_retry_of_one_being_sent_does_nothing(site: Site) -> None:
    async def scenario() -> None:
        gate = site.receivers.hang("acme.example")
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "sending")
            assert steering.retry(site.desk(), "evt_1", None).done == ["acme"]
            gate.set()
            await settled(site, "evt_1")
            site.emit("evt_2")
            await settled(site, "evt_2")

    run(scenario)
    assert len(site.attempts("evt_1")) == 1


def test_two_operators_retry_at_once_is_one_series(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")
            first, second = site.desk(), site.desk()
            assert first.fold.position == second.fold.position
            steering.retry(first, "evt_1", None)
            steering.retry(second, "evt_1", None)
            await until(lambda: len(site.attempts("evt_1")) == 2)
            site.emit("evt_2")
            await settled(site, "evt_2")

    run(scenario)
    assert len(site.attempts("evt_1")) == 2


def test_a_cancel_ends_a_waiting_one_and_a_held_one(site: Site) -> None:
    site.settings = "[delivery]\nretry_schedule = [0.3]\n"
    site.save(acme="", beta="")
    site.receivers.answer("acme.example", 503)
    site.receivers.answer("beta.example", 503)

    async def scenario() -> None:
        async with site.sending() as running:
            site.emit("evt_1")
            for name in ("acme", "beta"):
                await until(lambda name=name: site.state("evt_1", name) == "retrying")  # type: ignore[misc]
            site.save(beta=None)
            await running.sender.reload()
            assert sorted(steering.cancel(site.desk(), "evt_1", None).done) == ["acme", "beta"]
            site.save(beta="")
            await running.sender.reload()
            site.emit("evt_2")
            await until(lambda: len(site.attempts("evt_2")) == 2)

    run(scenario)
    for name in ("acme", "beta"):
        assert (site.state("evt_1", name), len(site.attempts("evt_1", name))) == ("canceled", 1)


def test_a_retry_of_a_resting_endpoint_is_canceled_again(site: Site) -> None:
    """The command refuses it; this one was decided before the switch."""
    site.receivers.answer("acme.example", 503)

    async def scenario() -> None:
        async with site.sending() as running:
            site.emit("evt_1")
            await settled(site, "evt_1")
            entry = site.entry("evt_1")
            assert entry is not None
            site.save(acme="active = false")
            await running.sender.reload()
            place = {"segment": entry.delivery.segment, "offset": entry.delivery.offset}
            site.desk().put(
                r.Retry(
                    "2026-04-15T14:32:00Z", event="evt_1", endpoint="acme", **place, attempts=3, user="anna"
                )
            )
            await until(lambda: site.state("evt_1") == "canceled")

    run(scenario)
    assert len(site.receivers.requests) == 3


# Replays


def replay(site: Site, rate: float, state: str = "failed") -> str:
    desk = site.desk()
    choice = Choice(None, (state,), (), 0.0, None)
    return replaying.begin(desk, choice, replaying.choose(desk, choice).items, rate)


def progress(site: Site, name: str) -> tuple[str, int, int, int]:
    one = site.desk().fold.replays[name]
    return one.state, one.record.delivered, one.record.failed, one.record.passed


async def fail(site: Site, count: int) -> list[str]:
    """So many events fail; from then on all is well."""
    names = [f"evt_{n}" for n in range(count)]
    for name in names:
        site.emit(name)
    await settled(site, *names)
    assert {site.state(name) for name in names} == {"failed"}
    site.receivers.answer("acme.example", 200)
    site.receivers.requests.clear()
    return names


@pytest.fixture
def failed(site: Site) -> Site:
    site.settings = "[delivery]\nretry_schedule = []\n"
    site.save(acme="")
    site.receivers.answer("acme.example", 503)
    return site


def test_a_replay_sends_each_once_as_a_new_series(failed: Site) -> None:
    async def scenario() -> None:
        async with failed.sending():
            names = await fail(failed, 12)
            name = replay(failed, rate=1000.0)
            await until(lambda: progress(failed, name)[0] == "done")
            assert progress(failed, name) == ("done", 12, 0, 0)
            assert sorted(failed.receivers.got("acme.example")) == sorted(names)

    run(scenario)
    assert [(a.attempt, a.trigger, a.slot) for a in failed.attempts("evt_3")] == [
        (1, "event", 0),
        (2, "replay", 0),
    ]


def test_a_replay_keeps_its_rate(failed: Site) -> None:
    async def scenario() -> None:
        async with failed.sending():
            await fail(failed, 12)
            begun = asyncio.get_running_loop().time()
            name = replay(failed, rate=10.0)
            await until(lambda: progress(failed, name)[0] == "done")
            # A second's worth at once, the rest one by one.
            assert asyncio.get_running_loop().time() - begun > 0.15

    run(scenario)


def test_a_replay_is_paused_resumed_and_canceled(failed: Site) -> None:
    async def scenario() -> None:
        async with failed.sending() as running:
            await fail(failed, 12)
            gate = failed.receivers.hang("acme.example")
            name = replay(failed, rate=1000.0)
            await until(lambda: len(failed.receivers.requests) == 8)
            replaying.control(failed.desk(), name, "pause")
            await until(lambda: len(list(running.sender._fold.unfinished())) == 8)
            gate.set()
            await until(lambda: progress(failed, name)[:2] == ("paused", 8))
            failed.emit("evt_new")
            await settled(failed, "evt_new")
            assert len(failed.receivers.requests) == 9
            gate = failed.receivers.hang("acme.example")
            replaying.control(failed.desk(), name, "resume")
            await until(lambda: len(failed.receivers.requests) == 13)
            gate.set()
            await until(lambda: progress(failed, name) == ("done", 12, 0, 0))

    run(scenario)


def test_a_canceled_replay_sends_no_more(failed: Site) -> None:
    async def scenario() -> None:
        async with failed.sending() as running:
            await fail(failed, 12)
            gate = failed.receivers.hang("acme.example")
            name = replay(failed, rate=1000.0)
            await until(lambda: len(failed.receivers.requests) == 8)
            replaying.control(failed.desk(), name, "cancel")
            await until(lambda: len(list(running.sender._fold.unfinished())) == 8)
            failed.emit("evt_new")
            await until(lambda: failed.state("evt_new") == "pending")
            gate.set()
            await settled(failed, "evt_new")
            assert len(failed.receivers.requests) == 9

    run(scenario)
    assert [failed.state(f"evt_{n}") for n in range(12)].count("failed") == 4


def test_a_replay_goes_on_after_a_crash(failed: Site) -> None:
    async def scenario() -> None:
        async with failed.sending() as running:
            await fail(failed, 12)
            failed.receivers.hang("acme.example")
            name = replay(failed, rate=1000.0)
            await until(lambda: len(failed.receivers.requests) == 8)
            await running.kill()
        failed.receivers.hang("acme.example").set()
        async with failed.sending():
            await until(lambda: progress(failed, name) == ("done", 12, 0, 0))

    run(scenario)
    assert len(failed.receivers.got("acme.example")) == 8 + 12


# Tests of new URLs


def test_a_new_url_is_tested_once_and_not_again_after_a_restart(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending() as running:
            assert site.receivers.requests == []
            site.save(beta="")
            await running.sender.reload()
            await until(lambda: site.receivers.tests("beta.example") == 1)
            site.save(beta='url = "https://new.example/hooks"')
            await running.sender.reload()
            await until(lambda: site.receivers.tests("new.example") == 1)
            site.save(beta='url = "https://new.example/hooks"\ndescription = "the same"')
            await running.sender.reload()
            site.emit("evt_1")
            await settled(site, "evt_1", endpoint="beta")
        async with site.sending() as running:
            site.emit("evt_2")
            await settled(site, "evt_2", endpoint="beta")

    run(scenario)
    assert [site.receivers.tests(f"{name}.example") for name in ("acme", "beta", "new")] == [0, 1, 1]


def test_a_failed_test_is_one_attempt(site: Site) -> None:
    site.receivers.answer("beta.example", 503)

    async def scenario() -> None:
        async with site.sending() as running:
            site.save(beta="")
            await running.sender.reload()
            await until(lambda: any(a.endpoint == "beta" for a in site.records(r.Attempt)))
            site.emit("evt_1")
            await settled(site, "evt_1", endpoint="beta")

    run(scenario)
    assert site.receivers.tests("beta.example") == 1
    made = next(a for a in site.records(r.Attempt) if a.endpoint == "beta")
    assert (made.trigger, made.outcome, made.test) == ("test", "failed", True)


def test_a_url_that_changed_between_two_runs_is_tested(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending():
            pass
        site.save(acme='url = "https://new.example/hooks"')
        async with site.sending():
            await until(lambda: site.receivers.tests("new.example") == 1)
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")

    run(scenario)
    assert site.receivers.tests("new.example") == 1


def test_a_crash_before_the_test_was_accepted_loses_no_test_and_after_it_makes_no_other(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending():
            pass
        site.save(beta="")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sender.Sender, "_send_tests", lambda _: None)
            async with site.sending() as running:
                await until(lambda: len(site.records(r.Registry)) == 2)
                await running.kill()
        site.receivers.hang("beta.example")
        async with site.sending() as running:
            await until(lambda: site.receivers.tests("beta.example") == 1)
            await running.kill()
        site.receivers.hang("beta.example").set()
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1", endpoint="beta")

    run(scenario)
    # The attempt in flight was made again; the event is the same.
    assert len({one.event for one in site.receivers.requests if b"webhook.test" in one.body}) == 1


def test_one_saved_inactive_is_tested_when_it_is_first_switched_on(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending() as running:
            site.save(beta="active = false")
            await running.sender.reload()
            site.save(beta="")
            await running.sender.reload()
            await until(lambda: site.receivers.tests("beta.example") == 1)
            for keys in ("active = false", ""):
                site.save(beta=keys)
                await running.sender.reload()
            site.emit("evt_1")
            await settled(site, "evt_1", endpoint="beta")

    run(scenario)
    assert site.receivers.tests("beta.example") == 1


# Crashes


def test_after_a_crash_the_attempt_in_flight_is_recorded_and_made_again_in_its_place(site: Site) -> None:
    site.receivers.answer("acme.example", 503, 503, 200)

    async def scenario() -> None:
        async with site.sending() as running:
            site.emit("evt_1")
            await until(lambda: len(site.receivers.requests) == 1)
            gate = site.receivers.hang("acme.example")
            await until(lambda: len(site.receivers.requests) == 2)
            await running.kill()
        assert site.state("evt_1") == "sending"
        gate.set()
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
        async with site.sending():
            steering.retry(site.desk(), "evt_1", None)
            await settled(site, "evt_1")

    run(scenario)
    assert [a.attempt for a in site.attempts("evt_1")] == [1, 2]


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
            assert site.receivers.got("acme.example") == []
            assert site.desk().fold.last["acme"].error == "config"
            (tmp_path / "secret").write_text(SECRET + "\n")
            await settled(site, *(f"evt_{n}" for n in range(20)))

    run(scenario)
    assert sum(a.error == "config" for a in site.records(r.Attempt)) <= 8
    assert all(site.attempts(f"evt_{n}")[-1].slot == 0 for n in range(20))
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


# The config file


def test_a_hand_edit_is_adopted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with site.sending():
            site.save(beta="")
            await until(lambda: site.receivers.tests("beta.example") == 1)

    run(scenario)


def test_a_change_by_a_command_is_adopted_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "WATCH_SECONDS", 60.0)

    async def scenario() -> None:
        async with site.sending():
            site.save(beta="")
            site.desk().put(r.Change("2026-04-15T14:32:00Z", endpoint="beta", action="added", user="anna"))
            await until(lambda: site.receivers.tests("beta.example") == 1)

    run(scenario)


def test_a_newer_file_is_not_followed_by_an_older_one_that_took_longer_to_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "WATCH_SECONDS", 0.01)
    monkeypatch.setattr(watch, "SETTLE_SECONDS", 0.0)
    reading, go_on = threading.Event(), threading.Event()

    def parse(raw: bytes, path: Path) -> Config:
        if b"old.example" in raw:
            reading.set()
            go_on.wait()
        return config_parse(raw, path)

    monkeypatch.setattr("hookconsole.delivery.watching.parse", parse)

    async def scenario() -> None:
        async with site.sending() as running:
            site.save(acme='url = "https://old.example/hooks"')
            await asyncio.to_thread(reading.wait)
            site.save(acme='url = "https://new.example/hooks"')
            reload = asyncio.create_task(running.sender.reload())
            for _ in range(20):
                await asyncio.sleep(0.001)
            go_on.set()
            await reload
            site.emit("evt_1")
            await settled(site, "evt_1")

    run(scenario)
    assert site.receivers.got("new.example") == ["evt_1"]


def test_a_bad_file_changes_nothing_and_is_said_until_it_is_mended(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending() as running:
            site.save(acme='secrect = "x"')
            await running.sender.reload()
            note = sender_note(site.home.state)
            assert note is not None
            assert "config.toml:6: endpoints.acme.secrect: is no key here" in note.refused
            site.emit("evt_1")
            await settled(site, "evt_1")
            site.save(acme="")
            await running.sender.reload()
            assert running.lock.note.refused == ""

    run(scenario)
    assert site.state("evt_1") == "delivered"


def test_a_file_that_is_gone_loses_its_one_endpoint(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending() as running:
            site.home.config.unlink()
            await running.sender.reload()
            site.emit("evt_1")
            await until(lambda: site.records(r.Intake))

    run(scenario)
    assert site.records(r.Registry)[-1].removed == ["acme"]


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
            await settled(site, "evt_1", "evt_2")
            await until(lambda: running.lock.note.halted == "")
            site.emit("evt_3")
            await settled(site, "evt_3")

    run(scenario)
    assert sorted(site.receivers.got("acme.example")) == ["evt_1", "evt_2", "evt_3"]
    assert [len(site.attempts(f"evt_{n}")) for n in (1, 2, 3)] == [1, 1, 1]


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
