"""A bulk retry of what was chosen by hand or by a filter: the records that it needs, and what is left out."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from sending import Site, run, settled, until
from story import Pen

from hookconsole.clock import parse_rfc3339, rfc3339
from hookconsole.errors import RefusedError
from hookconsole.observing.choosing import of_rows, of_search
from hookconsole.observing.rows import row_of
from hookconsole.observing.values import DeliveryRow
from hookconsole.operating import registry, replaying
from hookconsole.operating.desk import Desk


class Found:
    """A search that has found these, a few at a time."""

    progress = 1.0

    def __init__(self, rows: list[DeliveryRow]) -> None:
        self._rows = rows
        self._pause = False

    @property
    def done(self) -> bool:
        return not self._rows

    def want(self, rows: int) -> None:
        assert rows > len(self._rows)

    def take(self) -> list[DeliveryRow]:
        self._pause = not self._pause
        if self._pause:
            return []
        taken, self._rows = self._rows[:2], self._rows[2:]
        return taken

    def cancel(self) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Three deliveries failed, the fourth was delivered."""
    made = Site(tmp_path)
    made.settings = "[delivery]\nretry_schedule = []\n"
    made.save(acme="")

    async def sent() -> None:
        async with made.sending():
            made.receivers.answer("acme.example", 503)
            for name in ("evt_1", "evt_2", "evt_3"):
                made.emit(name)
                await settled(made, name)
            made.receivers.answer("acme.example", 200)
            made.emit("evt_4")
            await settled(made, "evt_4")

    run(sent)
    return made


def rows_of(site: Site) -> list[DeliveryRow]:
    """Newest first, as a list has them."""
    entries = [site.entry(f"evt_{number}") for number in (4, 3, 2, 1)]
    return [row_of(entry, {"acme"}, running=False) for entry in entries if entry is not None]


def test_marked_ones_are_retried_the_oldest_first_delivered_ones_too(site: Site) -> None:
    choice, chosen = of_rows(site.desk(), rows_of(site))
    assert [item.event for item in chosen.items] == ["evt_1", "evt_2", "evt_3", "evt_4"]
    assert chosen.counts == {("acme", "status 503"): 3, ("acme", "delivered"): 1}
    assert (choice.endpoint, choice.states) == ("acme", ("delivered", "failed"))

    async def replayed() -> None:
        async with site.sending():
            before = len(site.receivers.got("acme.example"))
            replaying.begin(site.desk(), choice, chosen, 1000.0)
            await until(lambda: len(site.receivers.got("acme.example")) == before + 4)

    run(replayed)


def test_what_waits_and_test_events_are_left_out(site: Site) -> None:
    rows = rows_of(site)
    rows[0] = replace(rows[0], type="webhook.test")
    for number, state in enumerate(("retrying", "held", "sending")):
        rows[number + 1] = replace(rows[number + 1], state=state)
    chosen = of_rows(site.desk(), rows)[1]
    assert (chosen.items, chosen.unfit) == ([], 4)


def test_what_rests_is_counted_and_left(site: Site) -> None:
    site.save(acme="active = false")
    chosen = of_rows(site.desk(), rows_of(site))[1]
    assert (chosen.items, chosen.left) == ([], {"acme": 4})


def test_of_a_search_only_what_failed_was_skipped_or_canceled(site: Site) -> None:
    rows = rows_of(site)
    rows[1] = replace(rows[1], state="skipped", status=None, attempts=0)
    rows[2] = replace(rows[2], state="canceled")
    choice, chosen = of_search(site.desk(), Found(rows))
    assert [item.event for item in chosen.items] == ["evt_1", "evt_2", "evt_3"]
    assert set(chosen.counts) == {("acme", "status 503"), ("acme", "skipped"), ("acme", "canceled")}
    assert choice.states == ("canceled", "failed", "skipped")


def test_a_replay_that_is_too_big_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks for them, and the sender, keep all of them in memory."""
    failed = replaying.Choice(None, ("failed",), (), 0.0, None)
    monkeypatch.setattr(replaying, "ITEMS_AT_MOST", 3)
    assert len(replaying.choose(site.desk(), failed).items) == 3
    assert len(of_rows(site.desk(), rows_of(site)[:3])[1].items) == 3
    with pytest.raises(RefusedError, match="over 3 deliveries: choose fewer, by endpoint"):
        of_rows(site.desk(), rows_of(site))
    monkeypatch.setattr(replaying, "ITEMS_AT_MOST", 2)
    with pytest.raises(RefusedError, match="over 2 deliveries"):
        replaying.choose(site.desk(), failed)


def test_an_attempt_in_flight_at_the_switch_counts_to_the_off_period(tmp_path: Path) -> None:
    made = Site(tmp_path)
    made.save(acme="")
    pen = Pen(Path(made.home.journal))
    pen.event("before", "acme")
    pen.start("before", "acme", 1)
    pen.end("before", "acme", 1, "canceled")
    pen.event("flying", "acme")
    pen.start("flying", "acme", 1)
    off_since = parse_rfc3339(pen.at())
    pen.end("flying", "acme", 1, "canceled", at=rfc3339(off_since - 1), duration_ms=1500.0)
    pen.event("skipped", "", "acme")
    pen.appender.close()
    _, missed = registry.missed(Desk(made.home), "acme", off_since)
    assert [one.event for one in missed.items] == ["flying", "skipped"]
