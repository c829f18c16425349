"""The demo's traffic: realistic events of every built-in type, the same ones for the same seed.

Types are dealt from a shuffled deck: each comes in every round. An event's amounts are multiplied by one
whole number, so that they still add up, and its ids change together.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import msgspec

from hookconsole.events.samples import sample_json

CARDS = {
    "transaction.created": 8,
    "transaction.classified": 7,
    "invoice.created": 3,
    "invoice.sent": 3,
    "invoice.paid": 3,
    "bank_feed.synced": 3,
    "invoice.overdue": 1,
    "bank_feed.error": 1,
    "payroll.run_finalised": 1,
    "vat.return_filed": 1,
    "company.year_end_closed": 1,
}
"""How many events of each type there are in one round."""

WAIT_SECONDS = (0.1, 0.2)
"""Between two events: five to ten a second."""

_TIMES_AT_MOST = 12
_SHARES = frozenset({"rate", "confidence"})
_ID = re.compile(r"([a-z]+_|2026-(?=\d{4}))(\d+)", re.ASCII)  # inv_20931, 2026-0042, but no 2026-03

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Happening(NamedTuple):
    """One event to emit; the next one comes `wait` seconds later."""

    type: str
    data: bytes
    wait: float


def traffic(seed: int) -> Iterator[Happening]:
    """Events without end."""
    chance = Random(seed)  # noqa: S311  nothing depends on nobody's guessing it
    deck = [event_type for event_type, count in CARDS.items() for _ in range(count)]
    while True:
        chance.shuffle(deck)
        for event_type in deck:
            yield Happening(event_type, _varied(event_type, chance), chance.uniform(*WAIT_SECONDS))


def _varied(event_type: str, chance: Random) -> bytes:
    times = chance.randint(1, _TIMES_AT_MOST)
    ids: dict[str, str] = {}

    def varied(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: inner if key in _SHARES else varied(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [varied(inner) for inner in value]
        if isinstance(value, Decimal):
            return value * times
        if isinstance(value, str) and (found := _ID.fullmatch(value)):
            digits = len(found[2])
            return ids.setdefault(value, f"{found[1]}{chance.randrange(10**digits):0{digits}}")
        return value

    return _encode(varied(_decode(sample_json(event_type))))
