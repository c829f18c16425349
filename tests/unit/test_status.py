"""The line that is always in view."""

from typing import Any

import pytest

from hookconsole.console.cells import width_of
from hookconsole.console.status import status_line
from hookconsole.observing.values import Minute, SenderView, Snapshot

NOW = 1_776_263_520.0
OWN = SenderView(True, True, 4711, "console", "ann", NOW - 7200)
DAEMON = SenderView(True, False, 812, "daemon", "hooks", NOW - 144_000)


def line(
    width: int, *, frozen: bool = False, read_only: bool = False, view: str = "overview", **fields: Any
) -> str:
    known: dict[str, Any] = {
        "now": NOW,
        "version": 1,
        "sender": OWN,
        "backlog": 12_345,
        "held": 0,
        "overdue_since": NOW - 200,
        "alarms": (),
        "refusal": "",
        "endpoints": {},
        "minutes": tuple(Minute(0, 49, 1) for _ in range(60)),
        "causes": (),
        "replays": (),
        "per_second": 0.9,
    }
    cells = status_line(Snapshot(**(known | fields)), view, width, frozen=frozen, read_only=read_only)
    assert width_of(cells) == width
    return "".join(cell.text for cell in cells)


def test_wide_it_says_all_and_where_one_is() -> None:
    text = line(140, view="replays")
    for part in (
        *("● this console sends 2h", "1 Overview  2 Endpoints  3 Deliveries  [4 Replays]"),
        *("0.9/s  ok 98.0%  waiting 12.3k  overdue 3m",),
    ):
        assert part in text


def test_a_daemon_is_told_with_its_pid_and_age() -> None:
    assert "● daemon 812 sends 40h" in line(100, sender=DAEMON)


@pytest.mark.parametrize("sender", [OWN, DAEMON, SenderView()])
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_whoever_sends_is_always_in_view(sender: SenderView, width: int) -> None:
    assert "sends" in line(width, sender=sender, frozen=True)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_that_nothing_can_be_changed_is_always_in_view(width: int) -> None:
    assert "read-only  ● this console sends" in line(width, read_only=True)
    assert "read-only" not in line(width)


def test_what_matters_least_goes_first() -> None:
    narrow = line(60)
    assert "waiting 12.3k  overdue 3m" in narrow
    assert "/s" not in narrow
    assert "overdue 3m" in line(40)


def test_halted_sending_is_no_sending() -> None:
    assert "✗ sending is halted" in line(80, sender=OWN._replace(halted="the disk is full"))


def test_a_sender_that_waits_for_a_config_sends_nothing() -> None:
    assert "✗ nothing is sent yet" in line(80, sender=DAEMON._replace(waiting=True))


def test_frozen_is_said() -> None:
    assert "‖ frozen" in line(80, frozen=True)
    assert "frozen" not in line(80)


def test_nothing_sent_is_no_rate_of_success() -> None:
    assert "ok -" in line(80, minutes=(), overdue_since=None)


def test_a_mode_from_elsewhere_is_made_safe() -> None:
    assert "\x1b" not in line(80, sender=DAEMON._replace(mode="\x1b[2J"))
