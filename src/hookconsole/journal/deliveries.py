"""One delivery and its transitions: the only place that says what a record does to a delivery's state.

The fold applies them to every unfinished delivery, the history to the one that is being looked at.
"""

from typing import Literal

from msgspec import Struct

from hookconsole.clock import parse_rfc3339
from hookconsole.journal.records import Attempt, Standing, Started, Trigger

State = Literal["pending", "sending", "retrying", "delivered", "failed", "skipped", "canceled", "held"]

WAITING = frozenset({"pending", "retrying"})
UNFINISHED = frozenset({"pending", "sending", "retrying"})


class Delivery(Struct, gc=False, eq=False):
    """One event for one endpoint.

    `segment`, `offset`: where the event's record is. `attempts`: made or being made so far. `slot`: place in
    the schedule of the next (or running) attempt. `due`: unix seconds since when, or from when on, the next
    attempt is due; while sending, when the attempt began. `wait`: seconds that were to pass until `due`.
    `ticket` changes whenever the delivery is queued anew, so that old queue entries can be told.
    """

    event: str
    endpoint: str
    segment: int
    offset: int
    trigger: Trigger = "event"
    attempts: int = 0
    due: float = 0.0
    state: State = "pending"
    slot: int = 0
    wait: float = 0.0
    replay: str = ""
    canceling: bool = False
    ticket: int = 0

    @property
    def unfinished(self) -> bool:
        """Whether more is to come of it."""
        return self.state in UNFINISHED

    def stand(self, standing: Standing) -> None:
        """As it was carried forward: what went before isn't known."""
        self.attempts, self.slot = standing.attempts, standing.slot
        self.state = "retrying" if standing.slot else "pending"

    def start(self, started: Started, at: float) -> None:
        """An attempt is about to be made; one that was known of before changes nothing."""
        if started.attempt <= self.attempts:
            return
        if not self.unfinished:
            # Canceled when the sender had taken it already: it ends with this attempt. A replay begins anew.
            begins_anew = bool(started.replay) and started.replay != self.replay
            self.canceling = self.state == "canceled" and not begins_anew
        self.state = "sending"
        self.attempts = started.attempt
        self.slot = started.slot
        self.trigger = started.trigger
        self.replay = started.replay
        self.due = at

    def end(self, attempt: Attempt) -> None:
        """An attempt ended; its outcome is the state, or says what comes next."""
        self.attempts = max(self.attempts, attempt.attempt)
        if attempt.outcome == "retrying":
            self.state = "retrying"
            # A secret that can't be read consumes no retry.
            self.slot = attempt.slot if attempt.error == "config" else attempt.slot + 1
            self.trigger = "retry"
            self.due, self.wait = parse_rfc3339(attempt.at), 0.0
            if attempt.next_attempt_at is not None:
                ended = self.due + attempt.duration_ms / 1000
                self.due = parse_rfc3339(attempt.next_attempt_at)
                self.wait = max(self.due - ended, 0.0)
        elif attempt.outcome == "interrupted":
            self.state = "retrying" if attempt.slot else "pending"
            self.slot = attempt.slot
            self.due, self.wait = parse_rfc3339(attempt.at), 0.0
        else:
            self.state = attempt.outcome
        if self.canceling and self.unfinished:
            # The attempt was decided before the cancel was read, or was interrupted.
            self.state = "canceled"

    def retry(self, attempts: int, at: float) -> bool:
        """An operator wants it again, at `at`. False where it needn't be queued for that: it is being sent
        (a cancel is taken back), or has ended after more than the `attempts` that the operator knew of."""
        if not self.unfinished and attempts < self.attempts:
            return False
        self.canceling = False
        if self.state == "sending":
            return False
        if not self.unfinished:
            self.slot = 0
            self.state = "pending"
            self.replay = ""
        self.attempts = max(self.attempts, attempts)
        self.trigger = "manual"
        self.due, self.wait = at, 0.0
        return True

    def cancel(self) -> None:
        """Someone ends it: at once while it waits, else after the attempt in flight unless that succeeds."""
        if self.state == "sending":
            self.canceling = True
        elif self.unfinished:
            self.state = "canceled"
