"""The hub over a journal: one thread that reads it as it grows, and what it has seen, for all other threads.

Invariants: nothing here waits on the disk but that thread. An error in it is an alarm; one that may pass
(no descriptor free, no right to read) is tried again.
"""

import threading
import time
from collections.abc import Callable

from msgspec.structs import astuple, replace

from hookconsole.errors import HookconsoleError
from hookconsole.observing.changes import Changes
from hookconsole.observing.filter import Filter
from hookconsole.observing.onlooker import UNKNOWN, Onlooker
from hookconsole.observing.pace import EndedError, Pace
from hookconsole.observing.search import JournalSearch, Scene, Untaken
from hookconsole.observing.values import DeliveryRow, SenderView, Snapshot
from hookconsole.paths import Home

EVERY_SECONDS = 0.1
"""How often the journal is looked at."""

AGAIN_SECONDS = 5.0
"""How long after an error that may pass all is read anew."""

_TELL_SECONDS = 1.0
_SAID = slice(Snapshot.__struct_fields__.index("version") + 1, None)

OPENING = Snapshot(
    now=0.0,
    version=0,
    sender=SenderView(),
    backlog=0,
    held=0,
    overdue_since=None,
    alarms=(),
    refusal="",
    endpoints={},
    minutes=(),
    causes=(),
    replays=(),
    per_second=0.0,
)
"""What is known before the journal has been read."""


class JournalHub:
    """A `Hub` of one hookconsole, from now until `close`. `on_look` is called each time it is up to date."""

    def __init__(self, home: Home, on_look: Callable[[], object] = lambda: None) -> None:
        self.home = home
        self._on_look = on_look
        self._snapshot = replace(OPENING, now=time.time())
        self._changes = Changes()
        self._pace = Pace()
        self._wake = threading.Event()
        self._failure = ""
        self._error = ""
        self._config_is_new = False
        self._onlooker: Onlooker | None = None
        self._thread = threading.Thread(target=self._run, name="onlooker", daemon=True)
        self._thread.start()

    def snapshot(self) -> Snapshot:
        """How things stand; version 0 while the journal is being opened."""
        return self._snapshot

    def changes(self, since: int) -> tuple[int, list[DeliveryRow] | None]:
        """What changed after a number, each delivery once, the number to ask from next; None: look anew."""
        return self._changes.since(since)

    def search(self, query: str) -> JournalSearch:
        """Begin to look for deliveries; InputError says what is wrong with the query."""
        onlooker = self._onlooker
        known = onlooker.known() if onlooker else UNKNOWN
        filter_ = Filter.parse(query, known.types, known.endpoints)
        untaken = Untaken(onlooker.untaken if onlooker else {}, known.route)
        return JournalSearch(self.home.journal, filter_, self._scene, untaken)

    def look_at_config(self) -> None:
        """The config file was changed by this process: have it read now."""
        self._config_is_new = True
        self._wake.set()

    def fail(self, reason: str) -> None:
        """Something else in this process failed: an alarm from now on, the first of all."""
        self._failure = reason
        if self._thread.is_alive():
            self._wake.set()
        else:
            self._put(replace(self._snapshot, alarms=()))

    def close(self) -> None:
        """End the thread."""
        self._pace.end()
        self._wake.set()
        self._thread.join()

    def _scene(self) -> Scene:
        known = self._onlooker.known() if self._onlooker else UNKNOWN
        return Scene(known.registry, known.running, known.horizon)

    def _run(self) -> None:
        while not self._pace.ended:
            try:
                self._watch()
            except EndedError:
                return
            except (OSError, HookconsoleError) as error:
                self._stand_still(str(error))
                self._pause()
            except Exception as error:
                self._stand_still(f"{type(error).__name__}: {error}")
                return

    def _watch(self) -> None:
        onlooker = Onlooker(self.home, self._changes, self._pace)
        try:
            onlooker.open()
            self._onlooker = onlooker
            while True:
                is_new, self._config_is_new = self._config_is_new, False
                more = onlooker.look(config=is_new)
                self._error = ""
                self._put(onlooker.snapshot())
                self._on_look()
                if not (onlooker.look_back() or more):
                    self._wake.wait(EVERY_SECONDS)
                    self._wake.clear()
                    self._pace.begin()
                self._pace.rest()
        finally:
            onlooker.close()

    def _stand_still(self, error: str) -> None:
        self._error = f"what is shown stands still: {error}"
        self._put(replace(self._snapshot, now=time.time(), alarms=()))

    def _pause(self) -> None:
        until = time.monotonic() + AGAIN_SECONDS
        while not self._pace.ended and (left := until - time.monotonic()) > 0:
            self._wake.wait(left)
            self._wake.clear()

    def _put(self, found: Snapshot) -> None:
        """Show a snapshot, unless it says the same again within a second."""
        shown = self._snapshot
        own = [alarm for alarm in (self._failure, self._error) if alarm]
        found = replace(found, version=shown.version + 1, alarms=(*own, *found.alarms))
        says_the_same = astuple(found)[_SAID] == astuple(shown)[_SAID]
        if not says_the_same or not 0 <= found.now - shown.now < _TELL_SECONDS or not shown.version:
            self._snapshot = found
