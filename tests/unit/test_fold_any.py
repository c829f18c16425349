"""Journals of any simulated day: what holds for every one of them."""

from hypothesis import given
from hypothesis import strategies as st

from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from simulation import STEPS, Simulation
from support import fold_lines, snapshot, standing, through_checkpoint

Steps = list[tuple[str, int]]


def finished(steps: Steps) -> Simulation:
    return Simulation().run(steps)


def states(fold: Fold) -> dict[tuple[str, str], tuple[object, ...]]:
    return {(d.event, d.endpoint): (d.state, d.attempts, d.slot, d.canceling) for d in fold.unfinished()}


def named(line: bytes) -> set[str]:
    """The events that a line is about."""
    record = r.from_line(line[:-1])
    if isinstance(record, (r.Event, r.Attempt, r.Retry, r.Cancel)):
        return {record.event}
    if isinstance(record, r.Canceled):
        return set(record.events)
    if isinstance(record, r.Intake):
        return {one.event for one in record.events}
    if isinstance(record, r.Start):
        return {one.event for one in record.attempts}
    if isinstance(record, (r.ReplayItems, r.ReplayPassed)):
        return {one[0] if isinstance(one, tuple) else one.event for one in record.items}
    return set()


@given(STEPS, st.integers(0))
def test_a_checkpoint_taken_at_any_record_changes_nothing(steps: Steps, n: int) -> None:
    lines = finished(steps).lines
    cut = n % (len(lines) + 1)
    resumed = fold_lines(lines[cut:], through_checkpoint(fold_lines(lines[:cut])))
    assert snapshot(resumed) == snapshot(fold_lines(lines))


@given(STEPS, st.integers(0))
def test_a_checkpoint_is_its_position(steps: Steps, n: int) -> None:
    lines = finished(steps).lines
    fold = fold_lines(lines[: n % (len(lines) + 1)])
    assert through_checkpoint(fold).position == fold.position


@given(STEPS, st.integers(0))
def test_a_damaged_line_costs_only_what_it_is_about(steps: Steps, n: int) -> None:
    lines = finished(steps).lines
    whole = fold_lines(lines)
    lost = lines[n % len(lines)][1] if lines else b""
    damaged = fold_lines(line for line in lines if line[1] != lost)
    touched = named(lost) if lost else set()
    for fold, other in ((whole, damaged), (damaged, whole)):
        for delivery in fold.unfinished():
            if delivery.event not in touched and not delivery.replay:
                found = other.delivery(delivery.event, delivery.endpoint)
                assert found is not None
                assert standing(found) == standing(delivery)


@given(STEPS, st.integers(0), st.integers(0, 12))
def test_lines_written_twice_are_harmless(steps: Steps, n: int, length: int) -> None:
    """A group of the sender's that couldn't be synced is appended again."""
    simulation = finished(steps)
    lines = simulation.lines
    end = n % (len(lines) + 1)
    again = lines[max(end - length, 0) : end]
    while any(position not in simulation.own for position, _ in again):
        again = again[1:]
    twice = fold_lines([*lines[:end], *again, *lines[end:]])
    once = fold_lines(lines)
    assert states(twice) == states(once)
    assert twice.untaken.keys() == once.untaken.keys()
    assert twice.totals.dump() == once.totals.dump()


@given(STEPS)
def test_a_sender_that_reads_late_comes_to_what_the_journal_says(steps: Steps) -> None:
    """Its own records are in its memory before those that others had appended meanwhile."""
    simulation = Simulation(lag=True).run(steps)
    assert states(simulation.memory) == states(simulation.shown)
    assert simulation.memory.known == simulation.shown.known
