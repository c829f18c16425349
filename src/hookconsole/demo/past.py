"""The week that the demo's journal begins with: made up, so that a console has trends and causes to show.

Invariant: every delivery of it has come to its end, so nothing of it is sent, unless somebody retries it.
"""

from collections.abc import Iterator
from itertools import groupby
from math import pi, sin
from random import Random

import msgspec

from hookconsole.clock import rfc3339
from hookconsole.config.model import Config
from hookconsole.demo.moods import MOODS, Answer
from hookconsole.demo.store import ROLES
from hookconsole.demo.traffic import CARDS, traffic
from hookconsole.ids import ulid
from hookconsole.journal import records as r
from hookconsole.journal.segments import Appender, Position
from hookconsole.journal.store import Store
from hookconsole.journal.totals import DURATION_HOURS_KEPT, HOURS_KEPT, duration_bucket
from hookconsole.journal.trimming import write_checkpoint
from hookconsole.paths import Home

PER_MINUTE = 40
"""Events of the hour before; of the week there is one in twenty minutes, and hourly totals."""

_QUIET_SECONDS = 45.0
"""Nothing is accepted so shortly before now: a series of retries takes 31 s."""

_OUTAGE_HOURS = (51, 47)
"""When the endpoint that is down by turns was down altogether, in whole hours before this one."""

_DOWN = "umbrella-pay"


