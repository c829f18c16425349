"""A journal with every kind of record, and every way that a delivery can go, for tests of its readers.

It happened within the last hour.
"""

import time
from pathlib import Path
from typing import Any

from msgspec import Raw

from hookconsole.clock import rfc3339
from hookconsole.journal import records as r
from hookconsole.journal.segments import Appender, Position


class Pen:
    """Writes a journal, remembering where events are."""

    def __init__(self, folder: Path) -> None:
        self.appender = Appender(folder)
        self.places: dict[str, Position] = {}
        self._now = time.time() - 3600

    def at(self) -> str:
        self._now += 1
        return rfc3339(self._now)

    def put(self, kind: type[r.AnyRecord], **fields: Any) -> None:
        record = kind(fields.pop("at", None) or self.at(), **fields)
        position = self.appender.append(r.to_line(record))
        if isinstance(record, r.Event):
            self.places[record.event] = position

    def event(self, event: str, to: str = "", skipped: str = "", **fields: Any) -> None:
        source = "test" if "endpoint" in fields else "cli"
        event_type = fields.pop("type", "webhook.test" if "endpoint" in fields else "invoice.paid")
        usual: dict[str, Any] = {"created_at": "2026-04-15T14:00:00Z", "data": Raw(b"{}"), "source": source}
        self.put(r.Event, event=event, type=event_type, **(usual | fields))
        if to or skipped:
            self.intake(event, to, skipped)

    def intake(self, event: str, to: str, skipped: str = "") -> None:
        place = self.places[event]._asdict()
        taken = r.Taken(event=event, **place, to=to.split(), skipped=skipped.split())
        self.put(r.Intake, events=[taken])

    def start(self, event: str, endpoint: str, attempt: int, slot: int = 0, **fields: Any) -> None:
        self.put(
            r.Start,
            attempts=[r.Started(event=event, endpoint=endpoint, attempt=attempt, slot=slot, **fields)],
        )

    def end(
        self, event: str, endpoint: str, attempt: int, outcome: str, slot: int = 0, **fields: Any
    ) -> None:
        ok = outcome == "delivered"
        usual: dict[str, Any] = {
            "status": 200 if ok else None,
            "error": None if ok else "reset",
            "error_detail": None,
            "duration_ms": 1.0,
            "timings_ms": {},
            "remote": None,
            "response": None,
        }
        self.put(
            r.Attempt,
            event=event,
            endpoint=endpoint,
            attempt=attempt,
            trigger="event",
            outcome=outcome,
            next_attempt_at=rfc3339(self._now + 7200) if outcome == "retrying" else None,
            slot=slot,
            **(usual | fields),
        )

    def retry(self, event: str, endpoint: str, attempts: int) -> None:
        place = self.places[event]._asdict()
        self.put(r.Retry, event=event, endpoint=endpoint, **place, attempts=attempts, user="anna")


def story(folder: Path) -> Pen:
    """A journal with every kind of record, and every way that a delivery can go."""
    pen = Pen(folder)
    known = {name: r.Known() for name in ("acme", "bolt", "gone", "off")}
    pen.put(r.Sender, state="started", pid=1, mode="daemon", user="hooks")
    pen.put(r.Registry, endpoints=known, removed=[], event_types=[])
    pen.event("tested", endpoint="acme", url="00")
    pen.start("tested", "acme", 1, trigger="test")
    pen.end("tested", "acme", 1, "failed")
    pen.event("test-waits", endpoint="new", url="00")
    pen.event("waits")
    pen.event("pending", "acme", "off")
    pen.event("sent", "acme bolt")
    for name, outcome in (("acme", "delivered"), ("bolt", "retrying")):
        pen.start("sent", name, 1)
        pen.end("sent", name, 1, outcome)
    pen.event("cut", "acme bolt")
    pen.start("cut", "acme", 1)
    pen.end("cut", "acme", 1, "interrupted")
    pen.start("cut", "bolt", 1, 3)
    pen.end("cut", "bolt", 1, "interrupted", 3)
    pen.event("unread", "acme")
    pen.start("unread", "acme", 1)
    pen.end("unread", "acme", 1, "retrying", error="config")
    pen.event("flying", "acme bolt")
    pen.start("flying", "acme", 1)
    pen.start("flying", "bolt", 1)
    pen.put(r.Cancel, event="flying", endpoint="bolt", user="anna")
    pen.retry("flying", "acme", 1)
    pen.event("off", "bolt gone")
    pen.put(r.Canceled, endpoint="bolt", events=["off", "sent"])
    pen.event("again", "acme bolt")
    for name in ("acme", "bolt"):
        pen.start("again", name, 1)
        pen.end("again", name, 1, "failed")
    pen.retry("again", "acme", 1)
    pen.retry("again", "bolt", 0)  # decided before that attempt ended
    pen.event("replayed", "acme bolt gone")
    for name in ("acme", "bolt", "gone"):
        pen.start("replayed", name, 1)
        pen.end("replayed", name, 1, "failed")
    items = [r.ReplayItem("replayed", name, *pen.places["replayed"], 1) for name in ("acme", "bolt", "gone")]
    pen.put(r.ReplayItems, replay="rpl_1", items=items)
    pen.put(r.Replay, replay="rpl_1", chosen={}, total=3, rate=1.0, user="anna")
    pen.put(r.ReplayControl, replay="rpl_1", action="pause", user="anna")
    pen.put(r.ReplayPassed, replay="rpl_1", items=[("replayed", "gone", "inactive")])
    pen.start("replayed", "acme", 2, trigger="replay", replay="rpl_1")
    pen.event("old", "acme")
    pen.start("old", "acme", 1)
    pen.end("old", "acme", 1, "retrying")
    pen.event("dropped", "acme")
    pen.put(r.Cancel, event="dropped", endpoint="acme", user="anna")
    pen.event("raced", "acme bolt")
    for name, outcome in (("acme", "canceled"), ("bolt", "delivered")):
        pen.put(r.Cancel, event="raced", endpoint=name, user="anna")
        pen.start("raced", name, 1)
        pen.end("raced", name, 1, outcome)
    pen.put(r.Change, endpoint="gone", action="removed", user="anna")
    pen.put(r.Consent, removed=["gone"], user="anna")
    pen.put(r.Registry, endpoints={}, removed=["gone"], event_types=[])
    return pen
