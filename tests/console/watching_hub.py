"""A hub that a test writes by hand: snapshots, changes and searches without journal and threads."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from hookconsole.observing.values import DeliveryRow, EndpointRow, Minute, SenderView, Snapshot
from hookconsole.paths import Home

NOW = 1_776_263_520.0
"""2026-04-15T14:32:00Z."""

CALM = Snapshot(
    now=NOW,
    version=1,
    sender=SenderView(True, True, 4711, "console", "ann", NOW - 7200),
    backlog=0,
    held=0,
    overdue_since=None,
    alarms=(),
    refusal="",
    endpoints={},
    minutes=tuple(Minute(int(NOW) - 60 * back, 50, 1) for back in range(59, -1, -1)),
    causes=(),
    replays=(),
    per_second=0.9,
)


class HandSearch:
    """A search that has found all at once."""

    def __init__(self, rows: list[DeliveryRow]) -> None:
        self._rows = rows
        self.wanted = 0
        self.progress = 1.0
        self.canceled = False

    @property
    def done(self) -> bool:
        return not self._rows

    def want(self, rows: int) -> None:
        self.wanted = rows

    def take(self) -> list[DeliveryRow]:
        taken, self._rows = self._rows[:1000], self._rows[1000:]
        return taken

    def cancel(self) -> None:
        self.canceled = True


class HandHub:
    """What it says is what the test last put into it."""

    def __init__(self, home: Home | None = None, snapshot: Snapshot = CALM) -> None:
        self.home = home or Home(Path("/nowhere/config.toml"), Path("/nowhere/state"))
        self.now = snapshot
        self.rows: list[DeliveryRow] = []
        self.queries: list[str] = []
        self.looked_at_config = 0
        self._changes: list[DeliveryRow] = []

    def set(self, **fields: Any) -> None:
        """Change the snapshot."""
        self.now = replace(self.now, version=self.now.version + 1, **fields)

    def put(self, *rows: DeliveryRow) -> None:
        """Deliveries came or changed."""
        self._changes += rows

    def snapshot(self) -> Snapshot:
        return self.now

    def changes(self, since: int) -> tuple[int, list[DeliveryRow] | None]:
        return len(self._changes), self._changes[since:]

    def search(self, query: str) -> HandSearch:
        self.queries.append(query)
        return HandSearch(list(self.rows))

    def look_at_config(self) -> None:
        self.looked_at_config += 1


def endpoint(name: str, health: Any = "ok", **fields: Any) -> EndpointRow:
    """An endpoint that does well, but for `fields`."""
    known: dict[str, Any] = {
        "url": f"https://{name}.example/hooks",
        "delivered": 100,
        "p50_ms": 42.0,
        "p95_ms": 180.0,
        "last_at": NOW - 5,
        "last_status": 200,
        "volume": tuple(range(28)),
        "failures": (0,) * 28,
    }
    return EndpointRow(name, health, **(known | fields))


def delivery(number: int, state: str = "delivered", endpoint: str = "acme", **fields: Any) -> DeliveryRow:
    """Delivery number `number`, a second older than the one before."""
    known: dict[str, Any] = {"type": "invoice.paid", "attempts": 1, "status": 200, "duration_ms": 41.5}
    known |= {"segment": 1, "offset": 1_000_000 - number, "accepted": NOW - number} | fields
    return DeliveryRow(event=f"evt_{number:026d}", endpoint=endpoint, state=state, **known)


def busy() -> HandHub:
    """A small company on a good day, with one receiver that isn't having one."""
    names = "acme-erp bolt-payroll city-books delta.ledger echo-tax fjord-bank globex hansa-vat initech"
    names += " jupiter-erp krone-pay lumen massive nordic-books oscorp pied-piper"
    known = {
        name: endpoint(name, delivered=900 + at, attempts_failed=at % 3, p95_ms=90.0 + 7 * at)
        for at, name in enumerate(names.split())
    }
    known["globex"] = endpoint(
        "globex",
        "failing",
        cause="timeout",
        last_status=None,
        waiting=310,
        overdue_since=NOW - 4,
        attempts_failed=80,
        failures=(0,) * 26 + (20, 27),
        p95_ms=9900.0,
    )
    known["lumen"] = endpoint("lumen", waiting=40, overdue_since=NOW - 90)
    known["oscorp"] = endpoint("oscorp", "inactive", active=False)
    known["old-partner"] = EndpointRow("old-partner", "gone", waiting=17)
    hub = HandHub()
    hub.set(
        endpoints=known,
        backlog=367,
        held=17,
        overdue_since=NOW - 90,
        causes=(("timeout", 80), ("status 500", 9), ("dns", 1)),
        minutes=tuple(
            Minute(int(NOW) - 60 * back, 40 + back % 7 * 5, 4 if back < 20 else 0)
            for back in range(59, -1, -1)
        ),
        alarms=("the oldest overdue delivery has waited for 90 s",),
    )
    return hub
