"""The sender tests an endpoint's URL when it is new: once, whoever saved it, whatever happens."""

from pathlib import Path

import pytest
from sending import Site, run, settled, until

from hookconsole.delivery import sender
from hookconsole.journal import records as r


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


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
