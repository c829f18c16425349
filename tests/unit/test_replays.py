"""How far a replay has come: its states, and what its counts add up to."""

from hookconsole.journal.deliveries import Delivery, State
from hookconsole.journal.records import Replay
from hookconsole.journal.replays import ReplayProgress
from support import item

BEGIN = Replay(
    "2026-04-15T14:32:00Z", replay="rpl_1", chosen={"states": ["failed"]}, total=2, rate=5.0, user="anna"
)


def running() -> ReplayProgress:
    progress = ReplayProgress("2026-04-15T14:31:59Z")
    progress.incoming([item("evt_1", "acme"), item("evt_2", "acme")])
    progress.begin(BEGIN)
    return progress


def ended(name: str, state: State) -> Delivery:
    delivery = Delivery(name, "acme", 1, 0)
    delivery.state = state
    return delivery


def counts(progress: ReplayProgress) -> tuple[int, int, int]:
    return progress.record.delivered, progress.record.failed, progress.record.passed


def test_nothing_happens_before_the_operators_word() -> None:
    progress = ReplayProgress("2026-04-15T14:31:59Z")
    progress.incoming([item("evt_1", "acme")])
    assert progress.state == "incoming"
    progress.control("cancel")
    assert progress.state == "incoming"


def test_it_is_done_when_nothing_remains_and_nothing_runs() -> None:
    progress = running()
    assert progress.start("evt_1", "acme") == item("evt_1", "acme")
    progress.pass_over([("evt_2", "acme", "its endpoint is inactive or gone")])
    assert progress.state == "running"
    progress.ended(ended("evt_1", "delivered"))
    assert progress.state == "done"
    assert counts(progress) == (1, 0, 1)


def test_a_retrying_series_still_runs() -> None:
    progress = running()
    progress.start("evt_1", "acme")
    assert progress.running == {("evt_1", "acme")}
    progress.start("evt_1", "acme")
    progress.ended(ended("evt_1", "failed"))
    assert (progress.running, counts(progress)) == (set(), (0, 1, 0))


def test_a_delivery_that_another_series_delivers_is_needless() -> None:
    progress = running()
    progress.ended(ended("evt_1", "delivered"))
    assert list(progress.remaining) == [("evt_2", "acme")]
    assert counts(progress) == (0, 0, 1)


def test_a_delivery_that_another_series_failed_still_waits() -> None:
    progress = running()
    progress.ended(ended("evt_1", "failed"))
    assert list(progress.remaining) == [("evt_1", "acme"), ("evt_2", "acme")]


def test_pause_resume_cancel() -> None:
    progress = running()
    for action, state in (("pause", "paused"), ("resume", "running"), ("cancel", "canceled")):
        progress.control(action)
        assert progress.state == state
    progress.control("resume")
    assert progress.state == "canceled"


def test_a_done_one_stays_done() -> None:
    progress = running()
    progress.pass_over([("evt_1", "acme", ""), ("evt_2", "acme", ""), ("evt_2", "acme", "")])
    progress.control("pause")
    assert progress.state == "done"
    assert counts(progress) == (0, 0, 2)
