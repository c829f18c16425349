"""What others append, folded in its order.

Invariant: a change of the registry takes effect before what follows it. So the test of a new URL, which
stands behind the change, never goes to the old one.
"""

from collections import deque

from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.segments import Position
from hookconsole.journal.tail import Tail


class Inbox:
    """Reads the tail into the fold. `held`: a change has been read, the config file is to be read again."""

    def __init__(self, fold: Fold, tail: Tail) -> None:
        self.held = False
        self._fold = fold
        self._tail = tail
        self._records: deque[tuple[Position, r.AnyRecord]] = deque()

    def read(self) -> bool:
        """Fold in a piece of what is new; False when there is nothing new, or while it is held."""
        if self.held:
            return False
        if not self._records:
            self._records.extend(self._tail.read())
        found = bool(self._records)
        while self._records and not self.held:
            position, record = self._records.popleft()
            self._fold.apply(record, position.segment, position.offset)
            self.held = isinstance(record, r.Change)
        if not self._records:
            self._fold.position = self._tail.position
        return found

    def drain(self) -> bool:
        """Fold in all that is new. True if the fold is now that of the journal's end."""
        while self.read():
            pass
        return not self.held
