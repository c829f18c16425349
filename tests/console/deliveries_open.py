"""The Deliveries view opened over a hub, and what is asked of it."""

from typing import Any

from driving import drive, screen_text, shows, until
from msgspec.structs import replace
from textual.pilot import Pilot
from watching_hub import NOW, HandHub, delivery

from hookconsole.config.model import Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.screens.deliveries import DeliveriesView
from hookconsole.console.widgets.rowlist import RowList
from hookconsole.observing.values import DeliveryRow


def view_of(app: ConsoleApp) -> DeliveriesView:
    assert isinstance(app.screen, DeliveriesView)
    return app.screen


def list_of(app: ConsoleApp) -> RowList:
    return view_of(app).query_one(RowList)


def title(app: ConsoleApp) -> str:
    return screen_text(app).splitlines()[1].strip()


def driven(hub: HandHub, scenario: Any, size: tuple[int, int] = (80, 24), *, read_only: bool = False) -> None:
    """A console over a hub, opened at its deliveries."""
    app = ConsoleApp(hub, Console(), read_only=read_only)

    async def opened(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await shows(pilot, "Deliveries")
        await until(pilot, lambda: len(list_of(app).rows) == len(hub.rows))
        await scenario(pilot, app)

    drive(app, opened, size)


def hub_of(count: int, **fields: Any) -> HandHub:
    hub = HandHub()
    hub.rows = [delivery(number, **fields) for number in range(count)]
    return hub


def fresh(number: int, state: str = "pending", **fields: Any) -> DeliveryRow:
    """A delivery newer than those of `hub_of`."""
    known: dict[str, Any] = {"attempts": 0, "status": None, "duration_ms": None}
    return replace(
        delivery(number, state, **(known | fields)), event=f"evt_new{number}", accepted=NOW + number
    )
