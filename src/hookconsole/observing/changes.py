"""The deliveries that something happened to lately, numbered, for readers in other threads.

Invariants: numbers never go back; a reader that asks from the number it was given misses nothing, or is told
to look anew.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from itertools import islice

from hookconsole.observing.values import DeliveryRow, Key

KEPT = 10_000


class Changes:
    """Written by one thread, read by any. `asked_at` is when it was last read, in monotonic seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[DeliveryRow] = deque(maxlen=KEPT)
        self._number = 0
        self.asked_at = 0.0

    def put(self, rows: Sequence[DeliveryRow]) -> None:
        """Deliveries as they are now, the oldest change first."""
        with self._lock:
            self._rows.extend(rows)
            self._number += len(rows)

    def look_anew(self) -> None:
        """More has changed than is told: all readers are to look anew."""
        with self._lock:
            self._rows.clear()
            self._number += 1

    def since(self, number: int) -> tuple[int, list[DeliveryRow] | None]:
        """What changed after a number, each delivery once; the number to ask from next."""
        self.asked_at = time.monotonic()
        with self._lock:
            newest = self._number
            wanted = newest - number
            if wanted > len(self._rows):
                return newest, None
            rows = list(islice(reversed(self._rows), max(wanted, 0)))
        found: dict[Key, DeliveryRow] = {}
        for row in rows:  # the newest first
            found.setdefault(row.key, row)
        return newest, list(found.values())[::-1]
