"""`replay`: many deliveries once more, counted and agreed to first, then at a rate."""

import argparse
import time
from typing import TYPE_CHECKING

from hookconsole.cli.completers import completed, endpoint_names, nothing, states, type_filters
from hookconsole.cli.filters import chosen_states, chosen_types
from hookconsole.cli.output import confirmed, deliveries, json_line, say, table, warn
from hookconsole.clock import parse_since
from hookconsole.errors import InputError
from hookconsole.paths import Home

if TYPE_CHECKING:
    from hookconsole.operating.replaying import Chosen

_OF_BEGINNING = ("endpoint", "state", "type", "since", "until", "dry_run", "rate")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "action", metavar="ACTION", nargs="?", choices=("list", "pause", "resume", "cancel"),
        help="list, pause, resume or cancel instead of beginning one",
    )  # fmt: skip
    replay = parser.add_argument("id", metavar="ID", nargs="?", help="the replay to pause, resume or cancel")
    endpoint = parser.add_argument("--endpoint", metavar="NAME", help="only this endpoint's deliveries")
    state = parser.add_argument(
        "--state",
        metavar="S",
        help="failed (the default), skipped, canceled, or several by commas",
    )
    event_type = parser.add_argument(
        "--type", metavar="T", help="only events of this type, or of a family x.*, or several by commas"
    )
    completed(replay, nothing)
    completed(endpoint, endpoint_names)
    completed(state, states("failed", "skipped", "canceled"))
    completed(event_type, type_filters)
    parser.add_argument(
        "--since", metavar="T", help="accepted since: 2h, 7d, or a time; required to begin one"
    )
    parser.add_argument("--until", metavar="T", help="accepted until")
    parser.add_argument("--dry-run", action="store_true", help="count, by endpoint and cause; send nothing")
    parser.add_argument("--rate", type=float, metavar="N", help="deliveries a second (default 100)")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.epilog = (
        "examples:\n  hookconsole replay --endpoint acme --since 2h --dry-run\n"
        "  hookconsole replay --since 2026-04-15T14:00:00Z --rate 20 --yes\n"
        "  hookconsole replay list"
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Begin a replay, or steer one."""
    if args.action is None:
        return _begin(args, home)
    for name, value in vars(args).items():
        if name in _OF_BEGINNING and value not in (None, False):
            raise InputError(f"replay {args.action} goes without --{name.replace('_', '-')}; leave it out")
    return _list(args, home) if args.action == "list" else _control(args, home)


def _begin(args: argparse.Namespace, home: Home) -> int:
    from hookconsole.delivery.lock import sender_note
    from hookconsole.operating import replaying
    from hookconsole.operating.desk import Desk

    if args.since is None:
        raise InputError("replay needs --since, such as --since 2h (or list, pause, resume, cancel)")
    low, high = replaying.LOWEST_RATE, replaying.HIGHEST_RATE
    if args.rate is not None and not low <= args.rate <= high:
        raise InputError(f"--rate must be from {low} to {high:.0f} deliveries a second")
    states = chosen_states("failed" if args.state is None else args.state, replaying.STATES)
    now = time.time()
    since = parse_since(args.since, now)
    until = None if args.until is None else parse_since(args.until, now)
    if until is not None and since > until:
        raise InputError(f"--since {args.since} is after --until {args.until}; swap them")
    desk = Desk(home)
    if args.endpoint is not None:
        desk.check_name(args.endpoint)
    choice = replaying.Choice(args.endpoint, states, chosen_types(desk, args.type), since, until)
    found = replaying.choose(desk, choice)
    count = len(found.items)
    rate = args.rate or replaying.DEFAULT_RATE
    if args.dry_run or not args.json:
        _show(found, as_json=args.json)
    _say_left(found)
    if args.dry_run:
        return 0
    if not count:
        if args.json:
            json_line({"replay": None, "total": 0, "rate": rate})
        return 0
    if not confirmed(f"Replay {deliveries(count)} at {rate:g} a second?", yes=args.yes, count=count):
        return 1
    name, total = replaying.begin(desk, choice, found, rate)
    if total < count:
        warn(f"{deliveries(count - total)} left out: sent again meanwhile")
    if args.json:
        json_line({"replay": name, "total": total, "rate": rate})
    else:
        say(f"{name}: {deliveries(total)} at {rate:g} a second; hookconsole replay list shows how far it is")
    if sender_note(home.state) is None:
        warn("nobody sends now: it begins when a sender starts")
    return 0


def _show(found: "Chosen", *, as_json: bool) -> None:
    counts = found.counts.most_common()
    if as_json:
        for (name, cause), count in counts:
            json_line({"endpoint": name, "cause": cause, "count": count})
        return
    if counts:
        rows = [("ENDPOINT", "CAUSE", "DELIVERIES")]
        table([*rows, *((name, cause, str(count)) for (name, cause), count in counts)])


def _say_left(found: "Chosen") -> None:
    if not found.items:
        warn("nothing to replay")
    for name, count in found.left.items():
        warn(f"{deliveries(count)} to {name} left out: it is inactive or gone")


def _list(args: argparse.Namespace, home: Home) -> int:
    from hookconsole.operating.desk import Desk

    if args.id is not None:
        raise InputError("replay list goes without an ID: it lists all; leave it out")
    rows = [("REPLAY", "STATE", "TOTAL", "LEFT", "DELIVERED", "FAILED", "PASSED", "RATE", "BY", "AT")]
    for name, replay in Desk(home).fold.replays.items():
        record = replay.record
        if record.state == "incoming":
            continue
        view = {
            "replay": name,
            "state": replay.state,
            "total": record.total,
            "left": len(replay.remaining),
            "delivered": record.delivered,
            "failed": record.failed,
            "passed": record.passed,
            "rate": record.rate,
            "user": record.user,
            "at": record.at,
        }
        if args.json:
            json_line(view)
        else:
            rows.append(tuple(f"{v:g}" if isinstance(v, float) else str(v) for v in view.values()))  # type: ignore[arg-type]
    if not args.json:
        if len(rows) > 1:
            table(rows)
        else:
            warn("no replays")
    return 0


def _control(args: argparse.Namespace, home: Home) -> int:
    from hookconsole.operating.desk import Desk
    from hookconsole.operating.replaying import control

    if args.id is None:
        raise InputError(f"replay {args.action} needs the ID of a replay; hookconsole replay list")
    control(Desk(home), args.id, args.action)
    if args.json:
        json_line({"replay": args.id, "action": args.action})
    else:
        say(f"{args.id}: {args.action} is on its way")
    return 0
