"""Which event ids the journal knows: the guard against accepting the same event twice.

The journal is the truth; for each segment that is complete a sorted array of hashes is kept in
`STATE/cache/`, made when first needed and deletable at any moment. What the hashes find is looked up.
"""

import contextlib
import os
import re
import tempfile
from array import array
from bisect import bisect_left
from hashlib import blake2b
from pathlib import Path

from hookconsole.journal.reading import lines_forward
from hookconsole.journal.records import Event
from hookconsole.journal.segments import segment_path
from hookconsole.journal.store import Store

_EVENT = re.compile(rb'\{"kind":"event","at":"[^"]*","event":"([A-Za-z0-9_-]+)"')
_HASH_BYTES = 8


def _hash(event: bytes) -> int:
    return int.from_bytes(blake2b(event, digest_size=_HASH_BYTES).digest(), "little")


class KnownIds:
    """The ids of all events in a journal. `refresh` before `find`; under the journal's lock to be sure."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache = Path(store.folder).parent / "cache"
        self._complete: dict[int, memoryview] = {}
        self._open: set[int] = set()
        self._open_number = 0
        self._open_offset = 0

    def refresh(self) -> None:
        """Take in what the journal has now."""
        numbers = self._store.numbers()
        for number in numbers[:-1]:
            if number not in self._complete:
                self._complete[number] = self._hashes_of(number)
        if numbers:
            self._read_open(numbers[-1])

    def find(self, event: str) -> Event | None:
        """The record of an event; None for an id that isn't known."""
        name = event.encode()
        wanted = _hash(name)
        if wanted in self._open and (found := self._look_up(self._open_number, name)):
            return found
        for number, hashes in reversed(self._complete.items()):
            at = bisect_left(hashes, wanted)
            if at < len(hashes) and hashes[at] == wanted and (found := self._look_up(number, name)):
                return found
        return None

    def _look_up(self, number: int, event: bytes) -> Event | None:
        fd = self._store.descriptor(number)
        if fd is None:
            return None
        needle = b'"event":"%b","type":' % event
        for _, line in lines_forward(fd, 0):
            if needle in line:
                record = self._store.decode(line)
                if isinstance(record, Event) and record.event.encode() == event:
                    return record
        return None

    def _read_open(self, number: int) -> None:
        if number != self._open_number:
            self._open, self._open_number, self._open_offset = set(), number, 0
        fd = self._store.descriptor(number)
        if fd is None:
            return
        for offset, line in lines_forward(fd, self._open_offset):
            self._open_offset = offset + len(line) + 1
            if match := _EVENT.match(line):
                self._open.add(_hash(match[1]))

    def _hashes_of(self, number: int) -> memoryview:
        path = self._cache / f"{number:012d}.ids"
        with contextlib.suppress(OSError, ValueError):
            size = os.stat(segment_path(self._store.folder, number)).st_size
            raw = path.read_bytes()
            if int.from_bytes(raw[:8], "little") == size:
                return memoryview(raw[8:]).cast("Q")
        fd = self._store.descriptor(number)
        if fd is None:
            return memoryview(b"").cast("Q")
        size = os.fstat(fd).st_size
        hashes = sorted(_hash(match[1]) for _, line in lines_forward(fd, 0) if (match := _EVENT.match(line)))
        raw = size.to_bytes(8, "little") + array("Q", hashes).tobytes()
        with contextlib.suppress(OSError):
            _replace(path, raw)
        return memoryview(raw[8:]).cast("Q")


def _replace(path: Path, raw: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(raw)
    os.replace(file.name, path)
