"""Operators: one who answers when asked, and what they have done, as the journal has it, with the names."""

import io
from pathlib import Path

from hookconsole.journal import records as r
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store


class Terminal(io.StringIO):
    """An operator who answers."""

    def isatty(self) -> bool:
        """As who is asked."""
        return True


def told(journal: Path) -> list[tuple[str, object]]:
    """Each act in a line, and whose it is; what senders write is left out."""
    store = Store(journal)
    found = [(_line(record), record.user) for _, record, _ in store.forward(START) if hasattr(record, "user")]
    store.close()
    return [(line, user) for line, user in found if line]


def _line(record: r.AnyRecord) -> str:
    match record:
        case r.Change():
            return f"change {record.action} {record.endpoint}"
        case r.Event() if record.source == "test":
            return f"event {record.type} {record.endpoint}"
        case r.Retry():
            return f"retry {record.event} {record.endpoint}"
        case r.Cancel():
            return f"cancel {record.event} {record.endpoint}"
        case r.Replay():
            return f"replay {record.chosen.get('endpoint')}"
        case r.ReplayControl():
            return f"replay_control {record.action} {record.replay}"
        case r.Consent():
            return f"consent {' '.join(record.removed)}"
        case _:
            return ""
