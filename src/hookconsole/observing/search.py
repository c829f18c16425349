"""Looking for deliveries in the whole journal, newest first, on a thread that leaves room for others.

It reads for some milliseconds, then rests as long: the sender and the screen run in the same process. What
it found is there at once; it goes no further than is wanted, and ends within a piece of the journal when it
is canceled.
"""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from hookconsole.errors import RefusedError
from hookconsole.journal.fold import Untaken as Waiting
from hookconsole.journal.history import Entry, Window, entries, of_event
from hookconsole.journal.segments import segment_path
from hookconsole.journal.store import Store
from hookconsole.observing.filter import Filter
from hookconsole.observing.rows import row_of, untaken_rows
from hookconsole.observing.values import DeliveryRow, Key

SLICE_SECONDS = 0.003
"""So long it reads before it rests."""

_REST_AT_MOST = 0.05

_T = TypeVar("_T")


class Scene(NamedTuple):
    """What the journal doesn't tell.

    `registry`: the endpoints that there are. `running`: somebody sends. `horizon`: unix seconds before which
    ended deliveries aren't shown.
    """

    registry: Collection[str]
    running: bool
    horizon: float


class Untaken(NamedTuple):
    """What no sender has taken in as the search begins, oldest first, and who is to get it."""

    events: Mapping[str, Waiting]
    route: Callable[[str], tuple[list[str], list[str]]]


class _CanceledError(Exception):
    pass


class JournalSearch:
    """A `Search` of the journal in a folder. Whenever it goes on, its thread asks `look` how things stand.

    `trouble` is why it ended before the journal's beginning, or empty.
    """

    def __init__(self, journal: str, filter_: Filter, look: Callable[[], Scene], untaken: Untaken) -> None:
        self.filter = filter_
        self.trouble = ""
        self._look = look
        self._scene = look()
        self._untaken = untaken
        self._store = Store(journal)
        self._rows: deque[DeliveryRow] = deque()
        self._count = self._wanted = 0
        self._progress = 0.0
        self._done = False
        self._rested_at = 0.0
        self._stop = threading.Event()
        self._more = threading.Event()
        threading.Thread(target=self._run, name="search", daemon=True).start()

    def want(self, rows: int) -> None:
        """Go on until so many have been found in all."""
        self._wanted = rows
        self._more.set()

    def take(self) -> list[DeliveryRow]:
        """What has been found since the last call."""
        return [self._rows.popleft() for _ in range(len(self._rows))]

    @property
    def progress(self) -> float:
        """The share of the journal that has been read, 0 to 1."""
        return 1.0 if self._done else self._progress

    @property
    def done(self) -> bool:
        """Whether there is nothing older, and all of it has been taken."""
        return self._done and not self._rows

    def cancel(self) -> None:
        """Stop; what was found stays found."""
        self._stop.set()
        self._more.set()

    def _run(self) -> None:
        try:
            self._pause()
            for row in self._matching():
                self._rows.append(row)
                self._count += 1
                self._pause()
        except _CanceledError:
            pass
        except (OSError, RefusedError) as error:
            self.trouble = str(error)
        finally:
            self._store.close()
            self._done = not self._stop.is_set()

    def _matching(self) -> Iterator[DeliveryRow]:
        self._store.on_piece = self._measure()
        waiting: set[Key] = set()
        for row in self._waiting():
            waiting.add(row.key)
            if self.filter.matches(row):
                yield row
        for entry in self._paced(self._entries()):
            row = row_of(entry, self._scene.registry, running=self._scene.running)
            if self.filter.matches(row) and row.key not in waiting:
                yield row

    def _waiting(self) -> Iterator[DeliveryRow]:
        events, wanted = self._untaken.events, self.filter.needle.event
        chosen = reversed(list(events)) if wanted is None else (wanted,) if wanted in events else ()
        places = ((event, events[event]) for event in self._paced(chosen))
        return untaken_rows(self._store, places, self._untaken.route)

    def _entries(self) -> Iterable[Entry]:
        needle, horizon = self.filter.needle, self._scene.horizon
        if needle.event is None:
            return entries(self._store, Window(needle.endpoint, needle.since, None, horizon))
        story = of_event(self._store, needle.event, horizon)
        return story.entries if story else ()

    def _paced(self, things: Iterable[_T]) -> Iterator[_T]:
        for thing in things:
            self._breathe()
            yield thing

    def _breathe(self) -> None:
        spent = time.perf_counter() - self._rested_at
        if spent >= SLICE_SECONDS:
            self._stop.wait(min(spent, _REST_AT_MOST))
            self._rested_at = time.perf_counter()
        if self._stop.is_set():
            raise _CanceledError

    def _pause(self) -> None:
        """Wait while no more is wanted."""
        if 0 < self._count < self._wanted:
            return
        self._store.close()  # a segment that is kept open stays on the disk when it is deleted
        while self._count >= self._wanted and not self._stop.is_set():
            self._more.wait()
            self._more.clear()
        self._scene = self._look()
        self._rested_at = time.perf_counter()
        self._breathe()

    def _measure(self) -> Callable[[int, int], None]:
        """What notes how far the scan has come, and lets it breathe."""
        read: dict[int, int] = {}  # up to a segment's beginning
        total = 0
        for number in reversed(self._store.numbers()):
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(segment_path(self._store.folder, number)).st_size
            read[number] = total

        def on_piece(segment: int, offset: int) -> None:
            # An event that isn't found where its id says is looked for everywhere.
            share = (read.get(segment, 0) - offset) / max(total, 1)
            self._progress = max(self._progress, min(share, 1.0))
            self._breathe()

        return on_piece
