"""The endpoints as a list shows them: in which order, and which of them.

Invariant: however many there are, a look at them costs what is visible; they are put in order only when they
have changed and at most once a second. Between two orders rows stay where they are and say what is new.
"""

import time
from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from functools import lru_cache

from rich.cells import cell_len

from hookconsole.console.cells import Cell, Line, fit
from hookconsole.console.endpointcolumns import HEALTH, Shown, fitting, sort_rows, trouble
from hookconsole.observing.values import EndpointRow
from hookconsole.text import safe

GRAMMAR = "acme failing 503 timeout example.com !word"
"""Words that filter endpoints."""

_REST_SECONDS = 1.0


class EndpointRows:
    """What a `RowList` shows. `total` and `ill` (how many are in which kind of trouble) are of all."""

    def __init__(self) -> None:
        self.sorted_by = HEALTH
        self.reverse = False
        self.query = ""
        self.total = 0
        self.ill: Counter[int] = Counter()
        self._known: Mapping[str, EndpointRow] = {}
        self._ordered: Mapping[str, EndpointRow] | None = None
        self._now = 0.0
        self._rest_until = 0.0
        self._names: list[str] = []
        self._places: dict[str, int] = {}
        self._longest = 0

    def take(self, endpoints: Mapping[str, EndpointRow], now: float) -> bool:
        """How they stand at `now` (unix seconds); whether they were put in order again."""
        self._known, self._now = endpoints, now
        if endpoints is self._ordered or time.monotonic() < self._rest_until:
            return False
        self._order()
        return True

    def sort(self, by: Shown, *, reverse: bool) -> None:
        """Put them in another order."""
        self.sorted_by, self.reverse = by, reverse
        self._order()

    def filter(self, query: str) -> None:
        """Leave those that a text means: see `matches`."""
        self.query = query
        self._order()

    def _order(self) -> None:
        self._ordered = self._known
        self._rest_until = time.monotonic() + _REST_SECONDS
        every = self._known.values()
        words = self.query.casefold().split()
        self.total = len(every)
        self.ill = Counter(trouble(row, self._now) for row in every)
        wanted = [row for row in every if matches(row, words)] if words else every
        ordered = sort_rows(wanted, self.sorted_by, self._now, reverse=self.reverse)
        self._names = [row.name for row in ordered]
        self._places = {name: place for place, name in enumerate(self._names)}
        self._longest = max(map(cell_len, self._names), default=0)

    def columns(self, width: int) -> list[Shown]:
        """What is shown of each in `width` columns."""
        return _fitting(width, self._longest)

    def __len__(self) -> int:
        return len(self._names)

    def key(self, index: int) -> Hashable:
        """Its name."""
        return self._names[index]

    def index(self, key: Hashable) -> int | None:
        """Where an endpoint stands now."""
        return self._places.get(key) if isinstance(key, str) else None

    def heading(self, width: int) -> Line:
        """The titles; `▲` or `▼`, in the space behind its title, is what they are sorted by."""
        found: list[Cell] = []
        for shown in self.columns(width):
            mark = " "
            if shown.title == self.sorted_by.title:
                mark = "▼" if shown.falling != self.reverse else "▲"
            title = fit(Cell(shown.title), shown.width, right=shown.right).text
            if shown.right:
                found.append(Cell(title + mark, "dim"))
            else:
                found.append(Cell((shown.title + mark).ljust(shown.width + 1), "dim"))
        return found

    def line(self, index: int, width: int) -> Line:
        """One endpoint, as it stands now."""
        name = self._names[index]
        row = self._known.get(name) or EndpointRow(name, "gone")
        found: list[Cell] = []
        for shown in self.columns(width):
            found += [fit(shown.cell(row, self._now), shown.width, right=shown.right), Cell(" ")]
        return found


@lru_cache(64)
def _fitting(width: int, longest: int) -> list[Shown]:
    return fitting(width, longest)


def matches(row: EndpointRow, words: Collection[str]) -> bool:
    """Whether all words, in lower case, are in its name, health, last outcome or URL; `!` inverts one."""
    said = safe(f"{row.name} {row.health} {row.cause} {row.last_status or ''} {row.url}").casefold()
    return all(
        (word[1:] not in said) if word.startswith("!") and word[1:] else word in said for word in words
    )
