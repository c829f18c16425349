"""A simulated sender with its operators and emitters, for journals that hypothesis writes."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from hypothesis import strategies as st

from hookconsole.journal import records as r
from hookconsole.journal.deliveries import WAITING, Delivery
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Position
from support import (
    Line,
    at,
    attempt,
    cancel,
    canceled,
    control,
    event,
    fold_lines,
    item,
    registry,
    replay,
    retry,
)

ENDPOINTS = ("acme", "beta", "core")
OUTCOMES: tuple[r.Outcome, ...] = ("delivered", "retrying", "failed")

_T = TypeVar("_T")
Append = Callable[[bytes], Position]


class Simulation:
    """Emitters, operators and a sender at work on one journal; each step is one act, `n` chooses of what.

    `memory` is the sender's fold: its `own` records are in it at once, those of others when it reads; with
    `lag` false that is at once, too. `shown` is what a reader of the journal sees.
    """

    def __init__(self, *, lag: bool = False, append: Append | None = None) -> None:
        self.lines: list[Line] = []
        self.own: set[Position] = set()
        self.memory = Fold()
        self.shown = Fold()
        self.seconds = 0.0
        self._lag = lag
        self._append = append or self._place
        self._unread: list[Line] = []
        self._places: dict[str, Position] = {}
        self._deliveries: dict[tuple[str, str], None] = {}
        self._count = 0

    def run(self, steps: Iterable[tuple[str, int]]) -> "Simulation":
        """Take steps, and have everything read at the end."""
        for step, n in steps:
            self.seconds += 1
            getattr(self, step)(n)
        self.read()
        return self

    def emit(self, _n: int) -> None:
        """An emitter has an event accepted."""
        name = self._new("evt")
        self._places[name] = self._foreign(event(name, self.seconds))

    def test(self, n: int) -> None:
        """An operator has an endpoint tested."""
        name, endpoint = self._new("tst"), ENDPOINTS[n % 3]
        fields = {"endpoint": endpoint, "url": f"url{n % 2}", "user": "anna"}
        self._places[name] = self._foreign(event(name, self.seconds, **fields))

    def take_in(self, n: int) -> None:
        """The sender makes deliveries of what was emitted."""
        taken = []
        for name, untaken in self.memory.untaken.items():
            to = [e for bit, e in enumerate(ENDPOINTS) if n >> bit & 1 and e not in untaken.seen]
            skipped = [e for bit, e in enumerate(ENDPOINTS) if n >> bit + 3 & 1 and e not in to]
            place = {"segment": untaken.segment, "offset": untaken.offset}
            taken.append(r.Taken(event=name, **place, to=to, skipped=skipped))
            self._deliveries.update(dict.fromkeys((name, e) for e in to + skipped))
        if taken:
            self._own(r.Intake(at(self.seconds), events=taken))

    def start(self, n: int) -> None:
        """The sender starts one or two waiting deliveries."""
        waiting = [d for d in self.memory.unfinished() if d.state in WAITING]
        self._start([d for i, d in enumerate(waiting) if i in (n % 5, n % 7)])

    def end(self, n: int) -> None:
        """An attempt ends."""
        sending = [d for d in self.memory.unfinished() if d.state == "sending"]
        if not sending:
            return
        d = sending[n % len(sending)]
        outcome: r.Outcome = OUTCOMES[n % 3]
        if d.canceling and outcome != "delivered":
            outcome = "canceled"
        if d.trigger == "test" and outcome == "retrying":
            outcome = "failed"
        self._end(d, outcome, wait=float(n % 4) if outcome == "retrying" else None)

    def crash(self, _n: int) -> None:
        """The sender dies; the next one starts from the journal."""
        self._unread.clear()
        self.memory = fold_lines(self.lines)
        for d in [d for d in self.memory.unfinished() if d.state == "sending"]:
            self._end(d, "interrupted")

    def cancel(self, n: int) -> None:
        """An operator cancels what waits, or what the sender has started meanwhile."""
        d = _pick(list(self.shown.unfinished()), n)
        if d is not None:
            self._foreign(cancel(d.event, d.endpoint))

    def switch_off(self, n: int) -> None:
        """The sender cancels an endpoint's waiting deliveries; it reads the journal before."""
        self.read()
        endpoint = ENDPOINTS[n % 3]
        waiting = [d.event for d in self.memory.deliveries.get(endpoint, {}).values() if d.state in WAITING]
        if waiting:
            self._own(canceled(endpoint, *waiting))

    def retry(self, n: int) -> None:
        """An operator retries what isn't shown as being sent."""
        key = _pick(list(self._deliveries), n)
        if key is None:
            return
        shown = self.shown.delivery(*key)
        if shown is None or shown.state != "sending":
            attempts = self.shown.attempts_known(*key)
            self._foreign(retry(*key, attempts, self.seconds, self._places[key[0]]))

    def replay(self, n: int) -> None:
        """An operator replays one or two ended deliveries."""
        ended = [key for key in self._deliveries if self.shown.delivery(*key) is None]
        chosen = {key for key in (_pick(ended, n), _pick(ended, n // 7)) if key is not None}
        items = [item(*key, self.shown.attempts_known(*key), self._places[key[0]]) for key in sorted(chosen)]
        for record in replay(self._new("rpl"), *items) if items else ():
            self._foreign(record)

    def control(self, n: int) -> None:
        """An operator pauses, resumes or cancels a replay."""
        name = _pick(list(self.shown.replays), n)
        if name is not None:
            self._foreign(control(name, ("pause", "resume", "cancel")[n % 3]))

    def feed(self, n: int) -> None:
        """The sender starts a delivery of a running replay; it reads the journal before."""
        self.read()
        running = [name for name, one in self.memory.replays.items() if one.state == "running"]
        name = _pick([name for name in running if self.memory.replays[name].remaining], n)
        if name is None:
            return
        one = _pick(list(self.memory.replays[name].remaining.values()), n)
        if one is not None and self.memory.delivery(one.event, one.endpoint) is None:
            attempts = max(one.attempts, self.memory.attempts_known(one.event, one.endpoint))
            delivery = Delivery(one.event, one.endpoint, one.segment, one.offset, "replay", attempts)
            delivery.replay = name
            self._start([self.memory.add(delivery)])

    def leave(self, n: int) -> None:
        """The sender passes over a delivery of a replay."""
        for name, one in self.memory.replays.items():
            left = _pick(list(one.remaining.values()), n)
            if left is not None:
                items = [(left.event, left.endpoint, "its endpoint is inactive or gone")]
                self._own(r.ReplayPassed(at(self.seconds), replay=name, items=items))

    def adopt(self, n: int) -> None:
        """The sender adopts a changed config."""
        endpoint = ENDPOINTS[n % 3]
        before = self.memory.known.get(endpoint)
        if n & 8 or not self.memory.sender_ran:
            self.read()
        if n & 8:
            self._own(registry(endpoint))
        else:
            known = r.Known(active=bool(n & 16), tested=before.tested if before else "")
            self._own(registry(**{endpoint: known}))

    def change(self, n: int) -> None:
        """An operator edits an endpoint."""
        action = ("added", "edited", "removed")[n // 3 % 3]
        fields = {"tested": "url1"} if action == "added" else {}
        self._foreign(
            r.Change(at(), endpoint=ENDPOINTS[n % 3], action=action, user="anna", **fields)  # type: ignore[arg-type]
        )

    def consent(self, n: int) -> None:
        """An operator lets a removal in."""
        self._foreign(r.Consent(at(), removed=[ENDPOINTS[n % 3]], user="anna"))

    def carry(self, n: int) -> None:
        """The sender carries an event with unfinished deliveries forward."""
        d = _pick(list(self.memory.unfinished()), n)
        if d is not None:
            standings = {
                e: r.Standing(each[d.event].attempts, each[d.event].slot, each[d.event].trigger)
                for e, each in self.memory.deliveries.items()
                if d.event in each
            }
            copy = event(d.event, self.seconds, accepted_at=at(), carried=standings)
            self._places[d.event] = self._own(copy)

    def read(self, _n: int = 0) -> None:
        """The sender reads what others appended."""
        fold_lines(self._unread, self.memory)
        self._unread.clear()

    def _start(self, deliveries: list[Delivery]) -> None:
        started = [
            r.Started(
                event=d.event,
                endpoint=d.endpoint,
                attempt=d.attempts + 1,
                slot=d.slot,
                trigger=d.trigger,
                replay=d.replay,
            )
            for d in deliveries
        ]
        if started:
            self._own(r.Start(at(self.seconds), attempts=started))

    def _end(self, d: Delivery, outcome: r.Outcome, wait: float | None = None) -> None:
        fields: dict[str, Any] = {"trigger": d.trigger, "slot": d.slot, "wait": wait}
        if d.trigger == "test" and outcome != "interrupted":
            fields["test"] = True
        self._own(attempt(d.event, d.endpoint, outcome, d.attempts, self.seconds, **fields))

    def _new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count}"

    def _place(self, line: bytes) -> Position:
        if not self.lines:
            return Position(1, 0)
        (segment, offset), last = self.lines[-1]
        return Position(segment, offset + len(last))

    def _put(self, record: r.AnyRecord) -> Line:
        line = r.to_line(record)
        entry = (self._append(line), line)
        self.lines.append(entry)
        fold_lines([entry], self.shown)
        return entry

    def _own(self, record: r.AnyRecord) -> Position:
        entry = self._put(record)
        fold_lines([entry], self.memory)
        self.own.add(entry[0])
        return entry[0]

    def _foreign(self, record: r.AnyRecord) -> Position:
        entry = self._put(record)
        self._unread.append(entry)
        if not self._lag:
            self.read()
        return entry[0]


def _pick(items: list[_T], n: int) -> _T | None:
    return items[n % len(items)] if items else None


_STEPS = (
    "read",  # hypothesis puts the first for what doesn't matter
    *("emit", "emit", "take_in", "take_in", "start", "start", "start", "end", "end", "end", "crash"),
    *("cancel", "switch_off", "retry", "retry", "replay", "feed", "feed", "leave", "control"),
    *("adopt", "change", "consent", "test", "carry"),
)
_STEP = st.tuples(st.sampled_from(_STEPS), st.integers(0, 1 << 10))
_FIRST = [("emit", 0), ("take_in", 7)]
STEPS = st.lists(_STEP, min_size=40, max_size=80).map(lambda steps: [*_FIRST, *steps])
"""What happens in a simulation, after a first event was taken in."""

FEW_STEPS = st.lists(_STEP, max_size=15).map(lambda steps: [*_FIRST, *steps])
"""A short one, where what is done to its journal is the matter."""
