"""Checks of the journal: that every segment is there and can be read, and that its lines are sound.

Reads only. Without `deep` the lines of the newest segments are looked at, `BYTES_AT_MOST` of them; that every
segment is there, readable and of a known version is looked at always.
"""

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from hookconsole.checking.findings import Finding, finding, note
from hookconsole.clock import parse_rfc3339
from hookconsole.errors import HookconsoleError
from hookconsole.journal.reading import lines_forward
from hookconsole.journal.records import Segment
from hookconsole.journal.segments import segment_path
from hookconsole.journal.store import Store
from hookconsole.text import safe

BYTES_AT_MOST = 64 << 20
"""Read in two seconds; the newest segment is always read whole."""

POSITIONS_SHOWN = 5


class Journal(NamedTuple):
    """What the check saw: findings, and unix seconds of the newest record or file, 0 for none."""

    findings: list[Finding]
    newest: float
    readable: bool


def check_journal(folder: str, *, deep: bool) -> Journal:
    """Look at a journal; a folder that doesn't exist is an empty one."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return Journal([], 0.0, True)
    except OSError as error:
        what, mend = f"can't be read: {error.strerror}", "make it a folder that you may read"
        return Journal([finding(safe(folder), what, mend)], 0.0, False)
    store = Store(folder)
    try:
        numbers = store.numbers()
        found = [*_foreign(folder, names), *_missing(folder, numbers)]
        refused = list(_refused(store, numbers))
        if refused:
            return Journal([*found, *refused], 0.0, False)
        scan = _Scan(store)
        for number in _read(folder, numbers, deep):
            scan.segment(number, newest=number == numbers[-1])
        found += scan.findings(len(numbers))
        return Journal(found, max(scan.newest, _newest_file(folder, numbers)), True)
    finally:
        store.close()


def _foreign(folder: str, names: list[str]) -> Iterator[Finding]:
    for name in names:
        number = name.removesuffix(".jsonl")
        path = os.path.join(folder, name)
        if not number.isdecimal() or path != segment_path(folder, int(number)):
            what = "is no segment; hookconsole leaves it alone, a reader of journal/*.jsonl may not"
            yield note(safe(path), what, "move it elsewhere")


def _missing(folder: str, numbers: list[int]) -> Iterator[Finding]:
    for before, after in pairwise(numbers):
        if after != before + 1:
            gap = f"{before + 1}" if after == before + 2 else f"{before + 1} to {after - 1}"
            mend = "restore it from a copy; without one, what it said of deliveries is lost"
            yield finding(safe(folder), f"segment {gap} is missing between its neighbours", mend)


def _refused(store: Store, numbers: list[int]) -> Iterator[Finding]:
    for number in numbers:
        where = safe(segment_path(store.folder, number))
        try:
            store.descriptor(number)
        except HookconsoleError as error:
            what, _, mend = str(error).removeprefix(where).strip().rpartition("; ")
            yield finding(where, what, mend)


def _read(folder: str, numbers: list[int], deep: bool) -> list[int]:
    """The segments to read, ascending."""
    chosen: list[int] = []
    total = 0
    for number in reversed(numbers):
        total += _status(folder, number).st_size
        if chosen and total > BYTES_AT_MOST and not deep:
            break
        chosen.append(number)
    return chosen[::-1]


def _newest_file(folder: str, numbers: list[int]) -> float:
    return max((_status(folder, number).st_mtime for number in numbers), default=0.0)


def _status(folder: str, number: int) -> os.stat_result:
    try:
        return os.stat(segment_path(folder, number))
    except FileNotFoundError:  # trimmed meanwhile
        return os.stat_result((0,) * 10)


class _Scan:
    """Reads segments line by line and remembers what is wrong."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._segments = 0
        self._damaged = 0
        self._positions: list[str] = []
        self._newest_at = ""
        self._strange: list[Finding] = []

    def segment(self, number: int, *, newest: bool) -> None:
        """Read one; the end of the newest may be a line that is being written."""
        fd = self._store.descriptor(number)
        if fd is None:
            return
        self._segments += 1
        for offset, line in _lines(fd, newest=newest):
            record = None if line is None else self._sound(line)
            if line is None or (line and record is None and self._store.damaged):
                self._store.damaged = 0
                self._damaged += 1
                if len(self._positions) < POSITIONS_SHOWN:
                    self._positions.append(f"{number}:{offset}")
            elif offset == 0 and not (isinstance(record, Segment) and record.segment == number):
                where = safe(segment_path(self._store.folder, number))
                mend = "was a file renamed, or written by another program? Restore it from a copy"
                self._strange.append(finding(where, f"doesn't begin as segment {number}", mend))

    def _sound(self, line: bytes) -> object:
        record = self._store.decode(line)
        if record is not None:
            self._newest_at = max(self._newest_at, record.at)
        return record

    @property
    def newest(self) -> float:
        """Unix seconds of the newest record, 0 for none."""
        try:
            return parse_rfc3339(self._newest_at)
        except ValueError:
            return 0.0

    def findings(self, segments: int) -> Iterator[Finding]:
        """What is wrong, of so many segments in all."""
        yield from self._strange
        where = safe(self._store.folder)
        if self._damaged:
            more = ", …" if self._damaged > len(self._positions) else ""
            count = "1 line is" if self._damaged == 1 else f"{self._damaged} lines are"
            what = f"{count} damaged, at segment:offset {', '.join(self._positions)}{more}"
            mend = (
                "a crash or a full disk leaves such lines, and nobody was promised them;"
                " without either, look at the disk and emit again what is missed"
            )
            yield finding(where, what, mend)
        if self._segments < segments:
            what = f"the lines of the newest {self._segments} of {segments} segments were read"
            yield note(where, what, "--deep reads all")


def _lines(fd: int, *, newest: bool) -> Iterator[tuple[int, bytes | None]]:
    """Every line with its offset; None for one too long to be one, or without an end."""
    size = os.fstat(fd).st_size
    expected = 0
    for offset, line in lines_forward(fd, 0, size):
        if offset != expected:
            yield expected, None
        yield offset, line
        expected = offset + len(line) + 1
    if expected < size and (not newest or os.pread(fd, 1, size - 1) == b"\n"):
        yield expected, None
