"""An emitter of a site of its own, and what it wrote."""

from pathlib import Path

from writing import Journal

from hookconsole.emitter import Emission, Emitter
from hookconsole.journal import records as r
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store

PAID = "invoice.paid"


class Emitting:
    """A config file, a state directory, and an emitter for them."""

    def __init__(self, folder: Path) -> None:
        self.config, self.state = folder / "config.toml", folder / "state"
        self.journal = Journal(self.state / "journal")
        self.emitter = self.another()

    def another(self) -> Emitter:
        return Emitter(config=self.config, state=self.state, source="cli")

    def records(self) -> list[r.Event]:
        store = Store(self.journal.folder)
        found = [record for _, record, _ in store.forward(START)]
        store.close()
        return [record for record in found if isinstance(record, r.Event)]


def one(data: bytes = b"{}", id: str | None = None, created_at: str | None = None) -> Emission:  # noqa: A002
    return Emission(PAID, data, id, created_at)
