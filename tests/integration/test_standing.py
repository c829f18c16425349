"""What an endpoint's page reads: settings without what is private, the newest failure, hourly latency."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sending import Site, run, settled
from story import Pen

from hookconsole.observing import standing
from hookconsole.operating.desk import Desk
from hookconsole.paths import Home

PRIVATE = 'url = "https://acme.example/hooks?token=canary-query"\nheaders = { "X-Tenant" = "canary-header" }'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.settings = "[delivery]\nretry_schedule = []\n"
    made.save(acme=PRIVATE, bolt="")
    return made


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    made = site.desk()
    yield made
    made.close()


def sent(site: Site, *names: str) -> None:
    async def scenario() -> None:
        async with site.sending():
            for name in names:
                site.emit(name)
                await settled(site, name)

    run(scenario)


def written(folder: Path, write: Callable[[Pen], None]) -> Desk:
    """A desk at a journal that was written by hand."""
    home = Home(folder / "none.toml", folder / "written")
    write(Pen(Path(home.journal)))
    return Desk(home)


def test_settings_are_the_files_without_what_is_private(desk: Desk) -> None:
    found = standing.settings(desk, "acme")
    assert found.problem == ""
    assert found.view["url"] == "https://acme.example/hooks?***"
    assert "canary" not in str(found)
    assert "whsec" not in str(found)


def test_why_there_are_no_settings(site: Site, desk: Desk) -> None:
    assert standing.settings(desk, "nobody") == ({}, "it isn't in the registry")
    site.home.config.write_text("[endpoints.acme]\nurl = 1\n")
    desk.reload()
    found = standing.settings(desk, "acme")
    assert found.view == {}
    assert found.problem.startswith("the config file is refused: ")


def test_the_newest_failure_is_found_behind_what_was_delivered(site: Site, desk: Desk) -> None:
    site.receivers.answer("acme.example", 500, httpx.Response(503, content=b"out of paper"), 200)
    site.receivers.answer("bolt.example", 502)
    sent(site, "evt_1", "evt_2", "evt_3")
    found = standing.newest_failure(desk, "acme")
    assert found is not None
    assert (found.event, found.endpoint, found.status) == ("evt_2", "acme", 503)
    assert found.response is not None
    assert found.response.body == "out of paper"


def test_an_endpoint_that_never_failed_has_no_failure(site: Site, desk: Desk) -> None:
    site.receivers.answer("bolt.example", 502)
    sent(site, "evt_1")
    assert standing.newest_failure(desk, "acme") is None


def test_a_failed_test_and_an_attempt_cut_short_are_no_failures(tmp_path: Path) -> None:
    def write(pen: Pen) -> None:
        pen.event("evt_1", "acme")
        pen.start("evt_1", "acme", 1)
        pen.end("evt_1", "acme", 1, "retrying", status=503, error=None)
        pen.start("evt_1", "acme", 2)
        pen.end("evt_1", "acme", 2, "interrupted")
        pen.event("tested", endpoint="acme", url="00")
        pen.end("tested", "acme", 1, "failed", test=True)

    desk = written(tmp_path, write)
    found = standing.newest_failure(desk, "acme")
    assert found is not None
    assert (found.event, found.attempt) == ("evt_1", 1)
    desk.close()


def test_latency_is_by_the_hour_the_newest_last(site: Site, desk: Desk) -> None:
    sent(site, "evt_1")
    found = standing.latency(desk, "acme", time.time())
    assert len(found) == 24
    assert any(found[-2:])  # the hour may have turned
    assert not any(found[:-2])
