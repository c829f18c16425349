"""The moods of the demo's receivers, over many requests with one seed."""

from random import Random

import pytest

from hookconsole.demo.moods import MOODS, Answer

MANY = 2000


def answers(name: str, seconds: float = 0.0, seed: int = 1) -> list[Answer]:
    chance = Random(seed)
    return [MOODS[name](seconds, chance) for _ in range(MANY)]


@pytest.mark.parametrize("name", MOODS)
def test_the_same_seed_makes_the_same_answers(name: str) -> None:
    assert answers(name) == answers(name)
    assert answers(name) != answers(name, seed=2)


@pytest.mark.parametrize(("name", "low", "high"), [("healthy", 0.005, 0.040), ("slow", 0.8, 2.5)])
def test_healthy_and_slow_answer_well_in_their_time(name: str, low: float, high: float) -> None:
    for answer in answers(name):
        assert low <= answer.delay <= high
        assert (answer.status, answer.retry_after) == (200, None)


def test_flaky_fails_three_times_in_ten() -> None:
    seen = answers("flaky")
    failures = [answer for answer in seen if answer.status != 200]
    assert 0.25 < len(failures) / MANY < 0.35
    assert {answer.status for answer in failures} == {500, 503}
    assert {answer.retry_after for answer in failures} == {None, 2}
    assert {answer.retry_after for answer in seen if answer.status == 200} == {None}


@pytest.mark.parametrize("seconds", [0.0, 19.9, 40.0, 59.9, 400.0])
def test_down_fails_in_the_first_half_of_its_turn(seconds: float) -> None:
    assert {answer.status for answer in answers("down", seconds)} == {503, None}


@pytest.mark.parametrize("seconds", [20.0, 39.9, 60.0, 79.9])
def test_down_is_healthy_in_the_second_half(seconds: float) -> None:
    assert {answer.status for answer in answers("down", seconds)} == {200}
