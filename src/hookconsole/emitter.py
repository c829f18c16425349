"""Accepting events: judged, written, durable, and only then acknowledged.

Invariant: an id is given back after the disk has confirmed the event's line. An event with an id that the
journal knows is accepted once: the same content again is a duplicate, other content a conflict.
"""

import os
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from hookconsole.clock import rfc3339
from hookconsole.errors import InputError, RefusedError
from hookconsole.events.accept import AcceptedEvent, accept
from hookconsole.events.catalogue import BUILT_IN
from hookconsole.journal.event_records import Event, to_line
from hookconsole.journal.segments import Appender, SyncError
from hookconsole.paths import Home, home


class Emission(NamedTuple):
    """One event to accept; `data` is JSON."""

    type: str
    data: bytes
    id: str | None = None
    created_at: str | None = None


class Accepted(NamedTuple):
    """One event accepted, now or (a duplicate) before."""

    event: str
    duplicate: bool


class EmissionError(InputError):
    """One event of several is refused; those before it (`accepted`) are durable."""

    def __init__(self, accepted: list[Accepted], error: InputError) -> None:
        super().__init__(str(error))
        self.accepted = accepted


class Emitter:
    """Accepts events for one state directory, by any number of threads' or processes' own Emitters.

    `with hookconsole.Emitter() as emitter: emitter.emit("invoice.paid", {"amount": 5})`

    Not thread-safe: one for each thread. Safe across a fork.
    """

    def __init__(
        self,
        *,
        config: str | os.PathLike[str] | None = None,
        state: str | os.PathLike[str] | None = None,
        source: Literal["cli", "api", "console"] = "api",
    ) -> None:
        where = home(config, state)
        # A daemon changes its folder while it holds one of these.
        self._home = Home(os.path.abspath(where.config_name), os.path.abspath(where.state_name))
        self._source = source
        self._appender = Appender(self._home.journal)
        self._types: Collection[str] = BUILT_IN
        self._ids: Any = None
        self._closed = False

    def __enter__(self) -> "Emitter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the files back; the emitter can't be used after."""
        self._closed = True
        self._appender.close()
        if self._ids is not None:
            self._ids.close()

    def emit(
        self,
        type: str,  # noqa: A002  the field's own name
        data: Mapping[str, Any] | bytes,
        *,
        id: str | None = None,  # noqa: A002
        created_at: str | None = None,
    ) -> str:
        """Accept one event and return its id once it is durable.

        `data` is a mapping, or JSON as bytes, which goes out as it is but for white space. InputError for an
        event that is refused, RefusedError when the disk doesn't take it, BusyError when a lock is held.
        """
        raw = data if isinstance(data, bytes) else _encoded(data)
        for name, value in (("type", type), ("id", id), ("created_at", created_at)):
            if not isinstance(value, str) and (value is not None or name == "type"):
                raise InputError(f"{name} is a {value.__class__.__name__}; give a string")
        emission = Emission(_plain(type), raw, id and _plain(id), created_at and _plain(created_at))
        return self.accept([emission])[0].event

    def accept(self, emissions: Iterable[Emission]) -> list[Accepted]:
        """Accept several with one sync, in order. EmissionError at the first that is refused."""
        if self._closed:
            raise InputError("this emitter was closed; make another one")
        emissions = list(emissions)
        now = time.time()
        judged: list[AcceptedEvent] = []
        refused: InputError | None = None
        explicit = False
        for emission in emissions:
            try:
                judged.append(
                    accept(
                        emission.type,
                        emission.data,
                        id=emission.id,
                        created_at=emission.created_at,
                        known=self._known_types(emission.type),
                        now=now,
                    )
                )
            except InputError as error:
                refused = error
                break
            explicit = explicit or emission.id is not None
        given = [emission.created_at is not None for emission in emissions] if explicit else []
        accepted: list[Accepted] = []
        lines = b""
        try:
            if explicit:
                lines, conflict = self._append_new(judged, given, accepted)
                refused = conflict or refused
            elif judged:
                at = rfc3339(now)
                lines = b"".join([self._line(event, at) for event in judged])
                self._appender.append(lines)
                accepted = [Accepted(event.id, False) for event in judged]
            if accepted:
                self._make_durable(lines)
        except RefusedError as error:
            raise RefusedError(f"not accepted: {error}") from None
        if refused is not None:
            raise EmissionError(accepted, refused)
        return accepted

    def _make_durable(self, lines: bytes) -> None:
        try:
            self._appender.sync()
        except SyncError:
            if not lines:
                raise
            # No later sync of that segment would prove anything: once more, into a new one.
            self._appender.append(lines)
            self._appender.sync()

    def _line(self, event: AcceptedEvent, at: str) -> bytes:
        return to_line(
            Event(
                at,
                event=event.id,
                type=event.type,
                created_at=event.created_at,
                data=msgspec.Raw(event.data),
                source=self._source,
            )
        )

    def _append_new(
        self, events: list[AcceptedEvent], given: list[bool], accepted: list[Accepted]
    ) -> tuple[bytes, InputError | None]:
        """Append those whose ids are new, and return their lines; the first conflict ends it."""
        ids = self._known_ids()
        ids.refresh()
        conflict = None
        fresh: dict[str, AcceptedEvent] = {}
        lines = []
        with self._appender.locked():
            ids.refresh()
            at = rfc3339(time.time())
            for event, created_at_given in zip(events, given, strict=False):
                earlier: AcceptedEvent | Event | None = fresh.get(event.id) or ids.find(event.id)
                if earlier is None:
                    fresh[event.id] = event
                    lines.append(self._line(event, at))
                elif not _same(event, earlier, created_at_given):
                    conflict = InputError(
                        f"id '{event.id}' is known with other content; a new event needs a new id"
                    )
                    break
                accepted.append(Accepted(event.id, earlier is not None))
            if accepted:
                # Nothing but duplicates: a line found may be of a process that died before its sync.
                self._appender.append_locked(b"".join(lines))
        return b"".join(lines), conflict

    def _known_ids(self) -> Any:
        if self._ids is None:
            from hookconsole.journal.ids import KnownIds  # only an emitter's own ids need it
            from hookconsole.journal.store import Store

            self._ids = KnownIds(Store(self._home.journal))
        return self._ids

    def _known_types(self, wanted: str) -> Collection[str]:
        # The file first: the fold, which tells what was known before it was cut short, takes longer.
        for source in (_types_in_file, _types_adopted):
            if wanted not in self._types:
                self._types = {*self._types, *source(self._home)}
        return self._types


