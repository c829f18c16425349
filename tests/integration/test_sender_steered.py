"""The sender obeys operators: manual retries, cancels, replays."""

import asyncio
import time
from pathlib import Path

import pytest
from sending import Site, run, settled, until

from hookconsole.journal import records as r
from hookconsole.operating import replaying, steering
from hookconsole.operating.replaying import Choice


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


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


def test_a_cancel_ends_a_waiting_one_and_a_held_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.settings = "[delivery]\nretry_schedule = [600]\n"
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
            real = time.monotonic
            monkeypatch.setattr(time, "monotonic", lambda: real() + 601)  # when they were due
            site.emit("evt_2")
            for name in ("acme", "beta"):
                await until(lambda name=name: site.state("evt_2", name) == "retrying")  # type: ignore[misc]

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
    return replaying.begin(desk, choice, replaying.choose(desk, choice), rate).replay


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
