"""How deliveries flow, what is in trouble: all that an operator must see without a key."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget

from hookconsole.console import chart
from hookconsole.console.commands import bindings
from hookconsole.console.screens.endpoints import EndpointListView
from hookconsole.console.widgets.panel import Panel
from hookconsole.observing.values import EndpointRow, Snapshot

_SLOWEST_AT_MOST = 20


class OverviewView(EndpointListView):
    """View 1. Why attempts fail is said beneath the list, beside it on a wide screen, not on a small one."""

    BINDINGS: ClassVar[list[Binding]] = [
        replace(binding, show=binding.show and binding.action not in ("add", "edit"))
        for binding in bindings("endpoint")
    ]
    DEFAULT_CSS = """
    OverviewView #flow { height: 5; margin-bottom: 1; }
    OverviewView.-short #flow { height: 1; margin-bottom: 0; }
    OverviewView.-tall #flow { height: 9; }
    OverviewView.-quiet #flow { height: 1; }
    OverviewView #why { layout: horizontal; dock: bottom; height: 5; padding-top: 1; }
    OverviewView.-tall #why { height: 8; }
    OverviewView.-narrow #slowest { display: none; }
    OverviewView.-wide #why { layout: vertical; dock: right; width: 42; height: 100%; padding: 0 0 0 1; }
    OverviewView.-wide #causes { height: 9; margin-bottom: 1; }
    OverviewView.-short #why, OverviewView.-empty #why, OverviewView.-empty #flow { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._slowest: list[EndpointRow] = []

    def body(self) -> Iterable[Widget]:
        """The flow, the endpoints, why."""
        yield Panel(id="flow")
        with Container():
            with Container(id="why"):
                yield Panel(id="causes")
                yield Panel(id="slowest")
            with Vertical():
                yield from self.listed()
        yield from self.filter_bar()

    def show(self, snapshot: Snapshot) -> None:
        """Show how it goes."""
        endpoints, minutes, causes = snapshot.endpoints, snapshot.minutes, snapshot.causes
        quiet = chart.is_quiet(minutes)
        self.set_class(quiet, "-quiet")
        self.set_class(quiet and not endpoints, "-empty")
        super().show(snapshot)
        if self._rows.take(endpoints, snapshot.now) or not self._slowest:
            self._slowest = chart.slowest_of(endpoints.values(), _SLOWEST_AT_MOST)
        self.query_one("#flow", Panel).draw(lambda width, height: chart.flow(minutes, width, height))
        self.query_one("#causes", Panel).draw(lambda width, height: chart.causes(causes, width, height))
        self.query_one("#slowest", Panel).draw(lambda w, height: chart.slowest(self._slowest, w, height))
