"""From `emit` returning to the receiver's hit, at a steady rate, from inside one Python process."""

import time
from collections.abc import Mapping
from pathlib import Path

from _common import DATA, TYPE

from hookconsole.emitter import Emitter
from hookconsole.paths import Home


def emit_steadily(home: Home, per_second: float, seconds: float) -> dict[str, float]:
    """When each event's `emit` returned, by its id, in monotonic seconds."""
    returned = {}
    with Emitter(config=home.config, state=home.state) as emitter:
        begin = time.monotonic()
        for number in range(int(per_second * seconds)):
            wait = begin + number / per_second - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            event = emitter.emit(TYPE, DATA)
            returned[event] = time.monotonic()
    return returned


def latencies(returned: Mapping[str, float], hits: Path) -> list[float]:
    """Milliseconds of every hit of these events; a hit may come before `emit` has returned."""
    found = []
    for line in hits.read_text().splitlines():
        event, at = line.split()
        if event in returned:
            found.append(max(float(at) - returned[event], 0.0) * 1000)
    return found
