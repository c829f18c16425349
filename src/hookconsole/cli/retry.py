"""`retry`: one event once more."""

import argparse

from hookconsole.cli.completers import completed, endpoint_names, nothing
from hookconsole.cli.output import json_line, say, warn
from hookconsole.paths import Home


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    event = parser.add_argument("event", metavar="EVENT", help="the event's id")
    endpoint = parser.add_argument(
        "--endpoint", metavar="NAME", help="only this one; default: all that haven't got it, or else all"
    )
    completed(event, nothing)
    completed(endpoint, endpoint_names)
    parser.add_argument("--wait", action="store_true", help="wait for the attempt; exit 1 if it fails")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.epilog = "example:\n  hookconsole retry evt_01M84N2V9R0E4MKY6EDYCS82MW --endpoint acme --wait"


def run(args: argparse.Namespace, home: Home) -> int:
    """Have the event sent again."""
    from hookconsole.cli.present import attempt_text
    from hookconsole.delivery.lock import sender_note
    from hookconsole.operating.attempting import outcomes
    from hookconsole.operating.desk import Desk
    from hookconsole.operating.steering import retry

    desk = Desk(home)
    steered = retry(desk, args.event, args.endpoint)
    for name, reason in steered.refused.items():
        warn(f"{args.event} {name}: {reason}")
    if not args.wait:
        for name in steered.done:
            if args.json:
                json_line({"event": args.event, "endpoint": name, "done": True})
            else:
                say(f"{args.event} {name}: to be sent again")
        if steered.done and sender_note(home.state) is None:
            warn("nobody sends now: start a sender, or use --wait")
        return 0 if steered.done else 1
    failed = not steered.done
    wanted = {(args.event, name): number for name, number in steered.attempts.items()}
    ended = outcomes(desk, wanted, steered.since)
    for (event, name), attempt in ended.items():
        failed = failed or attempt is None or attempt.outcome != "delivered"
        if args.json:
            outcome = attempt.outcome if attempt else None
            json_line({"event": event, "endpoint": name, "done": attempt is not None, "outcome": outcome})
        else:
            say(f"{event} {name}: {attempt_text(attempt) if attempt else 'no result came in time'}")
    return 1 if failed else 0
