"""A console over deliveries that are made up, at its Deliveries view.

`_console.py RATE`: so many deliveries a second come, are sent and end; 50,000 are there from the start.
"""

import os
import sys
import time
from itertools import count

os.environ["TEXTUAL_FPS"] = "12"

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.observing.values import DeliveryRow, Minute, SenderView, Snapshot
from hookconsole.paths import Home

OLD = 50_000
TYPES = ("invoice.paid", "transaction.created", "payroll.run_finalised", "bank_feed.synced")
LIFE_SECONDS = 0.3


def row(number: int, accepted: float, state: str) -> DeliveryRow:
    """Delivery `number`; every tenth that has ended failed."""
    ended = state == "delivered"
    failed = ended and number % 10 == 0
    return DeliveryRow(
        event=f"evt_{number:026d}",
        endpoint=f"receiver-{number % 37:02d}",
        type=TYPES[number % 4],
        segment=1,
        offset=number,
        accepted=accepted,
        state="failed" if failed else state,
        attempts=int(state != "pending"),
        status=(503 if failed else 200) if ended else None,
        duration_ms=20.0 + number % 90 if ended else None,
    )


class Found:
    """Those that were there."""

    progress = 0.5

    def __init__(self) -> None:
        now = time.time()
        self._rows = (row(OLD - number, now - number / 10, "delivered") for number in range(OLD))
        self._left = 0
        self.done = False

    def want(self, rows: int) -> None:
        """As many as that."""
        self._left = rows

    def take(self) -> list[DeliveryRow]:
        """Those that were asked for."""
        taken = [found for found, _ in zip(self._rows, range(self._left), strict=False)]
        self._left -= len(taken)
        return taken

    def cancel(self) -> None:
        """Nothing to stop."""


class Traffic:
    """A hub of deliveries that come all the time."""

    def __init__(self, rate: float) -> None:
        self.home = Home("/nowhere/config.toml", "/nowhere/state")
        self._rate = rate
        self._began = time.time()
        self._numbers = count(OLD + 1)
        self._young: list[tuple[float, int]] = []
        self._number = 0

    def snapshot(self) -> Snapshot:
        """Figures that change as a busy sender's do; that of one at rest stay."""
        now = time.time()
        moves = int(now * 7) % 5 if self._rate else 0
        return Snapshot(
            now=now,
            version=int(now * 5),
            sender=SenderView(True, True, 1, "console", "bench", self._began),
            backlog=int(self._rate) + moves,
            held=0,
            overdue_since=None,
            alarms=(),
            refusal="",
            endpoints={},
            minutes=(Minute(int(now) // 60 * 60, 1000 + moves, 3),),
            causes=(),
            replays=(),
            per_second=self._rate + moves / 10,
        )

    def changes(self, since: int) -> tuple[int, list[DeliveryRow]]:
        """What came and what ended since the last call."""
        now = time.time()
        rows = [row(number, at, "delivered") for at, number in self._young if now - at >= LIFE_SECONDS]
        self._young = [(at, number) for at, number in self._young if now - at < LIFE_SECONDS]
        while self._number < (now - self._began) * self._rate:
            self._number += 1
            self._young.append((now, next(self._numbers)))
            rows.append(row(self._young[-1][1], now, "sending"))
        return since + 1, rows

    def search(self, query: str) -> Found:
        """The old ones."""
        return Found()

    def look_at_config(self) -> None:
        """There is none."""


def main() -> None:
    """Run it."""
    app = ConsoleApp(Traffic(float(sys.argv[1])), Console())
    app.call_later(app.action_deliveries)
    app.run()


if __name__ == "__main__":
    main()
