"""Edits of the registry by the program: the lines that must change, in a file that others edit by hand.

Invariants: an edit is a function of what the file says while the lock is held; a file with errors
is never edited; what an edit writes is valid; two edits at once both survive, and so does a hand
edit in between.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hookconsole.config.endpoint import ENDPOINT_KEYS
from hookconsole.config.file import CONFIG_BYTES_AT_MOST, Read, read, shown
from hookconsole.config.load import ConfigError, Parsed, folder_of, load, parse_whole, said
from hookconsole.config.lock import locked
from hookconsole.config.lookup import endpoint_of
from hookconsole.config.model import Config, Endpoint
from hookconsole.config.save import save
from hookconsole.config.schema import InvalidConfigError, validate
from hookconsole.config.splice import Change, changed_document, changed_text
from hookconsole.errors import BusyError, InputError, RefusedError
from hookconsole.text import safe

TRIES = 5
"""How often an edit starts again because the file was changed by hand under it."""

OVERLAP_HOURS_AT_MOST = 168

_PREVIOUS = ("previous_secret", "previous_secret_until")
_SECRETS = ("secret", *_PREVIOUS)


class OvertakenError(RefusedError):
    """What the edit was decided by isn't what the file says any more; nothing was written."""


def add_endpoint(path: Path, name: str, values: Mapping[str, Any]) -> None:
    """Write a new endpoint; RefusedError if there is one of that name, InputError if it isn't valid."""

    def plan(sound: Parsed) -> list[Change]:
        if name in sound.config.endpoints:
            raise RefusedError(f"there is an endpoint {name} already; edit it, or choose another name")
        order = {key: position for position, key in enumerate(ENDPOINT_KEYS)}
        return [Change(name, dict(sorted(values.items(), key=lambda v: order.get(v[0], 99))))]

    _edit(path, plan)


def shown_keys(path: Path, name: str) -> dict[str, Any]:
    """An endpoint's keys as they stand in the file, but for its secrets; InputError if it isn't there."""
    return _shown_keys(_sound(read(path), path), name)


def set_keys(
    path: Path, name: str, values: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    """Give an endpoint's keys new values, None takes a key out; InputError if that isn't valid.

    With `before`, OvertakenError if `shown_keys` are others by now.
    """

    def plan(sound: Parsed) -> list[Change]:
        if before is not None and _shown_keys(sound, name) != before:
            raise OvertakenError(f"{name} was changed in the file meanwhile; nothing was saved")
        endpoint_of(sound.config, name)
        return [Change(name, values)]

    _edit(path, plan)


def remove_endpoint(path: Path, name: str) -> None:
    """Take an endpoint out of the file; InputError if it isn't there."""

    def plan(sound: Parsed) -> list[Change]:
        endpoint_of(sound.config, name)
        return [Change(name, None)]

    _edit(path, plan)


def rotate_secret(
    path: Path, name: str, new_secret: str, overlap_hours: float, now: float, seen: Endpoint | None = None
) -> None:
    """Replace an endpoint's secret, the old one staying valid for `overlap_hours` (0 to 168) from `now`.

    InputError, saying how instead, if the secret is in a file or a variable. With `seen`, OvertakenError if
    the secret is another one by now: there is room for one old one, and receivers have only the one before.
    """
    if not 0 <= overlap_hours <= OVERLAP_HOURS_AT_MOST:
        raise InputError(f"the overlap must be from 0 to {OVERLAP_HOURS_AT_MOST} hours")

    def plan(sound: Parsed) -> list[Change]:
        endpoint = endpoint_of(sound.config, name)
        if reason := why_not_rotated(endpoint):
            raise InputError(reason)
        source = endpoint.secret
        if seen is not None and source != seen.secret:
            raise OvertakenError(f"{name} has been given another secret meanwhile; nothing was changed")
        until = datetime.fromtimestamp(int(now) + int(overlap_hours * 3600), UTC)
        previous = (source.value, until) if overlap_hours else (None, None)
        return [Change(name, {"secret": new_secret, **dict(zip(_PREVIOUS, previous, strict=True))})]

    _edit(path, plan)


def why_not_rotated(endpoint: Endpoint) -> str | None:
    """How an endpoint's secret is changed instead, if the program can't."""
    source = endpoint.secret
    if source.kind == "inline":
        return None
    return (
        f"endpoint {endpoint.name} has its secret in secret_{source.kind} {safe(source.value)}: change"
        " it there; for an overlap, put the old one into previous_secret with"
        " previous_secret_until"
    )


def drop_expired_previous(path: Path, now: float) -> list[str]:
    """Remove the previous secrets that are void by `now` (unix seconds); the endpoints' names."""

    def expired(config: Config) -> list[Change]:
        return [
            Change(endpoint.name, dict.fromkeys(_PREVIOUS))
            for endpoint in config.endpoints.values()
            if endpoint.previous_secret_until is not None and endpoint.previous_secret_until <= now
        ]

    def plan(sound: Parsed) -> list[Change]:
        return expired(sound.config)

    if not expired(load(path)):
        return []
    return [change.name for change in _edit(path, plan)]


def _shown_keys(sound: Parsed, name: str) -> dict[str, Any]:
    endpoint_of(sound.config, name)
    table: Mapping[str, Any] = sound.document["endpoints"][name]
    return {key: value for key, value in table.items() if key not in _SECRETS}


def _edit(path: Path, plan: Callable[[Parsed], list[Change]]) -> list[Change]:
    with locked(path) as real:
        for _ in range(TRIES):
            old = read(path)
            sound = _sound(old, path)
            new, document = sound.text, sound.document
            changes = [_with_lists(change) for change in plan(sound)]
            for change in changes:
                new = changed_text(new, document, change)
                document = changed_document(document, change)
            if new == sound.text:
                return changes
            _check(document, path)
            if save(real, old, _encoded(new, path)):
                return changes
    raise BusyError(f"{shown(path)} is being changed by someone else; try again when they are done")


def _sound(old: Read | None, path: Path) -> Parsed:
    try:
        return parse_whole(b"" if old is None else old.raw, path)
    except ConfigError as error:
        raise ConfigError(error.problems, "not edited, for the file has an error: ") from None


def _check(document: Mapping[str, Any], path: Path) -> None:
    try:
        validate(document, folder_of(path))
    except InvalidConfigError as error:
        raise ConfigError([said(problem) for problem in error.problems]) from None


def _with_lists(change: Change) -> Change:
    """What TOML will give back: it knows no tuples."""
    if change.values is None:
        return change
    return Change(
        change.name,
        {k: list(v) if isinstance(v, tuple) else v for k, v in change.values.items()},
    )


def _encoded(text: str, path: Path) -> bytes:
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("the new value isn't valid Unicode; type it again") from None
    if len(raw) > CONFIG_BYTES_AT_MOST:
        raise RefusedError(f"{shown(path)} would be over {CONFIG_BYTES_AT_MOST >> 20} MiB; shorten it first")
    return raw
