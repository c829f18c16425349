"""`logs`: deliveries, newest first, each with its attempts."""

import argparse
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING

from hookconsole.cli.completers import completed, endpoint_names, states, type_filters
from hookconsole.cli.filters import chosen_states, chosen_types
from hookconsole.cli.output import flush, json_line, say, warn
from hookconsole.clock import parse_since
from hookconsole.errors import InputError
from hookconsole.paths import Home

if TYPE_CHECKING:
    from hookconsole.journal.history import Entry

STATES = ("pending", "sending", "retrying", "delivered", "failed", "skipped", "canceled", "held")
_FOLLOW_SECONDS = 0.1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    endpoint = parser.add_argument("endpoint", metavar="ENDPOINT", nargs="?", help="only this endpoint's")
    state = parser.add_argument(
        "--state", metavar="S", help=f"only in this state (or several, by commas): {', '.join(STATES)}"
    )
    event_type = parser.add_argument(
        "--type", metavar="T", help="only events of this type, or of a family x.* (or several, by commas)"
    )
    completed(endpoint, endpoint_names)
    completed(state, states(*STATES))
    completed(event_type, type_filters)
    parser.add_argument("--since", metavar="T", help="accepted since: 90s, 30m, 2h, 7d, or a time")
    parser.add_argument("--event", metavar="ID", help="only this event's")
    parser.add_argument("--follow", action="store_true", help="go on with what happens from now on")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N deliveries")
    parser.add_argument("--json", action="store_true", help="one delivery a line")
    parser.epilog = "example:\n  hookconsole logs acme --state failed --since 2h --limit 20"


def run(args: argparse.Namespace, home: Home) -> int:
    """Print the deliveries that are asked for."""
    from hookconsole.operating.desk import Desk
    from hookconsole.operating.logbook import Query, find, follow
    from hookconsole.operating.steering import story

    states = chosen_states(args.state, STATES)
    if args.limit is not None and args.limit < 0:
        raise InputError("--limit must be 0 or more")
    desk = Desk(home)
    query = Query(
        endpoint=args.endpoint,
        states=states,
        types=chosen_types(desk, args.type),
        since=0.0 if args.since is None else parse_since(args.since, time.time()),
        event=args.event,
    )
    if args.event is not None and not args.follow:  # what is followed may be yet to come
        story(desk, args.event)
    limit = args.limit
    if args.follow and limit is None:
        limit = 10
    found = islice(find(desk, query), None if limit is None else min(limit, sys.maxsize))
    # What follows is at the bottom: then the newest of what was belongs there, too.
    shown = 0
    for entry, state in reversed(list(found)) if args.follow else found:
        _print(entry, state, args.json)
        shown += 1
    if not shown and limit != 0 and not args.follow and not args.json:
        more = "" if args.event is None else f"; hookconsole trace {args.event} says why"
        warn(f"no delivery matches{more}")
    if args.follow:
        flush()
        for entry, state in follow(desk, query, _FOLLOW_SECONDS):
            _print(entry, state, args.json, now=True)
    return 0


def _print(entry: "Entry", state: str, as_json: bool, *, now: bool = False) -> None:
    from hookconsole.cli.present import entry_lines, entry_view

    if as_json:
        json_line(entry_view(entry, state))
    else:
        for line in entry_lines(entry, state):
            say(line)
    if now:
        flush()
