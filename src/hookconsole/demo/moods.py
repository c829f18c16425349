"""How the demo's receivers behave: a pure function of mood, seconds since the start, and chance."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

DOWN_SECONDS = 20.0
TURN_SECONDS = 40.0
"""A receiver that is down by turns is down for the first `DOWN_SECONDS` of each turn."""


class Answer(NamedTuple):
    """What a receiver does after `delay` seconds: answer with `status`, or, for None, hang up."""

    delay: float
    status: int | None
    retry_after: int | None = None


Mood = Callable[[float, Random], Answer]


def healthy(_: float, chance: Random) -> Answer:
    """Answers well, within 5 to 40 ms."""
    return Answer(chance.uniform(0.005, 0.040), 200)


def slow(_: float, chance: Random) -> Answer:
    """Answers well, within 0.8 to 2.5 s."""
    return Answer(chance.uniform(0.8, 2.5), 200)


def flaky(_: float, chance: Random) -> Answer:
    """Fails three times in ten; a third of its failures ask for two seconds of patience."""
    delay = chance.uniform(0.005, 0.080)
    if chance.random() >= 0.3:
        return Answer(delay, 200)
    status = chance.choice((500, 503))
    return Answer(delay, status, retry_after=2 if chance.random() < 1 / 3 else None)


def down(seconds: float, chance: Random) -> Answer:
    """Down by turns: answers 503 or hangs up for a while, then is healthy for a while."""
    if seconds % TURN_SECONDS >= DOWN_SECONDS:
        return healthy(seconds, chance)
    return Answer(chance.uniform(0.005, 0.040), chance.choice((503, None)))


MOODS: dict[str, Mood] = {"healthy": healthy, "slow": slow, "flaky": flaky, "down": down}
"""Each mood by its name."""
