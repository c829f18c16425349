"""Two operators at once: whatever they press, and in whatever order the journal gets it, one series runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sending import Site, run, settled, until

from hookconsole.errors import RefusedError
from hookconsole.journal import records as r
from hookconsole.operating import registry, replaying, steering
from hookconsole.operating.desk import Desk
from hookconsole.operating.replaying import Choice, Chosen
from support import start

Act = Callable[[Desk], object]


def retry(desk: Desk) -> None:
    steering.retry(desk, "evt_1", None)


def replay(desk: Desk) -> None:
    choice = Choice(None, ("failed",), (), 0.0, None)
    replaying.begin(desk, choice, replaying.choose(desk, choice), 1000.0)


def cancel(desk: Desk) -> None:
    steering.cancel(desk, "evt_1", None)


def at_once(site: Site, *acts: Act) -> None:
    """Each decides on the same state; then what they decided is written, in this order."""
    written: list[tuple[Desk, bytes]] = []

    def decide(desk: Desk, act: Act) -> None:
        def append(lines: bytes, **_: Any) -> object:
            written.append((desk, lines))
            return desk.fold.position

        with pytest.MonkeyPatch.context() as held:
            held.setattr(desk.appender, "append", append)
            held.setattr(desk.appender, "append_locked", append)
            held.setattr(desk.appender, "sync", lambda: None)
            act(desk)

    for act in acts:
        decide(site.desk(), act)
    for desk, lines in written:
        desk.appender.append(lines)
        desk.appender.sync()
        desk.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    made.receivers.answer("acme.example", 503)
    return made


async def quiet(site: Site) -> None:
    """All that was to come of it has come: what was emitted after it has been delivered."""
    await settled(site, "evt_1")
    await until(lambda: all(one.state == "done" for one in site.desk().fold.replays.values()))
    site.receivers.answer("acme.example", 200)
    site.emit("evt_2")
    await settled(site, "evt_2")


def series(site: Site) -> list[int]:
    """The first attempts of the series of evt_1, of which the receiver knows no more."""
    assert site.receivers.got("acme.example").count("evt_1") == len(site.attempts("evt_1"))
    return [one.attempt for one in site.attempts("evt_1") if one.slot == 0]


@pytest.mark.parametrize("running", [True, False], ids=["a sender runs", "nobody sends"])
@pytest.mark.parametrize("then", [200, 503])
@pytest.mark.parametrize(
    "acts",
    [(retry, retry), (retry, replay), (replay, retry), (replay, replay), (retry, replay, retry, replay)],
    ids=lambda acts: "+".join(act.__name__ for act in acts),
)
def test_of_a_failed_one_there_is_one_new_series(
    site: Site, acts: tuple[Act, ...], then: int, running: bool
) -> None:
    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")
            site.receivers.answer("acme.example", then)
            if running:
                at_once(site, *acts)
                await until(lambda: len(site.attempts("evt_1")) > 3)
                await quiet(site)
        if not running:
            at_once(site, *acts)
            async with site.sending():
                await until(lambda: len(site.attempts("evt_1")) > 3)
                await quiet(site)

    run(scenario)
    assert series(site) == [1, 4]


@pytest.mark.parametrize(
    ("acts", "state", "attempts"),
    [
        ((retry, retry), "delivered", 2),
        ((cancel, cancel), "canceled", 1),
        ((retry, cancel), "canceled", 1),
        ((cancel, retry), "delivered", 2),
    ],
    ids=["retry+retry", "cancel+cancel", "retry+cancel", "cancel+retry"],
)
def test_of_a_waiting_one_the_last_word_counts(
    site: Site, acts: tuple[Act, ...], state: str, attempts: int
) -> None:
    site.settings = "[delivery]\nretry_schedule = [600]\n"
    site.save(acme="")
    site.receivers.answer("acme.example", 503, 200)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "retrying")
            at_once(site, *acts)
            await quiet(site)

    run(scenario)
    assert (site.state("evt_1"), len(site.attempts("evt_1"))) == (state, attempts)


@pytest.mark.parametrize("late", [retry, replay])
def test_who_decided_before_anothers_series_ran_begins_none(site: Site, late: Act) -> None:
    """The question stood open on a screen while a colleague sent it again."""

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")
            site.receivers.answer("acme.example", 200)
            late_desk = site.desk()
            choice = Choice(None, ("failed",), (), 0.0, None)
            chosen = replaying.choose(late_desk, choice)
            (item,) = chosen.items
            retry(site.desk())
            await until(lambda: len(site.attempts("evt_1")) == 4)
            if late is replay:
                with pytest.raises(RefusedError, match="sent again meanwhile"):
                    replaying.try_first(late_desk, chosen)
                with pytest.raises(RefusedError, match="sent again meanwhile"):
                    replaying.begin(late_desk, choice, chosen, 1000.0)
            else:
                place = {"segment": item.segment, "offset": item.offset, "attempts": item.attempts}
                late_desk.put(r.Retry(late_desk.now(), event="evt_1", endpoint="acme", **place, user="anna"))
            await quiet(site)

    run(scenario)
    assert series(site) == [1, 4]
    assert site.records(r.Replay) == []


def test_a_late_replay_takes_what_nobody_sent_meanwhile(site: Site) -> None:
    async def scenario() -> None:
        async with site.sending():
            for name in ("evt_1", "evt_2"):
                site.emit(name)
            await settled(site, "evt_1", "evt_2")
            site.receivers.answer("acme.example", 200)
            desk = site.desk()
            choice = Choice(None, ("failed",), (), 0.0, None)
            chosen = replaying.choose(desk, choice)
            retry(site.desk())
            await until(lambda: site.state("evt_1") == "delivered")
            assert replaying.begin(desk, choice, chosen, 1000.0).total == 1
            await settled(site, "evt_2")

    run(scenario)
    assert [item.event for record in site.records(r.ReplayItems) for item in record.items] == ["evt_2"]
    assert len(site.attempts("evt_1")) == 4


def begin(desk: Desk, choice: Choice, chosen: Chosen) -> None:
    replaying.begin(desk, choice, chosen, 1000.0)


def try_first(desk: Desk, _choice: Choice, chosen: Chosen) -> None:
    replaying.try_first(desk, chosen)


@pytest.mark.parametrize("late", [begin, try_first])
def test_what_began_while_the_lock_was_waited_for_isnt_sent_again(
    site: Site, late: Callable[[Desk, Choice, Chosen], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failed() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")

    run(failed)
    desk = site.desk()
    choice = Choice(None, ("failed",), (), 0.0, None)
    chosen = replaying.choose(desk, choice)
    locked = desk.appender.locked

    @contextmanager
    def behind_another() -> Iterator[None]:
        site.desk().put(start("evt_1", "acme", 4))
        with locked():
            yield

    monkeypatch.setattr(desk.appender, "locked", behind_another)
    with pytest.raises(RefusedError, match="sent again meanwhile"):
        late(desk, choice, chosen)


def test_of_two_rotations_at_once_one_is_refused_and_the_receivers_secret_still_signs(site: Site) -> None:
    """The config has room for one old secret."""
    first, second = site.desk(), site.desk()
    before = first.endpoint("acme").secret.value
    assert second.endpoint("acme").secret.value == before
    secret = registry.rotate(first, "acme", 24.0)
    with pytest.raises(RefusedError, match="given another secret meanwhile"):
        registry.rotate(second, "acme", 24.0)
    endpoint = site.desk().endpoint("acme")
    assert (endpoint.secret.value, endpoint.previous_secret) == (secret, before)