def write(home: Home, config: Config, seed: int, now: float) -> frozenset[str]:
    """Write it; the ids of its events."""
    chance = Random(f"{seed} past")  # noqa: S311
    appender, store = Appender(home.journal), Store(home.journal)
    happenings = traffic(seed + 1)
    written: set[str] = set()
    try:
        for _, times in groupby(_times(now), lambda at: int(at) // 60):
            events = []
            for at in times:
                happening = next(happenings)
                stamp = rfc3339(at)
                events.append(
                    (
                        at,
                        r.Event(
                            stamp,
                            event=f"evt_{ulid(at)}",
                            type=happening.type,
                            created_at=stamp,
                            data=msgspec.Raw(happening.data),
                            source="api",
                        ),
                    )
                )
            written.update(event.event for _, event in events)
            _append(appender, config, events, chance, now)
        fold = store.fold()
        hours = {
            name: _week(name, role.events, counted, chance, now)
            for name, role in ROLES.items()
            if (counted := fold.totals.dump().get(name))
        }
        fold.totals.load(hours)
        write_checkpoint(fold, appender)
        appender.sync()
    finally:
        appender.close()
        store.close()
    return frozenset(written)


def _times(now: float) -> Iterator[float]:
    """When events were accepted, in unix seconds."""
    at = now - (HOURS_KEPT - 1) * 3600
    while at < now - 3600:
        yield at
        at += 1200
    while at < now - _QUIET_SECONDS:
        yield at
        at += 60 / PER_MINUTE


def _append(
    appender: Appender, config: Config, events: list[tuple[float, r.Event]], chance: Random, now: float
) -> None:
    lines = [r.to_line(event) for _, event in events]
    place = appender.append(b"".join(lines))
    told = []
    for (at, event), line in zip(events, lines, strict=True):
        to = [name for name, endpoint in config.endpoints.items() if endpoint.subscribes(event.type)]
        taken = r.Taken(event=event.event, segment=place.segment, offset=place.offset, to=to)
        told.append(r.to_line(r.Intake(rfc3339(at + 0.02), events=[taken])))
        for name in to:
            told += map(r.to_line, _series(event.event, name, config, at + 0.025, chance, now))
        place = Position(place.segment, place.offset + len(line))
    appender.append(b"".join(told))


def _series(
    event: str, name: str, config: Config, at: float, chance: Random, now: float
) -> Iterator[r.Start | r.Attempt]:
    """What became of one delivery: attempts until one succeeds or the schedule is exhausted."""
    schedule = config.endpoints[name].policy.retry_schedule
    for slot in range(len(schedule) + 1):
        answer = _answer(name, at, chance, now)
        took = answer.delay + chance.uniform(0.001, 0.004)
        delivered = answer.status == 200
        last = delivered or slot == len(schedule)
        next_at = None if last else at + took + schedule[slot]
        trigger: r.Trigger = "event" if slot == 0 else "retry"
        started = r.Started(event=event, endpoint=name, attempt=slot + 1, slot=slot, trigger=trigger)
        yield r.Start(rfc3339(at), attempts=[started])
        body = "" if delivered else "upstream connect error or disconnect before headers"
        yield r.Attempt(
            rfc3339(at),
            event=event,
            endpoint=name,
            attempt=slot + 1,
            trigger=trigger,
            outcome="delivered" if delivered else "failed" if last else "retrying",
            status=answer.status,
            error=None if answer.status else "reset",
            error_detail=None
            if answer.status
            else "the connection closed before the answer's head was complete",
            duration_ms=round(took * 1000, 1),
            timings_ms={"connect": 0.4, "first_byte": round(took * 1000 - 0.6, 1)},
            remote="127.0.0.1",
            next_attempt_at=None if next_at is None else rfc3339(next_at),
            response=r.Response(headers={"content-type": "text/plain"}, body=body, truncated=False)
            if answer.status
            else None,
            slot=slot,
        )
        if next_at is None:
            return
        at = next_at


def _answer(name: str, at: float, chance: Random, now: float) -> Answer:
    begin, end = ((now // 3600 - hours) * 3600 for hours in _OUTAGE_HOURS)
    if name == _DOWN and begin <= at < end:
        return Answer(chance.uniform(0.005, 0.04), 503)
    return MOODS[ROLES[name].mood](at, chance)


def _week(name: str, events: tuple[str, ...], counted: r.Hours, chance: Random, now: float) -> r.Hours:
    """An endpoint's hourly totals as if the whole week had been like its last hour, by day and night."""
    hour_now = int(now) // 3600
    cards = sum(n for event_type, n in CARDS.items() if _matches(events, event_type))
    full = 60 * PER_MINUTE * cards / sum(CARDS.values())
    outage = range(hour_now - _OUTAGE_HOURS[0], hour_now - _OUTAGE_HOURS[1])
    really = {hour: tuple(counts) for hour, *counts in counted.totals}
    totals, durations = [], []
    known = dict(counted.durations)
    for hour in range(hour_now - HOURS_KEPT + 1, hour_now):
        count = round(full * _share_of_day(hour) * chance.uniform(0.85, 1.15))
        answers = [_answer(name, hour * 3600 + 20 * n, chance, now) for n in range(60)]
        failing = sum(answer.status != 200 for answer in answers) / len(answers)
        failed = count if name == _DOWN and hour in outage else round(count * failing**6)
        attempts_failed = failed * 6 or round(count * failing)
        before = really.get(hour, (0, 0, 0))
        totals.append((hour, count - failed + before[0], failed + before[1], attempts_failed + before[2]))
        if hour > hour_now - DURATION_HOURS_KEPT:
            buckets = dict(known.pop(hour, {}))
            for answer in answers:
                bucket = duration_bucket(answer.delay * 1000 + 2)
                buckets[bucket] = buckets.get(bucket, 0) + max(count // len(answers), 1)
            durations.append((hour, buckets))
    if hour_now in really:
        delivered, failed, attempts_failed = really[hour_now]
        totals.append((hour_now, delivered, failed, attempts_failed))
    durations += [(hour, buckets) for hour, buckets in known.items() if hour >= hour_now]
    return r.Hours(totals, durations)


def _matches(events: tuple[str, ...], event_type: str) -> bool:
    return any(e in ("*", event_type) or (e.endswith(".*") and event_type.startswith(e[:-1])) for e in events)


def _share_of_day(hour: int) -> float:
    """How much of the full traffic there is in an hour: less by night."""
    return 0.3 + 0.7 * max(sin(pi * ((hour % 24) - 5) / 16), 0.0)
