"""What an operator changed in the config file with an editor: put down with the name, as any other change.

Invariants: keys are named, values never are; a loss that waits for consent gets none by this.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

from hookconsole.config.file import read
from hookconsole.journal.records import Change
from hookconsole.operating.desk import Desk

_ENDPOINTS = "endpoints"


def put_down(desk: Desk, before: bytes) -> None:
    """Record what differs between `before` and the file as it is, which is a good one."""
    found = read(desk.home.config)
    records = changes(before, found.raw if found else b"", desk.now(), desk.user)
    if desk.refusal:
        records = [record for record in records if record.action != "removed"]
    if records:
        desk.put(*records)


def changes(before: bytes, after: bytes, at: str, user: str) -> list[Change]:
    """A change for each endpoint that differs, and one without an endpoint for all other tables; none
    where one of the files is no TOML.
    """
    try:
        old, new = tomllib.loads(before.decode()), tomllib.loads(after.decode())
    except ValueError:
        return []
    was, now = _table(old, _ENDPOINTS), _table(new, _ENDPOINTS)
    records = [Change(at, endpoint=name, action="removed", user=user) for name in was if name not in now]
    for name in now:
        if name not in was:
            records.append(
                Change(at, endpoint=name, action="added", user=user, keys=sorted(_table(now, name)))
            )
        elif keys := _differing(_table(was, name), _table(now, name)):
            records.append(Change(at, endpoint=name, action="edited", user=user, keys=keys))
    settings = [
        f"{table}.{key}"
        for table in sorted({*old, *new} - {_ENDPOINTS})
        for key in _differing(_table(old, table), _table(new, table))
    ]
    if settings:
        records.append(Change(at, endpoint="", action="edited", user=user, keys=settings))
    return records


def _table(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tables.get(name)
    return found if isinstance(found, dict) else {}


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
