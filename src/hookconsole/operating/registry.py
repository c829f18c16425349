"""Changes of the registry: an edit of the file, a record with who made it, the test of a new URL.

The order is file, then journal: a crash in between leaves a change that the sender adopts as a hand edit.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from msgspec import UNSET, UnsetType

from hookconsole.clock import parse_rfc3339
from hookconsole.config import edit as file
from hookconsole.config.model import Endpoint
from hookconsole.config.secrets import generate
from hookconsole.delivery.adoption import fingerprint, lost_without_consent
from hookconsole.delivery.lock import sender_note
from hookconsole.delivery.trial import test_event
from hookconsole.errors import RefusedError
from hookconsole.journal.deliveries import WAITING
from hookconsole.journal.records import Attempt, Change, Consent, Event, to_line
from hookconsole.journal.segments import Position
from hookconsole.operating.attempting import Key, outcomes
from hookconsole.operating.desk import Desk
from hookconsole.operating.replaying import Choice, Chosen, choose

_ADOPTION_SECONDS = 3.0

Action = Literal["added", "edited", "removed", "enabled", "disabled", "rotated"]


class Saved(NamedTuple):
    """What was saved, and the test that it called for, if it did."""

    test: Key | None
    since: Position


def add(desk: Desk, name: str, values: Mapping[str, Any], *, test: bool) -> Saved:
    """Add an endpoint; its active URL is tested unless `test` is false."""
    return _save(desk, name, "added", lambda: file.add_endpoint(desk.home.config, name, values), values, test)


def change(
    desk: Desk,
    name: str,
    values: Mapping[str, Any],
    *,
    test: bool = True,
    before: Mapping[str, Any] | None = None,
) -> Saved:
    """Give keys of an endpoint new values; None takes a key out. A new URL is tested.

    With `before`, OvertakenError if its `shown_keys` are others by now.
    """
    moved = values.get("url", desk.endpoint(name).url) != desk.endpoint(name).url
    wanted = test if moved else None
    return _save(
        desk, name, "edited", lambda: file.set_keys(desk.home.config, name, values, before), values, wanted
    )


def switch(desk: Desk, name: str, *, active: bool) -> Saved | None:
    """Set the Active switch; None if it stood so already."""
    if desk.endpoint(name).active == active:
        return None
    action: Action = "enabled" if active else "disabled"
    values = {"active": active}
    return _save(desk, name, action, lambda: file.set_keys(desk.home.config, name, values), values, True)


def remove(desk: Desk, name: str) -> int:
    """Take an endpoint out; how many deliveries are held from now on."""
    desk.endpoint(name)
    file.remove_endpoint(desk.home.config, name)
    desk.put(Change(desk.now(), endpoint=name, action="removed", user=desk.user))
    return unfinished(desk, name)


def rotate(desk: Desk, name: str, overlap_hours: float, seen: Endpoint | None = None) -> str:
    """Give an endpoint a new secret, which is returned; the old one signs too for `overlap_hours`.

    OvertakenError if it isn't the one of `seen`, or of the desk's config, by now: a colleague was first.
    """
    seen = seen or desk.endpoint(name)
    secret = generate()
    file.rotate_secret(desk.home.config, name, secret, overlap_hours, time.time(), seen)
    desk.put(Change(desk.now(), endpoint=name, action="rotated", user=desk.user))
    return secret


def accept_removals(desk: Desk) -> list[str]:
    """Let in a config that loses endpoints; their names."""
    lost = lost_without_consent(desk.fold.known, desk.fold.consented, desk.config)
    if not lost:
        raise RefusedError("no removal waits for consent")
    desk.put(Consent(desk.now(), removed=lost, user=desk.user))
    return lost


def unfinished(desk: Desk, name: str) -> int:
    """How many deliveries of an endpoint would be held if it were removed; those in flight may yet end."""
    return len(desk.fold.deliveries.get(name, {}))


def waiting(desk: Desk, name: str) -> int:
    """How many deliveries of an endpoint would be canceled by switching it off."""
    return sum(d.state in WAITING for d in desk.fold.deliveries.get(name, {}).values())


def off_since(desk: Desk, name: str) -> float | None:
    """When (unix seconds) the sender last began to rest an endpoint; None if it never did."""
    known = desk.fold.known.get(name)
    return parse_rfc3339(known.off_since) if known is not None and known.off_since else None


def missed(desk: Desk, name: str, since: float) -> tuple[Choice, Chosen]:
    """What an off-period that began at `since` canceled and skipped, operators' cancels apart."""
    choice = Choice(name, ("canceled", "skipped"), (), desk.horizon, None, off_since=since)
    return choice, choose(desk, choice)


def await_adoption(desk: Desk, name: str) -> None:
    """Wait until a running sender has let the endpoint's switch take effect, a few seconds at most."""
    until = time.monotonic() + _ADOPTION_SECONDS
    while sender_note(desk.home.state) is not None and time.monotonic() < until:
        desk.store.catch_up(desk.fold)
        known = desk.fold.known.get(name)
        if known is not None and known.active == desk.config.endpoints[name].active:
            return
        time.sleep(0.02)


def test(desk: Desk, names: Iterable[str]) -> dict[str, Attempt | None]:
    """Send a test event to each endpoint and wait; the attempt by name, None where none came in time."""
    endpoints = [desk.endpoint(name) for name in names]
    events = [test_event(endpoint, desk.user) for endpoint in endpoints]
    since = desk.put(*events)
    keys = {endpoint.name: (e.event, endpoint.name) for endpoint, e in zip(endpoints, events, strict=True)}
    found = outcomes(desk, dict.fromkeys(keys.values(), 1), since)
    return {name: found[key] for name, key in keys.items()}


def result(desk: Desk, saved: Saved) -> Attempt | None:
    """Wait for the test that a change called for."""
    if saved.test is None:
        return None
    return outcomes(desk, {saved.test: 1}, saved.since)[saved.test]


def _save(
    desk: Desk,
    name: str,
    action: Action,
    edit: Callable[[], None],
    values: Mapping[str, Any],
    test: bool | None,
) -> Saved:
    """Edit the file and put the change down; `test` false waives the URL's test, None has none."""
    since = desk.fold.position
    edit()
    desk.reload()
    endpoint = desk.config.endpoints[name]
    tested: str | UnsetType = fingerprint(endpoint.url) if test is False else UNSET
    desk.put(
        Change(desk.now(), endpoint=name, action=action, user=desk.user, keys=sorted(values), tested=tested)
    )
    if not test or not endpoint.active:
        return Saved(None, since)
    return Saved(_test_once(desk, name, since), since)


def _test_once(desk: Desk, name: str, since: Position) -> Key | None:
    """The test of an endpoint's URL, accepted now unless another process has just done so."""
    endpoint = desk.config.endpoints[name]
    with desk.appender.locked():
        desk.store.catch_up(desk.fold)
        known = desk.fold.known.get(name)
        if known is None or known.tested != fingerprint(endpoint.url):
            event = test_event(endpoint, desk.user)
            desk.appender.append_locked(to_line(event))
            desk.appender.sync()
            return event.event, name
    for _, record, _ in desk.store.forward(since):
        if isinstance(record, Event) and record.endpoint == name and record.url == known.tested:
            return record.event, name
    return None
