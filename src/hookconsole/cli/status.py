"""`status`: how things stand; exit 1 when somebody should be woken."""

import argparse
from typing import TYPE_CHECKING

from hookconsole.cli.completers import completed, endpoint_names
from hookconsole.cli.output import deliveries, json_line, say, table, warn
from hookconsole.paths import Home

if TYPE_CHECKING:
    from hookconsole.operating.health import Status


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    endpoint = parser.add_argument(
        "--endpoint", metavar="NAME", help="this one's health; exit 1 when it is failing"
    )
    completed(endpoint, endpoint_names)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.epilog = (
        "P50 and P95 are durations of the last 24 hours' attempts, right within 7 %.\n\n"
        "example:\n  hookconsole status || mail -s 'webhooks' ops@example.com </dev/null"
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Print how things stand; 1 when somebody should be woken."""
    from hookconsole.operating.desk import Desk
    from hookconsole.operating.health import status

    desk = Desk(home)
    if args.endpoint is not None:
        desk.check_name(args.endpoint)
    found = status(desk)
    if args.endpoint is not None:
        found.endpoints = [e for e in found.endpoints if e.name == args.endpoint]
    if args.json:
        view = {
            "sender": found.sender,
            "backlog": found.backlog,
            "held": found.held,
            "oldest_overdue_seconds": found.oldest_overdue_seconds,
            "endpoints": found.endpoints,
            "alarms": found.alarms,
        }
        json_line(view)
    else:
        _print(found)
    if args.endpoint is not None:
        return 1 if any(e.health == "failing" for e in found.endpoints) else 0
    return 1 if found.alarms else 0


def _print(found: "Status") -> None:
    from hookconsole.cli.present import milliseconds

    sender = found.sender
    if sender.running:
        how = "WAITING for a config that isn't refused" if sender.waiting else "running"
        say(f"sender: {how}, pid {sender.pid} ({sender.mode}) since {sender.since}")
    else:
        say("sender: NOT RUNNING")
    held = f", {found.held} held" if found.held else ""
    say(f"backlog: {deliveries(found.backlog)}{held}; oldest overdue {found.oldest_overdue_seconds:g} s")
    if found.endpoints:
        rows = [("ENDPOINT", "HEALTH", "PENDING", "DELIVERED 24H", "FAILED 24H", "P50", "P95", "CAUSE")]
        rows += [
            (e.name, e.health, str(e.pending), str(e.delivered_24h), str(e.failed_24h),
             milliseconds(e.p50_ms), milliseconds(e.p95_ms), e.cause)
            for e in found.endpoints
        ]  # fmt: skip
        table(rows)
    for alarm in found.alarms:
        warn(alarm)
