"""Every screen whole, to the character, at the sizes that terminals have: what a change of looks changes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from driving import drive, until
from golden import is_as_kept
from textual.pilot import Pilot
from textual.screen import Screen
from watching_hub import NOW, HandHub, busy, delivery

from hookconsole.config.load import load
from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.delivery_acts import DeliveryActs
from hookconsole.console.dialogs import base
from hookconsole.console.dialogs.bulk import BulkRetry
from hookconsole.console.dialogs.form import EndpointForm
from hookconsole.console.dialogs.sheet import Opened
from hookconsole.console.screens import deliveries
from hookconsole.console.screens import delivery as delivery_page
from hookconsole.console.screens.delivery import DeliveryView
from hookconsole.journal.records import ReplayItem
from hookconsole.journal.segments import START
from hookconsole.observing.detail import AttemptDetail, DeliveryDetail, Happening
from hookconsole.observing.request import Header, Request
from hookconsole.observing.values import Key
from hookconsole.operating.replaying import Choice, Chosen

SIZES = pytest.mark.parametrize("size", [(60, 15), (80, 24), (140, 40)])

ROWS = [
    delivery(0, "sending", "globex", attempts=0, status=None, duration_ms=None),
    delivery(1, "pending", "globex", attempts=0, status=None, duration_ms=None),
    delivery(2, "delivered", "nordic-books", type="transaction.classified"),
    delivery(
        3, "retrying", "globex", error="timeout", status=None, attempts=3, duration_ms=1e4, next_at=NOW + 75
    ),
    delivery(
        4, "failed", "initech", type="company.year_end_closed", status=503, attempts=6, duration_ms=812.0
    ),
    delivery(5, "skipped", "oscorp", attempts=0, status=None, duration_ms=None),
    delivery(6, "canceled", "globex", attempts=2, status=500, duration_ms=90.0),
    delivery(7, "held", "old-partner", attempts=0, status=None, duration_ms=None),
    delivery(90_000, "delivered", "acme-erp", attempts=2, duration_ms=1250.0),
]


def answered(number: int, status: int, body: str, wait: float) -> AttemptDetail:
    """An attempt that failed by its answer."""
    at = NOW - 40 + 10 * number
    return AttemptDetail(
        number=number,
        trigger="event" if number == 1 else "retry",
        at=at,
        outcome="retrying",
        status=status,
        error=None,
        error_detail="",
        duration_ms=212.0,
        timings={"dns": 2.0, "connect": 20.0, "tls": 41.0, "first_byte": 149.0},
        remote="203.0.113.7:443",
        resent=False,
        next_at=at + 0.212 + wait,
        headers={"content-type": "application/json", "retry-after": "10"},
        body=body,
        truncated=False,
    )


DETAIL = DeliveryDetail(
    key=Key("evt_00000000000000000000000003", "globex"),
    type="invoice.paid",
    source="api",
    created_at="2026-04-15T14:31:20Z",
    accepted=NOW - 41,
    state="retrying",
    why="",
    next_at=NOW + 75,
    began=None,
    steps=(
        answered(1, 500, '{"error":"out of paper"}', 10),
        Happening(NOW - 25, "retried by ann"),
        answered(2, 503, '{"error":"the upstream is out of paper","retry":true}', 95),
    ),
    body=b'{"id":"evt_00000000000000000000000003","type":"invoice.paid","data":{"amount":2500.00}}',
    request=Request(
        url="https://globex.example/hooks?***",
        address="https://globex.example/hooks",
        has_query=True,
        headers=(
            Header("Content-Type", "application/json"),
            Header("webhook-id", "evt_00000000000000000000000003"),
            Header("webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
            Header("X-Tenant", "***", own=True),
        ),
        body=b"{}",
    ),
    signed_at=NOW - 20,
    changed=False,
    not_sent={"oscorp": "inactive", "acme-erp": "not subscribed to invoice.paid"},
)


async def _at_no_desk(_home: object, what: Callable[[Any], Any]) -> Any:
    return what(SimpleNamespace())


@pytest.fixture(autouse=True)
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a desk would read is put there by hand."""
    for module in (deliveries, delivery_page, base):
        monkeypatch.setattr(module, "at_desk", _at_no_desk)
    monkeypatch.setattr(DeliveryActs, "told", lambda _view, _key: lambda _desk: DETAIL)


def shown(name: str, size: tuple[int, int], *keys: str, screen: Screen[Any] | None = None) -> None:
    """After these keys, or with this screen in front, all is as it is kept."""
    hub = busy()
    hub.rows = list(ROWS)
    app = ConsoleApp(hub, Console())

    async def scenario(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: app.screen.is_mounted)
        if screen is not None:
            await app.push_screen(screen)
        await pilot.press(*keys)
        await is_as_kept(pilot, name)

    drive(app, scenario, size)


@SIZES
def test_the_overview(size: tuple[int, int]) -> None:
    shown("overview", size)


@SIZES
def test_the_endpoints(size: tuple[int, int]) -> None:
    shown("endpoints", size, "2")


@SIZES
def test_the_deliveries(size: tuple[int, int]) -> None:
    shown("deliveries", size, "3", "j", "j", "j")


@SIZES
def test_a_delivery(size: tuple[int, int]) -> None:
    shown("delivery", size, screen=DeliveryView(DETAIL.key))


@SIZES
def test_the_bulk_retry(size: tuple[int, int]) -> None:
    def found(_desk: object) -> tuple[Choice, Chosen]:
        items = [ReplayItem(f"evt_{number}", "globex", 1, number, 6) for number in range(1204)]
        counts = Counter({("globex", "timeout"): 1190, ("initech", "status 503"): 14})
        return Choice(None, ("failed",), (), NOW, None), Chosen(items, counts, Counter(oscorp=3), START)

    shown("bulk", size, screen=BulkRetry("Retry what failed, was skipped or canceled of: since:2h", found))


@SIZES
def test_the_form_of_a_new_endpoint(size: tuple[int, int], tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.touch(0o600)
    shown("form", size, screen=EndpointForm(Opened(None, load(config), str(tmp_path))))


@SIZES
def test_the_help(size: tuple[int, int]) -> None:
    shown("help", size, "question_mark")


@SIZES
def test_nothing_yet(size: tuple[int, int]) -> None:
    app = ConsoleApp(HandHub(), Console())
    app.hub.set(minutes=())  # type: ignore[attr-defined]

    async def scenario(pilot: Pilot[Any]) -> None:
        await is_as_kept(pilot, "nothing")

    drive(app, scenario, size)
