"""`cancel`: end a waiting or held delivery."""

import argparse

from hookconsole.cli.completers import completed, endpoint_names, nothing
from hookconsole.paths import Home


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    event = parser.add_argument("event", metavar="EVENT", help="the event's id")
    endpoint = parser.add_argument("--endpoint", metavar="NAME", help="only this one; default: all that wait")
    completed(event, nothing)
    completed(endpoint, endpoint_names)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.epilog = "example:\n  hookconsole cancel evt_01M84N2V9R0E4MKY6EDYCS82MW --endpoint acme"


def run(args: argparse.Namespace, home: Home) -> int:
    """End what waits."""
    from hookconsole.cli.output import json_line, say
    from hookconsole.errors import RefusedError
    from hookconsole.operating.desk import Desk
    from hookconsole.operating.steering import cancel

    steered = cancel(Desk(home), args.event, args.endpoint)
    if not steered.done:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in steered.refused.items())
        raise RefusedError(f"nothing to cancel of {args.event}: {reasons}")
    for name in steered.done:
        if args.json:
            json_line({"event": args.event, "endpoint": name, "done": True})
        else:
            say(f"{args.event} {name}: canceled")
    return 0
