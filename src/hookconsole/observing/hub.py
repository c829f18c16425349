"""The seam between what is known and what is shown: all that a console asks, answered without waiting.

What takes time is asked for in a thread of the asker's own.
"""

from typing import Protocol

from hookconsole.observing.values import DeliveryRow, Snapshot
from hookconsole.paths import Home


class Search(Protocol):
    """Deliveries that a filter finds, newest first, read by a thread of its own as far as is wanted."""

    def want(self, rows: int) -> None:
        """Go on until so many have been found in all."""

    def take(self) -> list[DeliveryRow]:
        """What has been found since the last call."""

    @property
    def progress(self) -> float:
        """The share of the journal that has been read, 0 to 1."""

    @property
    def done(self) -> bool:
        """Whether there is nothing older."""

    def cancel(self) -> None:
        """Stop; what was found stays found."""


class Hub(Protocol):
    """One source of truth for all screens."""

    home: Home

    def snapshot(self) -> Snapshot:
        """How things stand."""

    def changes(self, since: int) -> tuple[int, list[DeliveryRow] | None]:
        """Deliveries that came or changed after number `since`, oldest change first, each once, with the
        number to ask from next; None for more than is kept: look anew."""

    def search(self, query: str) -> Search:
        """Begin to look for deliveries; `query` as typed behind `/`. InputError says what is wrong."""

    def look_at_config(self) -> None:
        """The config file was changed by this process: read it now."""
