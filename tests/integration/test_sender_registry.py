"""The sender and the registry: the Active switch, endpoints that go and return, files good and bad."""

import asyncio
import threading
from pathlib import Path

import pytest
from sending import Site, run, settled, until

from hookconsole.config import watch
from hookconsole.config.load import parse as config_parse
from hookconsole.config.model import Config
from hookconsole.delivery import sender
from hookconsole.delivery.lock import sender_note
from hookconsole.journal import records as r
from hookconsole.operating.health import status


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


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
    assert [a.outcome for a in site.attempts("evt_1")] == [state]
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
            found = status(site.desk())
            assert found.sender.waiting
            (alarm,) = found.alarms
            assert alarm.startswith("nothing is sent, for the config on disk is refused: it loses 2")
            site.desk().put(r.Consent("2026-04-15T14:32:00Z", removed=["acme", "beta"], user="anna"))
            await until(running.ready.is_set)
            assert running.lock.note.refused == ""
            assert not status(site.desk()).sender.waiting
            await until(lambda: site.records(r.Intake))

    run(scenario)
    assert site.records(r.Registry)[-1].removed == ["acme", "beta"]


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


def test_a_start_in_the_middle_of_a_save_waits_for_the_whole_file(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "WATCH_SECONDS", 0.01)
    site.save(acme="", beta="")

    async def scenario() -> None:
        async with site.sending():
            pass
        whole = site.home.config.read_text()
        site.write(whole[: whole.index("[endpoints.beta]")])
        site.emit("evt_1")
        with monkeypatch.context() as patch:
            patch.setattr(watch, "SETTLE_SECONDS", 1000.0)
            async with site.sending(ready=False):
                site.write(whole)  # what the start has read is half of it
                patch.setattr(watch, "SETTLE_SECONDS", 0.05)
                await settled(site, "evt_1", endpoint="beta")

    run(scenario)
    assert site.state("evt_1", "acme") == site.state("evt_1", "beta") == "delivered"
