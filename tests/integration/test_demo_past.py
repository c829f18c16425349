"""The demo's week before: trends and causes to show, nothing that would ever be sent."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookconsole.clock import parse_rfc3339
from hookconsole.config.load import load
from hookconsole.config.secrets import generate
from hookconsole.demo import past, store
from hookconsole.demo.run import Demo
from hookconsole.journal.history import Window, entries
from hookconsole.journal.store import Store
from hookconsole.paths import Home

NOW = time.time() // 3600 * 3600 - 60
"""Shortly before an hour's end."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = store.create(tmp_path_factory.mktemp("demo"), 9, {name: generate() for name in store.ROLES})
    past.write(home, load(home.config), 1, NOW)
    return home


@pytest.fixture
def journal(home: Home) -> Iterator[Store]:
    opened = Store(home.journal)
    yield opened
    opened.close()


def test_every_delivery_has_ended_before_now(journal: Store) -> None:
    fold = journal.fold()
    assert list(fold.unfinished()) == []
    assert fold.untaken == {}
    attempts = [attempt for entry in entries(journal, Window()) for attempt in entry.attempts]
    assert len(attempts) > 5000
    assert max(parse_rfc3339(a.at) + a.duration_ms / 1000 for a in attempts) < NOW
    assert journal.damaged == 0


def test_the_whole_week_has_totals_and_an_outage(journal: Store) -> None:
    hour = int(NOW) // 3600
    totals = journal.fold().totals
    for name in store.ROLES:
        assert len(totals.hours(name, hour - 167)) > 160, name
    failed = {one.hour for one in totals.hours("umbrella-pay", 0) if one.failed > one.delivered}
    assert failed == {hour - 51, hour - 50, hour - 49, hour - 48}


def test_the_list_says_the_same_as_the_totals_of_the_last_hour(journal: Store) -> None:
    ended = [entry for entry in entries(journal, Window()) if entry.delivery.endpoint == "acme-erp"]
    hour = int(NOW) // 3600
    counted = [one for one in journal.fold().totals.hours("acme-erp", hour) if one.hour == hour]
    listed = sum(parse_rfc3339(entry.attempts[-1].at) // 3600 == hour for entry in ended)
    assert sum(one.delivered for one in counted) == listed


def test_what_was_made_up_does_not_count_as_proof(tmp_path: Path) -> None:
    with Demo(1, week=True) as demo:
        assert sum(1 for _ in demo.live(1.0)) > 0
        demo.interrupt()
        list(demo.drain())
        report = demo.report()
    assert report.differences == []
    assert 0 < report.total.events <= report.accepted < 50
