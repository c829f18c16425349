"""Hourly totals of each endpoint: how many deliveries ended how, and how long attempts took.

Kept for `HOURS_KEPT` hours back from the endpoint's newest attempt, durations for a day. The cost depends on
endpoints, not on events: 4 KB each, and up to 10 KB for the durations of a busy day. Tests aren't counted.
"""

from array import array
from math import frexp
from typing import NamedTuple

from hookconsole.clock import parse_rfc3339
from hookconsole.journal.records import Attempt, Hours

HOURS_KEPT = 24 * 7
DURATION_HOURS_KEPT = 24

_STEPS_PER_DOUBLING = 8


class Hour(NamedTuple):
    """One hour of one endpoint: deliveries that ended delivered or failed, and attempts that failed."""

    hour: int
    delivered: int
    failed: int
    attempts_failed: int


class Summary(NamedTuple):
    """Totals over some hours. Durations in milliseconds, None where there was no attempt."""

    delivered: int
    failed: int
    attempts_failed: int
    p50_ms: float | None
    p95_ms: float | None


def duration_bucket(duration_ms: float) -> int:
    """The bucket of a duration: eight to a doubling, so a percentile is right within 7 %."""
    if duration_ms <= 0.1:
        return 0
    mantissa, exponent = frexp(duration_ms * 10)
    return (exponent - 1) * _STEPS_PER_DOUBLING + int((mantissa - 0.5) * 2 * _STEPS_PER_DOUBLING)


def bucket_ms(bucket: int) -> float:
    """The middle of a bucket in milliseconds."""
    doubling, step = divmod(bucket, _STEPS_PER_DOUBLING)
    return float(round(2.0**doubling * (1 + (step + 0.5) / _STEPS_PER_DOUBLING) / 10, 3))


def percentile(buckets: dict[int, int], share: float) -> float | None:
    """The duration (ms) that `share` of the counted ones don't exceed; None of nothing."""
    wanted = share * sum(buckets.values())
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted:
            return bucket_ms(bucket)
    return None


class _Week:
    """A ring of `HOURS_KEPT` hours of (delivered, failed, attempts failed) up to the newest."""

    __slots__ = ("counts", "durations", "newest")

    def __init__(self) -> None:
        self.newest = 0
        self.counts = array("L", bytes(HOURS_KEPT * 3 * array("L").itemsize))
        self.durations: dict[int, dict[int, int]] = {}

    def place(self, hour: int) -> int:
        """Where the counts of an hour begin, the ring moved on to it; it must not be older than the ring."""
        if hour > self.newest:
            for passed in range(max(self.newest, hour - HOURS_KEPT) + 1, hour + 1):
                at = passed % HOURS_KEPT * 3
                self.counts[at] = self.counts[at + 1] = self.counts[at + 2] = 0
            self.newest = hour
            for old in [h for h in self.durations if h <= hour - DURATION_HOURS_KEPT - 1]:
                del self.durations[old]
        return hour % HOURS_KEPT * 3

    def hours(self, since_hour: int) -> list[Hour]:
        found = []
        for hour in range(max(since_hour, self.newest - HOURS_KEPT + 1), self.newest + 1):
            at = hour % HOURS_KEPT * 3
            counts = self.counts[at : at + 3]
            if any(counts):
                found.append(Hour(hour, *counts))
        return found


class Totals:
    """All endpoints' hourly totals."""

    def __init__(self) -> None:
        self._weeks: dict[str, _Week] = {}
        self._hour_text = ""
        self._hour = 0

    def add(self, attempt: Attempt) -> None:
        """Count one attempt that ended."""
        hour = self._hour_of(attempt.at)
        week = self._weeks.get(attempt.endpoint)
        if week is None or hour <= week.newest - HOURS_KEPT:
            # Older than the whole ring: the clock had been far ahead, and what it counted then is void.
            week = self._weeks[attempt.endpoint] = _Week()
        at = week.place(hour)
        if attempt.outcome == "delivered":
            week.counts[at] += 1
        else:
            week.counts[at + 2] += 1
            if attempt.outcome == "failed":
                week.counts[at + 1] += 1
        if attempt.error not in ("blocked", "config"):
            durations = week.durations.setdefault(hour, {})
            bucket = duration_bucket(attempt.duration_ms)
            durations[bucket] = durations.get(bucket, 0) + 1

    def hours(self, endpoint: str, since_hour: int) -> list[Hour]:
        """The hours (unix seconds // 3600) of an endpoint in which something happened, ascending."""
        week = self._weeks.get(endpoint)
        return week.hours(since_hour) if week else []

    def summary(self, endpoint: str, since_hour: int) -> Summary:
        """Totals of an endpoint from an hour on."""
        buckets: dict[int, int] = {}
        week = self._weeks.get(endpoint)
        for hour, durations in week.durations.items() if week else ():
            if hour >= since_hour:
                for bucket, count in durations.items():
                    buckets[bucket] = buckets.get(bucket, 0) + count
        hours = self.hours(endpoint, since_hour)
        return Summary(
            sum(hour.delivered for hour in hours),
            sum(hour.failed for hour in hours),
            sum(hour.attempts_failed for hour in hours),
            percentile(buckets, 0.5),
            percentile(buckets, 0.95),
        )

    def p95s(self, endpoint: str) -> dict[int, float]:
        """The 95th percentile (ms) of the durations of each hour of the last day that has any."""
        week = self._weeks.get(endpoint)
        slow = {hour: percentile(d, 0.95) for hour, d in week.durations.items()} if week else {}
        return {hour: found for hour, found in slow.items() if found is not None}

    def forget(self, endpoint: str) -> None:
        """Drop an endpoint in which nothing has happened for long."""
        self._weeks.pop(endpoint, None)

    def dump(self) -> dict[str, Hours]:
        """All of it, for a checkpoint."""
        return {
            endpoint: Hours(list(week.hours(0)), sorted(week.durations.items()))
            for endpoint, week in self._weeks.items()
        }

    def load(self, dumped: dict[str, Hours]) -> None:
        """Take in (a part of) what `dump` gave."""
        for endpoint, hours in dumped.items():
            week = self._weeks[endpoint] = _Week()
            for hour, *counts in hours.totals:
                at = week.place(hour)
                week.counts[at : at + 3] = array("L", counts)
            week.durations = dict(hours.durations)

    def _hour_of(self, at: str) -> int:
        if not self._hour_text or not at.startswith(self._hour_text):
            self._hour = int(parse_rfc3339(at)) // 3600
            self._hour_text = at[:13]
        return self._hour
