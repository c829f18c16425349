"""What a list of deliveries is fed with: what a search found, and what has happened since it began.

Invariants: a row that is in the ledger stays, whatever becomes of it, until a filter is applied; nothing here
waits for the journal but for the record of a row that is shown.
"""

from contextlib import suppress

from hookconsole.errors import InputError
from hookconsole.observing.filter import Filter
from hookconsole.observing.hub import Hub, Search
from hookconsole.observing.ledger import Ledger
from hookconsole.observing.rows import Records
from hookconsole.observing.values import DeliveryRow, Key

ROWS_AT_ONCE = 500
"""So many more are looked for at a time."""

LIVE_AT_ONCE = 2_000
"""So many changes are taken in at a time, some hundredths of a second's work: a key may be waiting."""

ROWS_AT_MOST = 250_000
"""That are kept, 7 MB; older ones are looked for again when they are wanted."""


class Feed:
    """One list's. `ledger` is another one after `apply`."""

    def __init__(self, hub: Hub) -> None:
        self.query = ""
        self._hub = hub
        self._told = Records(hub.home.journal).told
        self._filter = Filter()
        self._search: Search | None = None
        self._taken = self._wanted = 0
        self._since = 0
        self._news: list[DeliveryRow] = []
        self.ledger = Ledger(self._told, 0.0)

    def apply(self, query: str) -> None:
        """Begin anew with a filter; InputError says what is wrong with it, and nothing changes."""
        # Asked for before the search begins: what happens meanwhile is in both, and not lost.
        since, _ = self._hub.changes(self._since)
        wanted = Filter.parse(query)
        search = self._hub.search(query)
        self.close()
        self.query, self._filter, self._since, self._news = query, wanted, since, []
        self.ledger = Ledger(self._told, self._hub.snapshot().now)
        self._begin(search, ROWS_AT_ONCE)

    def live(self) -> tuple[int, list[Key]]:
        """Take in what has happened: how many rows came on top, and which changed in place."""
        if not self._news:
            self._since, rows = self._hub.changes(self._since)
            if rows is None:
                with suppress(InputError):  # what the filter names may be gone by now
                    self.apply(self.query)
                return 0, []
            self._news = rows
        now, self._news = self._news[:LIVE_AT_ONCE], self._news[LIVE_AT_ONCE:]
        touched = self.ledger.touch(now, self._filter.matches)
        self.ledger.shorten(ROWS_AT_MOST)
        return touched

    @property
    def behind(self) -> bool:
        """Whether more has happened than has been taken in."""
        return bool(self._news)

    def older(self) -> int:
        """Take in what the search has found; how many rows that were."""
        found = self._search.take() if self._search is not None else []
        self._taken += len(found)
        count = self.ledger.older(found)
        if self._search is not None and self._search.done:
            self.ledger.end()
        return count

    def want_more(self) -> None:
        """The end of the list is near: look for more, unless that is going on."""
        if self.ledger.cut:
            with suppress(InputError):
                search = self._hub.search(self.query)
                self.close()
                self.ledger.begin(self._hub.snapshot().now)
                self._begin(search, len(self.ledger) + ROWS_AT_ONCE)
        elif self._search is not None and self._taken >= self._wanted:
            self._wanted = self._taken + ROWS_AT_ONCE
            self._search.want(self._wanted)

    @property
    def searching(self) -> float | None:
        """The share of the journal that has been read while the search goes on; None while it doesn't."""
        if self._search is None or self._search.done or self._taken >= self._wanted:
            return None
        return self._search.progress

    @property
    def complete(self) -> bool:
        """Whether there is nothing older than the last row."""
        return self._search is not None and self._search.done and not self.ledger.cut

    def forget(self, before: float) -> int:
        """Let go of what retention has passed: ended deliveries accepted before then (unix seconds)."""
        return self.ledger.trim(before)

    def close(self) -> None:
        """Look for no more."""
        if self._search is not None:
            self._search.cancel()
            self._search = None

    def _begin(self, search: Search, wanted: int) -> None:
        self._search, self._taken, self._wanted = search, 0, wanted
        search.want(wanted)
