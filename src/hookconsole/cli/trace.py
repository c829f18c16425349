"""`trace`: everything about one event, from its acceptance on, what was not sent included."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hookconsole.cli.completers import completed, nothing
from hookconsole.cli.output import json_line, say
from hookconsole.paths import Home

if TYPE_CHECKING:
    from hookconsole.operating.tracing import Trace

_NAMES_AT_MOST = 10
"""Of the endpoints that an event wasn't sent to for one reason: there may be thousands."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    completed(parser.add_argument("event", metavar="EVENT", help="the event's id"), nothing)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.epilog = "example:\n  hookconsole trace evt_01M84N2V9R0E4MKY6EDYCS82MW"


def run(args: argparse.Namespace, home: Home) -> int:
    """Print the event's story."""
    from hookconsole.operating.desk import Desk
    from hookconsole.operating.tracing import trace

    found = trace(Desk(home), args.event)
    if args.json:
        json_line(found)
        return 0
    for line in _lines(found):
        say(line)
    return 0


def _lines(found: "Trace") -> Iterator[str]:
    from hookconsole.cli.present import milliseconds, short_time
    from hookconsole.text import safe, safe_bytes

    yield f"{safe(found.event, 64)}  {safe(found.type, 128)}  created {safe(found.created_at, 40)}"
    yield f"accepted {short_time(found.accepted_at)} from {found.source}"
    yield f"data {safe_bytes(bytes(found.data), 2000)}"
    for delivery in found.deliveries:
        yield ""
        why = f" ({safe(delivery.why, 200)})" if delivery.why else ""
        yield f"{safe(delivery.endpoint, 64)}: {delivery.state}{why}"
        for step in delivery.steps:
            yield f"  {short_time(step.at)}  {safe(step.what, 500)}"
            if step.duration_ms:  # an attempt that wasn't sent took no time
                timings = ", ".join(
                    f"{safe(phase, 20)} {milliseconds(ms)}" for phase, ms in step.timings_ms.items()
                )
                yield (
                    f"      {milliseconds(step.duration_ms)}"
                    + (f" ({timings})" if timings else "")
                    + (f" to {safe(step.remote, 100)}" if step.remote else "")
                )
            if step.response_body:
                yield f"      answered {safe(step.response_body, 300)}"
        if delivery.next_attempt_at:
            yield f"  next attempt at {short_time(delivery.next_attempt_at)}"
    reasons: dict[str, list[str]] = {}
    for name, why in found.not_sent.items():
        reasons.setdefault(why, []).append(safe(name, 64))
    for why, names in reasons.items():
        yield ""
        if len(names) == 1:
            yield f"{names[0]}: not sent ({why})"
        else:
            left = len(names) - _NAMES_AT_MOST
            more = f" and {left} more, which --json names" if left > 0 else ""
            yield f"not sent to {len(names)} endpoints ({why}): {', '.join(names[:_NAMES_AT_MOST])}{more}"
