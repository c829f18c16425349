"""How deliveries flow: attempts by the minute, failures by cause, over the last hour.

Counted are the attempts that count for an endpoint's health, by when they ended. Memory is bounded by the
hour; what is from the future of a clock that jumped counts as of now.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from hookconsole.journal.records import Attempt
from hookconsole.journal.segments import Position
from hookconsole.journal.store import Store
from hookconsole.observing.moments import Moments
from hookconsole.observing.values import Minute

MINUTES = 60
RATE_SECONDS = 10

READ_BACK_AT_MOST = 200_000
"""Attempts that are read back at the beginning, some seconds of work; the hour may have had more."""

_SLACK_SECONDS = 60.0
"""Attempts may stand out of the order of their ends by so much."""


class Pulse:
    """The last hour. Times are unix seconds; `now` is never far from the attempts that are added."""

    def __init__(self) -> None:
        self._moment = Moments()
        self._minutes: dict[int, tuple[int, int]] = {}
        self._causes: dict[int, Counter[str]] = {}
        self._seconds: Counter[int] = Counter()

    def add(self, attempt: Attempt, now: float) -> None:
        """Count an attempt."""
        ended = min(self._moment(attempt.at) + attempt.duration_ms / 1000, now)
        minute, second = int(ended) // 60, int(ended)
        if minute > int(now) // 60 - MINUTES:
            delivered, failed = self._minutes.get(minute, (0, 0))
            if attempt.outcome == "delivered":
                self._minutes[minute] = (delivered + 1, failed)
            else:
                self._minutes[minute] = (delivered, failed + 1)
                cause = attempt.error or f"status {attempt.status}"
                self._causes.setdefault(minute, Counter())[cause] += 1
            self._seconds[second] += 1

    def minutes(self, now: float) -> tuple[Minute, ...]:
        """The last sixty, the newest last."""
        newest = int(now) // 60
        first = newest - MINUTES + 1
        for old in [minute for minute in self._minutes if minute < first]:
            del self._minutes[old]
            self._causes.pop(old, None)
        counted = self._minutes
        return tuple(Minute(minute * 60, *counted.get(minute, (0, 0))) for minute in range(first, newest + 1))

    def causes(self, now: float) -> tuple[tuple[str, int], ...]:
        """Failed attempts of these minutes by cause, the most frequent first."""
        first = int(now) // 60 - MINUTES + 1
        total: Counter[str] = Counter()
        for minute, causes in self._causes.items():
            if minute >= first:
                total.update(causes)
        return tuple(sorted(total.items(), key=lambda item: (-item[1], item[0])))

    def per_second(self, now: float) -> float:
        """Attempts that ended in each of the last ten whole seconds, on average."""
        first = int(now) - RATE_SECONDS
        for old in [second for second in self._seconds if second < first]:
            del self._seconds[old]
        ended = sum(count for second, count in self._seconds.items() if first <= second < int(now))
        return ended / RATE_SECONDS


def last_hour(journal: str, before: Position, now: float, rest: Callable[[], None]) -> Iterator[Attempt]:
    """Attempts and tests before a position, the newest first, back to an hour ago; `rest` is called often."""
    since = now - MINUTES * 60
    store = Store(journal)
    store.on_piece = lambda _segment, _offset: rest()
    moment = Moments()
    read = 0
    try:
        for _, record in store.backward(b'"kind":"attempt"', before, since):
            if not isinstance(record, Attempt) or record.outcome == "interrupted":
                continue  # an interrupted one stands where the next sender began
            read += 1
            ended = moment(record.at) + record.duration_ms / 1000
            if read > READ_BACK_AT_MOST or ended < since - _SLACK_SECONDS:
                return
            rest()
            yield record
    finally:
        store.close()
