"""Bulk retries as rows: pure, from the fold's replays."""

from collections.abc import Mapping
from typing import Any

from hookconsole.clock import parse_rfc3339
from hookconsole.journal.replays import ReplayProgress
from hookconsole.observing.values import ReplayRow


def replay_rows(replays: dict[str, ReplayProgress]) -> tuple[ReplayRow, ...]:
    """The replays that have begun, the newest first."""
    return tuple(
        _row(name, replay) for name, replay in reversed(replays.items()) if replay.record.state != "incoming"
    )


def _row(name: str, replay: ReplayProgress) -> ReplayRow:
    record = replay.record
    return ReplayRow(
        replay=name,
        state=replay.state,
        at=parse_rfc3339(record.at),
        user=record.user,
        chosen=chosen_text(record.chosen),
        total=record.total,
        started=max(record.total - len(replay.remaining) - record.passed, 0),
        delivered=record.delivered,
        failed=record.failed,
        passed=record.passed,
        rate=record.rate,
    )


def chosen_text(chosen: Mapping[str, Any]) -> str:
    """What a replay takes, as `acme failed, skipped invoice.* since 2026-04-15T14:32:00Z`."""
    words = [
        str(chosen.get("endpoint") or "all endpoints"),
        ", ".join(map(str, chosen.get("states") or ())),
        ", ".join(map(str, chosen.get("types") or ())),
    ]
    words += [f"{word} {_short(at)}" for word in ("since", "until") if (at := chosen.get(word))]
    return " ".join(filter(None, words))


def _short(at: Any) -> str:
    return f"{str(at)[:19]}Z"
