"""A journal in which events are told by name, and its history."""

from writing import Journal

from hookconsole.journal import records as r
from hookconsole.journal.history import Entry, Window, entries
from hookconsole.journal.segments import Position
from hookconsole.journal.store import Store
from support import at, attempt, event, intake, start


class Story(Journal):
    """A journal in which events are told by name."""

    def accept(self, name: str, *to: str, seconds: float = 0.0, skipped: tuple[str, ...] = ()) -> Position:
        """An event is accepted and taken in."""
        (place,) = self.put(event(name, seconds))
        record = intake(name, *to, place=place, skipped=skipped)
        record.at = at(seconds)
        self.put(record)
        return place

    def send(self, name: str, *outcomes: r.Outcome, endpoint: str = "acme", seconds: float = 0.0) -> None:
        """Attempts of a series, one after the other."""
        for number, outcome in enumerate(outcomes, 1):
            wait = 1.0 if outcome == "retrying" else None
            self.put(
                start(name, endpoint, number, seconds, slot=number - 1),
                attempt(name, endpoint, outcome, number, seconds, slot=number - 1, wait=wait),
            )

    def entries(self, **window: object) -> list[Entry]:
        return list(entries(Store(self.folder), Window(**window)))  # type: ignore[arg-type]

    def only(self, **window: object) -> Entry:
        (entry,) = self.entries(**window)
        return entry

    def names(self, **window: object) -> list[tuple[str, str]]:
        return [(entry.event.event, entry.delivery.endpoint) for entry in self.entries(**window)]
