"""Who sends next: a lane for each endpoint, so that no endpoint can slow another.

Pure: times are a monotonic clock's seconds given by the caller. Invariants:
- No more than `concurrency` attempts are in flight, nor more than a lane's `limit` in that lane.
- Lanes on probation (they haven't answered yet, fail, or are slower than a second) have half of the slots
  between them; the other half is always open to lanes that answer. The two groups take turns, and so do the
  lanes of each.
- Beside other lanes, one that answers holds no more slots than are still free (or one): however many begin
  to hang together, slots remain. One that hasn't answered yet holds one; those that fail or are slow share
  the half on probation evenly (at least one each).
- A failing lane starts at most `FAILING_PER_SECOND` attempts a second: a dead endpoint with 100,000
  waiting costs the others no processor.
- Within a lane fresh deliveries and due retries alternate.
"""

import heapq
from collections import deque
from itertools import count
from math import inf

from hookconsole.journal.deliveries import WAITING, Delivery

FAILING_PER_SECOND = 250.0
SLOW_SECONDS = 1.0


class Lane:
    """One endpoint's queue and what is known of how it answers."""

    __slots__ = (
        "answered",
        "closed",
        "failing",
        "fresh",
        "in_flight",
        "limit",
        "name",
        "not_before",
        "paused",
        "place",
        "proven",
        "retries",
        "retries_next",
        "wake_up",
    )

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = limit
        self.fresh: deque[tuple[int, Delivery]] = deque()
        self.retries: list[tuple[float, int, int, Delivery]] = []
        self.retries_next = False
        self.in_flight = 0
        self.closed = False
        self.paused = False
        self.answered = False
        self.proven = False
        self.failing = False
        self.not_before = 0.0
        self.place = 0  # in a ring: its number; an entry with another one is void
        self.wake_up = inf

    @property
    def troubled(self) -> bool:
        """Whether it is known to fail or to be slow."""
        return self.answered and not self.proven

    def due_at(self) -> float:
        """When this lane next wants to send; inf for not by itself."""
        if self.paused or self.in_flight >= self.limit:
            return inf
        if self.fresh:
            return self.not_before
        return max(self.retries[0][0], self.not_before) if self.retries else inf

    def next(self, now: float) -> Delivery | None:
        """Take out the next delivery that is due."""
        self.retries_next = not self.retries_next
        if self.retries_next:
            return self._due_retry(now) or self._fresh()
        return self._fresh() or self._due_retry(now)

    def _fresh(self) -> Delivery | None:
        while self.fresh:
            ticket, delivery = self.fresh.popleft()
            if delivery.ticket == ticket and delivery.state in WAITING:
                return delivery
        return None

    def _due_retry(self, now: float) -> Delivery | None:
        while self.retries and self.retries[0][0] <= now:
            _, _, ticket, delivery = heapq.heappop(self.retries)
            if delivery.ticket == ticket and delivery.state in WAITING:
                return delivery
        return None


