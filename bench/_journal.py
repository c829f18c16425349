"""Large journals as a sender at work writes them, made quickly and kept for the next bench that wants them.

A few events a second over the last seven days, each with its intake, its start and its attempt, one in fifty
with a retry; segments and checkpoints where the store and the sender would begin them. At the end 1,000
deliveries of the last day are unfinished, and no checkpoint closes it: as after a crash.
"""

import os
import shutil
import time
from pathlib import Path

import msgspec
from _common import DATA, TYPE

from hookconsole.clock import rfc3339
from hookconsole.delivery.adoption import fingerprint
from hookconsole.journal import checkpoint
from hookconsole.journal import records as r
from hookconsole.journal.event_records import VERSION, Event, Segment, to_line
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import SEGMENT_BYTES, Position, segment_path
from hookconsole.journal.trimming import CHECKPOINT_BYTES, ROTATE_SECONDS
from hookconsole.paths import Home

DAYS = 6.9
UNFINISHED = 1000
QUIET = "quiet-endpoint"
"""Has one event in 200, and none in the last two days."""

RARE = "rare-endpoint"
"""Has one event in 12,000."""

ENDPOINTS = [*(f"endpoint-{number:02d}" for number in range(50)), QUIET, RARE, "dead-endpoint"]
URLS = {name: f"http://127.0.0.1:9/{name}" for name in ENDPOINTS}

_FRESH_SECONDS = 3600.0
_WRITE_BYTES = 1 << 20
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def place(cache: Path, records: int, home: Home) -> None:
    """A journal of about `records` records in `home`, from the cache if it has a fresh one."""
    source = cache / f"journal-{records}"
    done = source / "done"
    if not done.exists() or time.time() - done.stat().st_mtime > _FRESH_SECONDS:
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir(parents=True)
        began = time.monotonic()
        made = _Maker(source).make(records)
        size = sum(path.stat().st_size for path in source.iterdir())
        print(
            f"  made {made:,} records, {size / 1e9:.2f} GB, in {time.monotonic() - began:.0f} s", flush=True
        )
        done.touch()
    os.mkdir(home.journal, 0o700)
    *whole, last = sorted(source.glob("*.jsonl"))
    for path in whole:
        try:
            os.link(path, Path(home.journal) / path.name)
        except OSError:
            shutil.copy(path, home.journal)
    shutil.copy(last, home.journal)  # the sender appends to it


