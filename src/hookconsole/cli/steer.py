"""What `retry` and `cancel` share: saying what was done, and for which endpoint not."""

from hookconsole.cli.output import json_line, say, warn
from hookconsole.operating.steering import Steered


def report(steered: Steered, word: str, *, as_json: bool) -> int:
    """Print it; 1 if nothing could be done."""
    for name in steered.done:
        if as_json:
            json_line({"event": steered.event, "endpoint": name, "done": True})
        else:
            say(f"{steered.event} {name}: {word}")
    for name, reason in steered.refused.items():
        warn(f"{steered.event} {name}: {reason}")
    return 0 if steered.done else 1
