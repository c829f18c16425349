"""A journal read by a stranger, from what docs/journal.md says: nothing here asks the program's own reader.

What must hold after any kill: no line is glued to another, every attempt is begun once, in order.
"""

import json
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

Delivery = tuple[str, str]


class Audit:
    """What stands in a journal folder now."""

    def __init__(self, state: Path) -> None:
        self.records: list[dict[str, Any]] = []
        self.torn: list[bytes] = []
        for path in sorted((state / "journal").glob("*.jsonl")):
            *lines, rest = path.read_bytes().split(b"\n")
            self.torn += [rest] if rest else []
            for line in filter(None, lines):
                if is_whole(line):
                    self.records.append(json.loads(line))
                else:
                    self.torn.append(line)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The records of a kind."""
        return [record for record in self.records if record["kind"] == kind]

    @property
    def accepted(self) -> Counter[str]:
        """How often each event's record is there, tests and copies apart."""
        return Counter(r["event"] for r in self.of("event") if "accepted_at" not in r and "endpoint" not in r)

    @property
    def begun(self) -> Counter[tuple[str, str, int]]:
        """How often each attempt was begun: event, endpoint, number."""
        return Counter(
            (a["event"], a["endpoint"], a["attempt"]) for r in self.of("start") for a in r["attempts"]
        )

    @property
    def attempts(self) -> dict[Delivery, list[dict[str, Any]]]:
        """The attempts of each delivery that ended, in order."""
        found: dict[Delivery, list[dict[str, Any]]] = {}
        for record in self.of("attempt"):
            found.setdefault((record["event"], record["endpoint"]), []).append(record)
        return found

    @property
    def delivered(self) -> set[Delivery]:
        """The deliveries that ended well."""
        return {key for key, made in self.attempts.items() if made[-1]["outcome"] == "delivered"}

    def assert_sound(self, *, torn: int = 0, rewritten: int = 0) -> None:
        """No line is glued to another, no attempt is begun twice.

        At most so many lines are torn, and so many attempts stand twice, as a line does of which only the
        newline was missing, or of which a sync failed.
        """
        assert len(self.torn) <= torn, self.torn
        for line in self.torn:
            assert line.count(b'{"kind":') <= 1, f"glued: {line!r}"
        twice = {key: times for key, times in self.begun.items() if times > 1}
        assert len(twice) <= rewritten, f"begun more than once, so by two senders: {twice}"
        numbers: dict[Delivery, list[int]] = {}
        for event, endpoint, number in self.begun:
            numbers.setdefault((event, endpoint), []).append(number)
        for key, found in numbers.items():
            first = min(found)  # those before may have been trimmed away
            assert sorted(found) == list(range(first, first + len(found))), key

    def assert_has_requests(self, seen: Counter[Delivery]) -> None:
        """Every request that a receiver saw was begun in the journal before it left."""
        begun = Counter((event, endpoint) for event, endpoint, _ in self.begun)
        assert not seen - begun, f"requests that aren't in the journal: {seen - begun}"


def is_whole(line: bytes) -> bool:
    """Whether a line ends with the checksum of what is before it."""
    text, mark, sum_ = line.rpartition(b',"crc":"')
    return mark != b"" and sum_ == b'%08x"}' % zlib.crc32(text)
