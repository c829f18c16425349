"""Which event ids the journal knows: the guard against accepting the same event twice.

The journal is the truth; for each segment that is complete a table is kept in `STATE/cache/`, made when first
needed, again when it turns out damaged, and deletable at any moment. What it finds is looked up.
"""

import contextlib
import mmap
import os
import re
from hashlib import blake2b

from hookconsole.folders import make_private
from hookconsole.journal.id_table import IdTable, fits, pack
from hookconsole.journal.reading import lines_forward
from hookconsole.journal.records import Event
from hookconsole.journal.store import Store

_EVENT = re.compile(rb'\{"kind":"event","at":"[^"]*","event":"([A-Za-z0-9_-]+)"')


def _hash(event: bytes) -> int:
    return int.from_bytes(blake2b(event, digest_size=8).digest(), "little")


class KnownIds:
    """The ids of all events in a journal. `refresh` before `find`; under the journal's lock to be sure."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache = os.path.join(os.path.dirname(store.folder), "cache")
        self._complete: dict[int, IdTable] = {}
        self._open: dict[int, int] = {}
        self._open_number = 0
        self._open_offset = 0

    def refresh(self) -> None:
        """Take in what the journal has now."""
        numbers = self._store.numbers()
        if self._store.is_replaced(self._open_number):  # by another journal, which knows other ids
            self._complete.clear()
            self._store.close()
            self._open_number = 0
        for number in self._complete.keys() - numbers:
            del self._complete[number]
            self._store.forget(number)
        for number in numbers[:-1]:
            if number not in self._complete:
                kept = self._kept(number)
                self._complete[number] = self._made(number) if kept is None else kept
        if numbers:
            self._read_open(numbers[-1])

    def find(self, event: str) -> Event | None:
        """The record of an event; None for an id that isn't known."""
        wanted = _hash(event.encode())
        offset = self._open.get(wanted)
        if offset is not None and (found := self._store.event_at(event, self._open_number, offset)):
            return found
        for number in reversed(self._complete):
            offsets = self._complete[number].offsets(wanted)
            if offsets is None:
                self._complete[number] = self._made(number)
                offsets = self._complete[number].offsets(wanted)
            for offset in offsets or ():
                if found := self._store.event_at(event, number, offset):
                    return found
        return None

    def close(self) -> None:
        """Give the files back."""
        self._complete.clear()
        self._store.close()

    def _read_open(self, number: int) -> None:
        if number != self._open_number:
            self._open, self._open_number, self._open_offset = {}, number, 0
        fd = self._store.descriptor(number)
        if fd is None:
            return
        for offset, line in lines_forward(fd, self._open_offset):
            self._open_offset = offset + len(line) + 1
            if match := _EVENT.match(line):
                self._open[_hash(match[1])] = offset

    def _path(self, number: int) -> str:
        return os.path.join(self._cache, f"{number:012d}.ids")

    def _kept(self, number: int) -> IdTable | None:
        fd = self._store.descriptor(number)
        try:
            kept = os.open(self._path(number), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            raw = memoryview(mmap.mmap(kept, 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError):
            return None
        finally:
            os.close(kept)
        if fd is None or not fits(raw, number, os.fstat(fd).st_size):
            return None
        return IdTable(raw)

    def _made(self, number: int) -> IdTable:
        fd = self._store.descriptor(number)
        size = os.fstat(fd).st_size if fd is not None else 0
        lines = lines_forward(fd, 0) if fd is not None else ()
        matches = ((_EVENT.match(line), offset) for offset, line in lines)
        raw = pack(number, size, ((_hash(match[1]), offset) for match, offset in matches if match))
        if fd is not None:
            with contextlib.suppress(OSError):
                self._keep(number, raw)
        return IdTable(memoryview(raw))

    def _keep(self, number: int, raw: bytes) -> None:
        make_private(self._cache)
        temporary = f"{self._path(number)}.{os.getpid()}"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(fd, "wb") as file:
            file.write(raw)
        os.replace(temporary, self._path(number))
        # What was trimmed away is needed no more, nor what another process left half written.
        needed = {f"{known:012d}.ids" for known in self._store.numbers()}
        for name in os.listdir(self._cache):
            if name not in needed:
                os.unlink(os.path.join(self._cache, name))
