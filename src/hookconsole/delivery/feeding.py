"""Replays, fed into the lanes at their rate: never more at once than the lanes take, never a running series.

A delivery of a replay stays as it was until its own attempt starts; so what was fed and not started when
the process ends is simply fed again.
"""

from collections import Counter, deque
from collections.abc import Callable

from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.records import ReplayItem
from hookconsole.journal.replays import ReplayProgress

QUEUED_AT_MOST = 32
"""An endpoint with so many deliveries queued gets no more from a replay for now."""


class Feeder:
    """Decides which deliveries of the running replays are due now."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold
        self._queues: dict[str, deque[ReplayItem]] = {}
        self._credit: dict[str, float] = {}
        self._last = 0.0

    @property
    def busy(self) -> bool:
        """Whether any replay still has something to feed, or to be taken back."""
        return bool(self._queues) or any(
            replay.state == "running" and replay.remaining for replay in self._fold.replays.values()
        )

    def feed(
        self, now: float, is_open: Callable[[str], bool], waiting: Callable[[str], int]
    ) -> tuple[list[Delivery], dict[str, list[tuple[str, str, str]]]]:
        """Deliveries to queue at a monotonic `now`, and by replay those passed over, with the reason."""
        elapsed, self._last = min(max(now - self._last, 0.0), 1.0), now
        fed: list[Delivery] = []
        queued: Counter[str] = Counter()
        passed: dict[str, list[tuple[str, str, str]]] = {}
        for name in self._queues.keys() - self._fold.replays.keys():
            del self._queues[name]
        for name, replay in self._fold.replays.items():
            if replay.state != "running" or not replay.remaining:
                if self._queues.pop(name, None) is not None:
                    self._take_back(replay)
                continue
            queue = self._queues.setdefault(name, deque())
            if not queue:
                # Also what was fed and never started, should its endpoint have closed meanwhile.
                queue.extend(replay.remaining.values())
            rate = replay.record.rate
            credit = min(self._credit.get(name, 0.0) + elapsed * rate, max(rate, 1.0))
            for _ in range(min(int(credit), len(queue))):
                item = queue.popleft()
                running = self._fold.delivery(item.event, item.endpoint)
                if (item.event, item.endpoint) not in replay.remaining:
                    continue
                if not is_open(item.endpoint):
                    if running is not None and self._fold.is_fed(running):
                        self._fold.withdraw(running)
                    reason = "its endpoint is inactive or gone"
                    passed.setdefault(name, []).append((item.event, item.endpoint, reason))
                elif running is not None and running.replay == name:
                    continue
                elif running is not None:
                    reason = "another series of it is running"
                    passed.setdefault(name, []).append((item.event, item.endpoint, reason))
                elif waiting(item.endpoint) + queued[item.endpoint] >= QUEUED_AT_MOST:
                    queue.append(item)
                    continue
                else:
                    queued[item.endpoint] += 1
                    fed.append(self._deliver(name, item))
                credit -= 1
            self._credit[name] = credit
        return fed, passed

    def _take_back(self, replay: ReplayProgress) -> None:
        for event, endpoint in replay.remaining:
            delivery = self._fold.delivery(event, endpoint)
            if delivery is not None and self._fold.is_fed(delivery):
                self._fold.withdraw(delivery)

    def _deliver(self, replay: str, item: ReplayItem) -> Delivery:
        attempts = max(item.attempts, self._fold.attempts_known(item.event, item.endpoint))
        delivery = Delivery(item.event, item.endpoint, item.segment, item.offset, "replay", attempts)
        delivery.replay = replay
        return self._fold.add(delivery)
