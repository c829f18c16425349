"""The language behind `/`: words with spaces between, of which all must hold.

Pure. A text is understood whole or refused with the nearest thing that could have been meant; what is
understood is written again the same way by `str()`.
"""

import re
import time
from collections.abc import Callable, Collection
from fnmatch import translate
from typing import NamedTuple, get_args

from hookconsole.clock import parse_since
from hookconsole.errors import InputError
from hookconsole.events.catalogue import nearest
from hookconsole.ids import is_event_id, ulid_seconds
from hookconsole.journal.deliveries import UNFINISHED, State
from hookconsole.network.errors import ErrorName
from hookconsole.observing.values import DeliveryRow
from hookconsole.text import safe

STATES: tuple[str, ...] = (*get_args(State), "waiting")
"""What `state:` takes: `waiting` is every unfinished one that isn't held."""

ERRORS: tuple[str, ...] = (*get_args(ErrorName), "config")
"""Words that `code:` takes, beside `503` and `5xx`."""

_SHAPE = re.compile(r"evt_|[\w.]*\.\*$", re.ASCII)
"""Words that no endpoint's name, health or URL is looked for by."""

CHARACTERS_AT_MOST = 2000
"""Of a filter as it is written again: all its words are tried on every delivery that is looked at."""

_CODE = re.compile(r"[1-9](?:[0-9]{2}|xx)", re.ASCII)

_Test = Callable[[DeliveryRow], bool]


class Needle(NamedTuple):
    """What a scan of the journal can go by: None and 0 for nothing. `since` in unix seconds."""

    endpoint: str | None = None
    event: str | None = None
    since: float = 0.0


class _Word(NamedTuple):
    text: str
    test: _Test
    needle: Needle = Needle()


class _Known(NamedTuple):
    types: Collection[str]
    endpoints: Collection[str]
    now: float


class Filter:
    """Which deliveries are meant."""

    def __init__(self, words: tuple[_Word, ...] = ()) -> None:
        self._words = words
        self._tests = tuple(word.test for word in words)

    @classmethod
    def parse(
        cls, text: str, types: Collection[str] = (), endpoints: Collection[str] = (), now: float | None = None
    ) -> "Filter":
        """The filter of a text; InputError for what isn't understood.

        Types and endpoints are checked where any are given: `types` is all that are known, `endpoints` those
        of the registry and of the journal.
        """
        known = _Known(types, endpoints, time.time() if now is None else now)
        found = cls(tuple(_word(word, known) for word in text.split()))
        if len(str(found)) > CHARACTERS_AT_MOST:
            raise InputError(f"the filter is longer than {CHARACTERS_AT_MOST} characters; shorten it")
        return found

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self._words)

    def __str__(self) -> str:
        """The text that means it."""
        return " ".join(word.text for word in self._words)

    def matches(self, row: DeliveryRow) -> bool:
        """Whether a delivery, in the state that is shown, is meant."""
        for test in self._tests:  # noqa: SIM110 (half the time of `all`)
            if not test(row):
                return False
        return True

    @property
    def needle(self) -> Needle:
        """What every delivery that is meant has in common."""
        needles = [word.needle for word in self._words]
        return Needle(
            next((found.endpoint for found in needles if found.endpoint), None),
            next((found.event for found in needles if found.event), None),
            max((found.since for found in needles), default=0.0),
        )


def _word(text: str, known: _Known) -> _Word:
    if text.startswith("!"):
        if text[1:].startswith("!") or len(text) == 1:
            raise InputError("'!' turns the word behind it round, as in !state:delivered; write one")
        word = _word(text[1:], known)
        return _Word("!" + word.text, lambda row: not word.test(row))
    key, colon, value = text.partition(":")
    if colon:
        read = _KEYS.get(key.lower())
        if read is None:
            raise _unknown("filter", key + ":", [f"{name}:" for name in _KEYS])
        return read(value, known)
    if ulid_seconds(text) is not None and text.startswith("evt_"):
        return _event(text, known)
    if "*" in text or text in known.types:
        return _type(text, known)
    part = text.casefold()
    return _Word(
        text,
        lambda row: (
            part in row.endpoint.casefold() or part in row.type.casefold() or part in row.event.casefold()
        ),
    )


def _state(text: str, known: _Known) -> _Word:
    values = _values("state", text.lower(), "failed")
    for value in values:
        if value not in STATES:
            raise _unknown("state", value, STATES)
    states = {*values, *(UNFINISHED if "waiting" in values else ())}
    return _Word("state:" + ",".join(values), lambda row: row.state in states)


def _code(text: str, known: _Known) -> _Word:
    values = _values("code", text.lower(), "5xx")
    for value in values:
        if not _CODE.fullmatch(value) and value not in ERRORS:
            raise _unknown("code", value, ("503", "5xx", *ERRORS))
    errors = {value for value in values if value in ERRORS}
    codes = {int(value) for value in values if value.isdecimal()}
    classes = {int(value[0]) for value in values if value.endswith("xx")}

    def test(row: DeliveryRow) -> bool:
        if row.error in errors:
            return True
        return row.status is not None and (row.status in codes or row.status // 100 in classes)

    return _Word("code:" + ",".join(values), test)


def _endpoint(text: str, known: _Known) -> _Word:
    names = _values("endpoint", text, "acme")
    for name in names:
        if known.endpoints and name not in known.endpoints:
            raise _unknown("endpoint", name, known.endpoints)
    one = names[0] if len(names) == 1 else None
    return _Word("endpoint:" + ",".join(names), lambda row: row.endpoint in names, Needle(endpoint=one))


def _type(text: str, known: _Known) -> _Word:
    patterns = _values("type", text, "invoice.*")
    for pattern in patterns:
        matches = _glob(pattern)
        if known.types and not any(matches(name) for name in known.types):
            families = {name.rpartition(".")[0] + ".*" for name in known.types}
            raise _unknown("event type", pattern, families if "*" in pattern else known.types)
    tests = [_glob(pattern) for pattern in patterns]
    return _Word("type:" + ",".join(patterns), lambda row: any(matches(row.type) for matches in tests))


def _event(text: str, known: _Known) -> _Word:
    if not is_event_id(text):
        raise InputError(f"'{safe(text, 64)}' is no event id; copy one from a delivery with y")
    return _Word("event:" + text, lambda row: row.event == text, Needle(event=text))


def _since(text: str, known: _Known) -> _Word:
    since = parse_since(text, known.now)
    return _Word("since:" + text, lambda row: row.accepted >= since, Needle(since=since))


_KEYS: dict[str, Callable[[str, _Known], _Word]] = {
    "state": _state,
    "code": _code,
    "endpoint": _endpoint,
    "type": _type,
    "event": _event,
    "since": _since,
}


def means_deliveries(text: str) -> bool:
    """Whether a word of a text can only be about deliveries: `state:failed`, `evt_…`, `invoice.*`."""
    words = [word.removeprefix("!") for word in text.lower().split()]
    return any(_SHAPE.match(word) or word.startswith(tuple(f"{key}:" for key in _KEYS)) for word in words)


def _values(key: str, text: str, example: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(text.split(",")))
    if "" in values:
        raise InputError(f"{key}: lacks a value; write {key}:{example}")
    return values


def _unknown(what: str, value: str, known: Collection[str]) -> InputError:
    return InputError(
        f"no {what} '{safe(value, 64)}'; did you mean {safe(nearest(value, known) or '', 128)}?"
    )


def _glob(pattern: str) -> Callable[[str], object]:
    """What says whether a type is of a pattern, in which `*` is whatever comes."""
    return re.compile(translate(pattern)).match if "*" in pattern else pattern.__eq__