class _Maker:
    """Writes one journal, folding it on the way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fold = Fold()
        self._number = 0
        self._offset = 0
        self._opened = 0.0
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._since_checkpoint = 0
        self._checkpoint_due = CHECKPOINT_BYTES
        self._fd = -1
        self._made = 0

    def make(self, records: int) -> int:
        """Write about `records` records; how many there are."""
        events = int(records / 4.04)
        until = time.time() - 1
        since = until - DAYS * 86400
        step = (until - since) / events
        quiet_until = until - 2 * 86400
        unfinished_from = max(events - int(86400 / step), 0)
        unfinished_every = (events - unfinished_from) // UNFINISHED
        unfinished = 0
        known = {name: r.Known(tested=fingerprint(url)) for name, url in URLS.items()}
        self._put(r.Registry(rfc3339(since), endpoints=known, removed=[], event_types=[]), since)
        self._put(r.Sender(rfc3339(since), state="started", pid=1, mode="daemon", user="bench"), since)
        for number in range(events):
            at = since + number * step
            endpoint = RARE if number % 12_000 == 1 else ENDPOINTS[number % 50]
            if number % 200 == 0 and at < quiet_until:
                endpoint = QUIET
            if number >= unfinished_from and unfinished < UNFINISHED and number % unfinished_every == 0:
                unfinished += 1
                self._delivery(at, number, "dead-endpoint", ends=False, fails=False)
            else:
                self._delivery(at, number, endpoint, ends=True, fails=number % 50 == 7)
        self._flush()
        os.close(self._fd)
        left = sum(1 for _ in self._fold.unfinished())
        if left != UNFINISHED:
            raise RuntimeError(f"{left} deliveries are unfinished, {UNFINISHED} were meant")
        return self._made

    def _delivery(self, at: float, number: int, endpoint: str, *, ends: bool, fails: bool) -> None:
        event = f"evt_{_ulid_time(int(at * 1000))}{number:016d}"
        now = rfc3339(at)
        record = _EVENT
        record.at, record.event, record.created_at = now, event, now[:19] + "Z"
        place = self._put(record, at)
        taken = r.Taken(event=event, segment=place.segment, offset=place.offset, to=[endpoint])
        now = rfc3339(at + 0.012)
        self._put(r.Intake(now, events=[taken]), at)
        if not ends:
            return
        started = r.Started(event=event, endpoint=endpoint, attempt=1)
        self._put(r.Start(now, attempts=[started]), at)
        attempt = _FAILED if fails else _DELIVERED
        attempt.at, attempt.event, attempt.endpoint = now, event, endpoint
        attempt.duration_ms = 20 + number % 977 / 10
        attempt.timings_ms["first_byte"] = attempt.duration_ms - 0.25
        if fails:
            attempt.next_attempt_at = rfc3339(at + 1.1)
            self._put(attempt, at)
            started = r.Started(event=event, endpoint=endpoint, attempt=2, slot=1, trigger="retry")
            now = rfc3339(at + 1.1)
            self._put(r.Start(now, attempts=[started]), at)
            attempt = _RETRIED
            attempt.at, attempt.event, attempt.endpoint = now, event, endpoint
        self._put(attempt, at)

    def _put(self, record: r.AnyRecord, at: float) -> Position:
        if self._offset >= SEGMENT_BYTES or at - self._opened > ROTATE_SECONDS:
            self._next_segment(at)
        if self._since_checkpoint > self._checkpoint_due:
            self._fold.position = Position(self._number, self._offset)
            lines = checkpoint.dump(self._fold, rfc3339(at))
            self._made += len(lines)
            written = self._write(b"".join(lines))
            self._since_checkpoint = 0
            self._checkpoint_due = max(CHECKPOINT_BYTES, 8 * written)
        place = Position(self._number, self._offset)
        self._fold.apply(record, *place)
        self._made += 1
        self._write(to_line(record))
        return place

    def _write(self, lines: bytes) -> int:
        self._buffer.append(lines)
        self._offset += len(lines)
        self._since_checkpoint += len(lines)
        self._buffered += len(lines)
        if self._buffered > _WRITE_BYTES:
            self._flush()
        return len(lines)

    def _flush(self) -> None:
        view = memoryview(b"".join(self._buffer))
        while view:
            view = view[os.write(self._fd, view) :]
        self._buffer.clear()
        self._buffered = 0

    def _next_segment(self, at: float) -> None:
        if self._fd >= 0:
            self._flush()
            os.close(self._fd)
        self._number += 1
        path = segment_path(str(self._folder), self._number)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._opened, self._offset = at, 0
        self._write(to_line(Segment(rfc3339(at), version=VERSION, segment=self._number)))


def _ulid_time(milliseconds: int) -> str:
    return "".join([_BASE32[milliseconds >> shift & 31] for shift in range(45, -1, -5)])


_RESPONSE = r.Response(
    headers={
        "server": "nginx",
        "date": "Wed, 15 Apr 2026 14:32:00 GMT",
        "content-type": "application/json",
        "content-length": "15",
        "connection": "keep-alive",
    },
    body='{"status":"ok"}',
    truncated=False,
)
_EVENT = Event(
    "", event="", type=TYPE, created_at="", data=msgspec.Raw(msgspec.json.encode(DATA)), source="api"
)
_DELIVERED = r.Attempt(
    "",
    event="",
    endpoint="",
    attempt=1,
    trigger="event",
    outcome="delivered",
    status=200,
    error=None,
    error_detail=None,
    duration_ms=0.0,
    timings_ms={"first_byte": 0.0},
    remote="203.0.113.7:443",
    next_attempt_at=None,
    response=_RESPONSE,
)
_FAILED = msgspec.structs.replace(_DELIVERED, outcome="retrying", status=503)
_RETRIED = msgspec.structs.replace(_DELIVERED, attempt=2, trigger="retry", slot=1)
