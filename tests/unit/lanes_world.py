"""Lanes in a simulated world: a clock, and receivers that answer after so many seconds, or not."""

import heapq
from collections import Counter
from itertools import count
from math import inf

from hookconsole.delivery.lanes import Lanes
from hookconsole.journal.deliveries import Delivery


class World:
    """Lanes, a clock, and receivers that answer after so many seconds, or not."""

    def __init__(self, concurrency: int = 64, limit: int = 8) -> None:
        self.lanes = Lanes(concurrency)
        self.limit = limit
        self.now = 100.0
        self.seconds: dict[str, float] = {}
        self.failing: set[str] = set()
        self.sent: list[tuple[float, str]] = []
        self.in_flight: Counter[str] = Counter()
        self._ends: list[tuple[float, int, Delivery]] = []
        self._numbers = count()

    def open(self, *names: str, seconds: float = 0.01, fails: bool = False) -> None:
        for name in names:
            self.seconds[name] = seconds
            if fails:
                self.failing.add(name)
            self.lanes.open(name, self.limit, self.now)

    def add(self, name: str, number: int = 1, due: float = 0.0, slot: int = 0) -> list[Delivery]:
        """Queue deliveries that are due in `due` seconds."""
        made = [Delivery(f"evt_{next(self._numbers)}", name, 1, 0) for _ in range(number)]
        for delivery in made:
            delivery.slot = slot
            delivery.state = "retrying" if slot else "pending"
            self.lanes.add(delivery, self.now + due, self.now)
        return made

    def prove(self, *names: str) -> None:
        """Have these answer once, quickly."""
        for name in names:
            seconds, self.seconds[name] = self.seconds[name], 0.01
            self.add(name)
            self.run(1.0)
            self.seconds[name] = seconds
        self.sent.clear()

    def take(self) -> list[str]:
        """Send all that may be sent now; as in the sender, all are taken before the first starts."""
        taken = []
        while (delivery := self.lanes.take(self.now)) is not None:
            taken.append(delivery)
        for delivery in taken:
            delivery.state = "sending"
            name = delivery.endpoint
            self.in_flight[name] += 1
            self.sent.append((self.now, name))
            heapq.heappush(self._ends, (self.now + self.seconds[name], next(self._numbers), delivery))
        return [delivery.endpoint for delivery in taken]

    def flying(self) -> list[Delivery]:
        """The attempts in flight, in the order in which they end."""
        return [delivery for _, _, delivery in sorted(self._ends)]

    def run(self, seconds: float) -> None:
        """Let time pass, looking only when an attempt ends or the lanes say so."""
        until = self.now + seconds
        self.take()
        while True:
            due = min(self._ends[0][0] if self._ends else inf, self.lanes.next_wake_up())
            if due > until:
                break
            self.now = max(due, self.now)
            while self._ends and self._ends[0][0] <= self.now:
                self.end(heapq.heappop(self._ends)[2])
            self.take()
        self.now = until

    def end(self, delivery: Delivery) -> None:
        name = delivery.endpoint
        self.in_flight[name] -= 1
        failed = name in self.failing
        delivery.state = "failed" if failed else "delivered"
        self.lanes.done(name, success=not failed, seconds=self.seconds[name], now=self.now)

    def count(self, since: float = 0.0) -> Counter[str]:
        return Counter(name for at, name in self.sent if at >= since)


def names(number: int) -> list[str]:
    return [f"e{n:03}" for n in range(number)]
