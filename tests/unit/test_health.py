"""An endpoint's health by its newest attempt, and how old that may be."""

import pytest

from hookconsole.journal.records import LastAttempt
from hookconsole.operating.health import health_of
from support import T0, at

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("retention_days", "age", "health"),
    [
        (7, 7 * DAY - 1, "failing"),
        (7, 7 * DAY + 1, "idle"),
        (30, 7 * DAY - 1, "failing"),
        (30, 7 * DAY + 1, "idle"),  # the log still has it
        (0.5, 12 * HOUR - 1, "failing"),
        (0.5, 12 * HOUR + 1, "idle"),  # no view shows it any more
    ],
)
def test_idle_is_after_seven_days_or_when_the_attempt_is_shown_no_more(
    retention_days: float, age: float, health: str
) -> None:
    last = LastAttempt(at(), "retrying", 503, None, None)
    assert health_of(True, last, T0 + age, retention_days) == health
    assert health_of(False, last, T0 + age, retention_days) == "inactive"
