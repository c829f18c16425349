"""What an onlooker sees, as frozen values: they pass between threads and are never changed.

Texts are as they came, unsafe: whoever shows them makes them safe. Times are unix seconds.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from msgspec import Struct

Health = Literal["failing", "ok", "idle", "inactive", "gone"]
"""As in `status`; `gone` is not in the registry any more and has deliveries that are held."""


class Key(NamedTuple):
    """What a delivery is known by."""

    event: str
    endpoint: str


class DeliveryRow(Struct, frozen=True, gc=False):
    """One delivery in a list. `status` and `error` are of its newest ended attempt, `attempts` all it had.

    (`segment`, `offset`) is where its event's record is, `next_at` when the next attempt is due.
    """

    event: str
    endpoint: str
    type: str
    segment: int
    offset: int
    accepted: float
    state: str
    attempts: int = 0
    status: int | None = None
    error: str | None = None
    duration_ms: float | None = None
    next_at: float | None = None

    @property
    def key(self) -> Key:
        """What it is known by."""
        return Key(self.event, self.endpoint)


class EndpointRow(Struct, frozen=True, gc=False):
    """One endpoint in a list. Counts and percentiles are of the last 24 hours.

    `url` is masked; `waiting` are unfinished deliveries; `overdue_since` is when the oldest of them became
    due, None if none is; `cause` is why the newest attempt failed, `detail` its explanation.
    `volume` and `failures` are attempts in 28 steps of six hours, the newest last.
    """

    name: str
    health: Health
    url: str = ""
    active: bool = True
    waiting: int = 0
    overdue_since: float | None = None
    delivered: int = 0
    failed: int = 0
    attempts_failed: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    last_at: float | None = None
    last_status: int | None = None
    cause: str = ""
    detail: str = ""
    volume: tuple[int, ...] = ()
    failures: tuple[int, ...] = ()

    @property
    def success(self) -> float | None:
        """The share of attempts of the last 24 hours that were delivered; None where there was none."""
        every = self.delivered + self.attempts_failed
        return self.delivered / every if every else None


class Minute(NamedTuple):
    """The attempts that ended in one minute: `start` in unix seconds."""

    start: int
    delivered: int
    failed: int


class ReplayRow(NamedTuple):
    """One bulk retry: `state` is running, paused, canceled or done."""

    replay: str
    state: str
    at: float
    user: str
    chosen: str
    total: int
    started: int
    delivered: int
    failed: int
    passed: int
    rate: float


class SenderView(NamedTuple):
    """Who delivers. `own` is this process; `halted` is why it can't, or empty; one that is `waiting` has no
    config yet that isn't refused."""

    running: bool = False
    own: bool = False
    pid: int = 0
    mode: str = ""
    user: str = ""
    since: float = 0.0
    halted: str = ""
    waiting: bool = False


class Snapshot(Struct, frozen=True, gc=False):
    """How things stand at `now`. `alarms` are one line each, the worst first; empty when all is well.

    `refusal` says why the config on disk isn't adopted. `minutes` are the last 60, the newest last.
    `causes` are failed attempts of that hour by cause, the most frequent first.
    """

    now: float
    version: int
    sender: SenderView
    backlog: int
    held: int
    overdue_since: float | None
    alarms: tuple[str, ...]
    refusal: str
    endpoints: Mapping[str, EndpointRow]
    minutes: tuple[Minute, ...]
    causes: tuple[tuple[str, int], ...]
    replays: tuple[ReplayRow, ...]
    per_second: float
    """Attempts ended, over the last ten seconds."""
