"""How far a replay has come. A replay's deliveries stay as they were until their own attempt starts.

`remaining` holds what is still to start; state is `incoming` until the operator's `replay` record stands.
"""

from collections.abc import Iterable

from hookconsole.journal.deliveries import Delivery
from hookconsole.journal.records import Replay, ReplayItem, ReplayState


class ReplayProgress:
    """One replay: its record, what remains, and what became of the rest."""

    __slots__ = ("record", "remaining", "running")

    def __init__(self, at: str) -> None:
        self.record = ReplayState(at=at)
        self.remaining: dict[tuple[str, str], ReplayItem] = {}
        self.running: set[tuple[str, str]] = set()

    @property
    def state(self) -> str:
        """incoming, running, paused, canceled or done."""
        if self.record.state == "running" and not self.remaining and not self.running:
            return "done"
        return self.record.state

    def incoming(self, items: Iterable[ReplayItem]) -> None:
        """Some of its deliveries."""
        for item in items:
            self.remaining[item.event, item.endpoint] = item

    def begin(self, record: Replay) -> None:
        """The operator's word: it starts."""
        self.record = ReplayState(
            at=record.at,
            chosen=record.chosen,
            total=record.total,
            rate=record.rate,
            user=record.user,
            state="running",
        )

    def control(self, action: str) -> None:
        """Pause, resume or cancel it, unless it has ended."""
        if self.state in ("running", "paused"):
            self.record.state = {"pause": "paused", "resume": "running", "cancel": "canceled"}[action]

    def start(self, event: str, endpoint: str) -> ReplayItem | None:
        """A delivery of it starts."""
        self.running.add((event, endpoint))
        return self.remaining.pop((event, endpoint), None)

    def ended(self, delivery: Delivery) -> None:
        """A delivery ended: in this replay's series, or in one that makes a waiting item needless."""
        key = (delivery.event, delivery.endpoint)
        if key in self.running:
            self.running.discard(key)
            if delivery.state == "delivered":
                self.record.delivered += 1
            else:
                self.record.failed += 1
        elif delivery.state == "delivered" and self.remaining.pop(key, None) is not None:
            self.record.passed += 1

    def pass_over(self, items: Iterable[tuple[str, str, str]]) -> None:
        """These are left alone."""
        for event, endpoint, _reason in items:
            if self.remaining.pop((event, endpoint), None) is not None:
                self.record.passed += 1
