"""The retry decision, a value apart from the act.

A failure at place k of the schedule waits `schedule[k]` seconds after the attempt's end; behind the last
place it is final. A `Retry-After` can only lengthen a wait, at most to an hour.
"""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from hookconsole.journal.records import Outcome

RETRY_AFTER_AT_MOST = 3600.0


class Decision(NamedTuple):
    """What an attempt's end means: the outcome, and the seconds to wait before the next (None: no next)."""

    outcome: Outcome
    wait: float | None = None


def decide(
    *, success: bool, slot: int, schedule: tuple[float, ...], canceling: bool, retry_after: float | None
) -> Decision:
    """What follows an attempt at place `slot` of `schedule` (seconds)."""
    if success:
        return Decision("delivered")
    if canceling:
        return Decision("canceled")
    if slot >= len(schedule):
        return Decision("failed")
    return Decision("retrying", max(schedule[slot], retry_after or 0.0))


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for, at most an hour; None for anything that isn't one."""
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"\d+", value, re.ASCII):
        return min(float(value), RETRY_AFTER_AT_MOST)
    try:
        asked = parsedate_to_datetime(value)
        # HTTP's dates are GMT, whether they say so or not.
        seconds = (asked if asked.tzinfo else asked.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, OverflowError, TypeError, OSError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_AT_MOST)
