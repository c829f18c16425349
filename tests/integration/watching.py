"""A hub over a hookconsole whose journal and config a test writes itself."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sending import Site
from telling import Story
from writing import until

from hookconsole.journal import records as r
from hookconsole.observing.values import DeliveryRow, EndpointRow, Key, Snapshot
from hookconsole.observing.watch import JournalHub
from support import T0


def opened() -> str:
    """The files that this process has open."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    return "\n".join(found)


def now() -> float:
    """The present, in seconds after T0: for records of today."""
    return time.time() - T0


class Watched:
    """A config file, a journal, and a hub that looks on while `watching`."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.home = self.site.home
        self.story = Story(Path(self.home.journal))
        self.hub: JournalHub
        self._number = 0

    @contextmanager
    def watching(self) -> Iterator[JournalHub]:
        """Look on; when it is entered the journal has been opened."""
        hub = self.hub = JournalHub(self.home)
        try:
            self.until(lambda snapshot: snapshot.version)
            self.changed()
            yield hub
        finally:
            hub.close()

    def until(self, condition: Callable[[Snapshot], object]) -> Snapshot:
        """Wait until a snapshot says so; that one."""
        found: list[Snapshot] = []

        def holds() -> bool:
            found[:] = [self.hub.snapshot()]
            return bool(condition(found[0]))

        until(holds, f"the last was {self.hub.snapshot()}")
        return found[0]

    def row(self, name: str, condition: Callable[[EndpointRow], object] = lambda _: True) -> EndpointRow:
        """Wait until an endpoint's row is there and so."""
        return self.until(lambda s: name in s.endpoints and condition(s.endpoints[name])).endpoints[name]

    def changed(self) -> list[DeliveryRow] | None:
        """What changed since this was last asked."""
        self._number, rows = self.hub.changes(self._number)
        return rows

    def told(self, *states: tuple[str, str]) -> dict[Key, DeliveryRow]:
        """Wait until changes have told of deliveries of these events in these states; the newest rows."""
        found: dict[Key, DeliveryRow] = {}

        def all_told() -> bool:
            found.update({row.key: row for row in self.changed() or ()})
            return {(row.event, row.state) for row in found.values()} >= set(states)

        until(all_told, f"only {found}")
        return found

    def put(self, *records: r.AnyRecord) -> None:
        """Append records."""
        self.story.put(*records)