class Lanes:
    """All lanes; the rings of those that want to send now; the heap of those that will."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self.in_flight = 0
        self.on_probation = 0
        self._troubled = 0
        self._lanes: dict[str, Lane] = {}
        self._rings: tuple[deque[tuple[int, Lane]], ...] = (deque(), deque())  # on probation, proven
        self._proven_next = True
        self._wake_ups: list[tuple[float, int, Lane]] = []
        self._order = count(1)

    def open(self, name: str, limit: int, now: float) -> Lane:
        """The lane of an endpoint, with at most `limit` attempts in flight."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(name, limit)
        lane.limit = limit
        lane.closed = False
        self._enlist(lane, now)
        return lane

    def close(self, name: str) -> None:
        """The endpoint is gone or resting: its queue is dropped. Attempts in flight finish."""
        lane = self._lanes.get(name)
        if lane is not None:
            lane.closed = True
            lane.paused = False
            lane.fresh.clear()
            lane.retries.clear()
            if not lane.in_flight:
                self._delete(lane)

    def names(self) -> list[str]:
        """The endpoints that have a lane."""
        return list(self._lanes)

    def is_open(self, name: str) -> bool:
        """Whether an endpoint's deliveries can be queued."""
        lane = self._lanes.get(name)
        return lane is not None and not lane.closed

    def waiting(self, name: str) -> int:
        """About how many deliveries are queued for an endpoint (void entries count)."""
        lane = self._lanes.get(name)
        return len(lane.fresh) + len(lane.retries) if lane else 0

    def paused(self) -> list[str]:
        """The endpoints whose lane is paused."""
        return [name for name, lane in self._lanes.items() if lane.paused]

    def add(self, delivery: Delivery, due: float, now: float) -> None:
        """Queue a waiting delivery, due at a monotonic time; an earlier entry of it becomes void."""
        lane = self._lanes.get(delivery.endpoint)
        if lane is None or lane.closed:
            return
        delivery.ticket += 1
        if delivery.trigger == "test":
            lane.fresh.appendleft((delivery.ticket, delivery))
        elif due <= now and not delivery.slot:
            lane.fresh.append((delivery.ticket, delivery))
        else:
            heapq.heappush(lane.retries, (due, next(self._order), delivery.ticket, delivery))
        self._enlist(lane, now)

    def pause(self, name: str, paused: bool, now: float) -> None:
        """Stop a lane with its queue kept, or let it go on."""
        lane = self._lanes.get(name)
        if lane is not None and not lane.closed:
            lane.paused = paused
            self._enlist(lane, now)

    def take(self, now: float) -> Delivery | None:
        """The next delivery to send, its slot taken; None when nothing may be sent now."""
        while self._wake_ups and self._wake_ups[0][0] <= now:
            due, _, lane = heapq.heappop(self._wake_ups)
            if lane.wake_up == due:
                lane.wake_up = inf
                self._enlist(lane, now)
        if self.in_flight >= self.concurrency:
            return None
        for proven in (self._proven_next, not self._proven_next):
            delivery = self._take_from(proven, now)
            if delivery is not None:
                self._proven_next = not proven
                return delivery
        return None

    def done(self, name: str, *, success: bool, seconds: float, now: float) -> None:
        """An attempt that `take` gave out has ended after `seconds`; its slot is free."""
        lane = self._lanes[name]
        self.in_flight -= 1
        lane.in_flight -= 1
        if not lane.proven:
            self.on_probation -= 1
        was_troubled = lane.troubled
        proven = success and seconds < SLOW_SECONDS
        if proven != lane.proven:
            lane.proven = proven
            self.on_probation += -lane.in_flight if proven else lane.in_flight
            if lane.place:
                self._to_ring(lane)  # its place in the other group is void
        lane.answered = True
        self._troubled += lane.troubled - was_troubled
        lane.failing = not success
        if success:
            lane.not_before = 0.0
        if lane.closed and not lane.in_flight:
            self._delete(lane)
        self._enlist(lane, now)

    def next_wake_up(self) -> float:
        """When `take` may have something that it hasn't now, if nothing else happens; inf for never."""
        return self._wake_ups[0][0] if self._wake_ups else inf

    def _take_from(self, proven: bool, now: float) -> Delivery | None:
        if not proven and self.on_probation >= max(self.concurrency // 2, 1):
            return None
        ring = self._rings[proven]
        for _ in range(len(ring)):
            place, lane = ring.popleft()
            if place != lane.place:
                continue
            if lane.in_flight >= self._share(lane):
                ring.append((place, lane))
                continue
            lane.place = 0
            delivery = lane.next(now) if lane.due_at() <= now else None
            if delivery is not None:
                self.in_flight += 1
                lane.in_flight += 1
                self.on_probation += not proven
                if lane.failing:
                    lane.not_before = now + 1 / FAILING_PER_SECOND
            self._enlist(lane, now)
            if delivery is not None:
                return delivery
        return None

    def _share(self, lane: Lane) -> int:
        """How many slots a lane may hold now."""
        if len(self._lanes) == 1:
            return self.concurrency
        if lane.proven:
            return max(self.concurrency - self.in_flight, 1)
        if not lane.answered:
            return 1
        return max(self.concurrency // 2 // self._troubled, 1)

    def _delete(self, lane: Lane) -> None:
        self._troubled -= lane.troubled
        lane.place = 0  # what of it is in a ring is void
        del self._lanes[lane.name]

    def _to_ring(self, lane: Lane) -> None:
        lane.place = next(self._order)
        self._rings[lane.proven].append((lane.place, lane))

    def _enlist(self, lane: Lane, now: float) -> None:
        """Put a lane where it belongs: in its ring when it wants to send, else into the heap if it will."""
        if lane.place:
            return
        due = lane.due_at()
        if due <= now:
            self._to_ring(lane)
        elif due < lane.wake_up:
            lane.wake_up = due
            heapq.heappush(self._wake_ups, (due, next(self._order), lane))
