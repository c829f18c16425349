"""What a page says of one endpoint beside its row: how it is set, how fast it is, why it failed last.

Read from the config file and the journal, in a thread; each reading is bounded.
"""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from hookconsole.clock import parse_rfc3339
from hookconsole.config.load import ConfigError
from hookconsole.config.views import endpoint_view
from hookconsole.journal.reading import as_written
from hookconsole.journal.records import Attempt
from hookconsole.operating.desk import Desk

_SEARCH_SECONDS = 2.0
"""A failure that is farther back than can be read in this time isn't looked for."""

_DAY_HOURS = 24


class Settings(NamedTuple):
    """What the file says of it, masked, as in `endpoints show`; empty where there is a `problem`."""

    view: Mapping[str, Any]
    problem: str


def settings(desk: Desk, name: str) -> Settings:
    """How an endpoint is set."""
    try:
        found = desk.config.endpoints.get(name)
    except ConfigError as error:
        return Settings({}, f"the config file is refused: {error}")
    return Settings(endpoint_view(found), "") if found else Settings({}, "it isn't in the registry")


def latency(desk: Desk, name: str, now: float) -> tuple[float | None, ...]:
    """The 95th percentile (ms) of each of the last 24 hours, the newest last; None where nothing was sent."""
    slow = desk.fold.totals.p95s(name)
    newest = int(now) // 3600
    return tuple(slow.get(hour) for hour in range(newest - _DAY_HOURS + 1, newest + 1))


def newest_failure(desk: Desk, name: str) -> Attempt | None:
    """The endpoint's newest attempt that failed, tests left out; None if it isn't found soon."""
    until = time.monotonic() + _SEARCH_SECONDS
    horizon = desk.horizon
    for _, record in desk.store.backward(as_written(name), since=horizon):
        if isinstance(record, Attempt) and record.endpoint == name:
            if parse_rfc3339(record.at) < horizon:
                return None
            if record.outcome not in ("delivered", "interrupted") and record.test is UNSET:
                return record
        if time.monotonic() > until:
            return None
    return None