def emit(
    type: str,  # noqa: A002
    data: Mapping[str, Any] | bytes,
    *,
    id: str | None = None,  # noqa: A002
    created_at: str | None = None,
    config: str | os.PathLike[str] | None = None,
    state: str | os.PathLike[str] | None = None,
) -> str:
    """Accept one event: its id, once it is durable. As `Emitter.emit`."""
    with Emitter(config=config, state=state) as emitter:
        return emitter.emit(type, data, id=id, created_at=created_at)


def _encoded(data: object) -> bytes:
    if not isinstance(data, Mapping):
        raise InputError(f"data is a {type(data).__name__}; give a mapping, or JSON as bytes")
    import json  # strict where msgspec would write a NaN as null, a Decimal as a string

    try:
        return json.dumps(dict(data), allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"data can't be written as JSON: {error}") from None


def _plain(text: str) -> str:
    """The text itself of what may be a class of its own, such as a `StrEnum`."""
    return str.__str__(text)


def _same(event: AcceptedEvent, earlier: AcceptedEvent | Event, created_at_given: bool) -> bool:
    return (
        event.type == earlier.type
        and bytes(event.data) == bytes(earlier.data)
        and (not created_at_given or event.created_at == earlier.created_at)
    )


def _types_in_file(where: Home) -> Collection[str]:
    """The company's own types as the config file says; none while it is refused."""
    from hookconsole.config.load import ConfigError, load

    try:
        return load(where.config).event_types
    except ConfigError:
        return ()


def _types_adopted(where: Home) -> Collection[str]:
    """The company's own types as a sender last adopted them."""
    from hookconsole.journal.store import Store

    store = Store(where.journal)
    try:
        return store.fold().event_types
    finally:
        store.close()
