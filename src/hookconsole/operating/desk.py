"""An operator's place at one hookconsole: its config, its journal, and the pen.

Records put down here are durable before `put` returns; the sender obeys them within a wake-up.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property

from hookconsole.clock import rfc3339
from hookconsole.config.file import shown
from hookconsole.config.load import ConfigError, load
from hookconsole.config.lookup import endpoint_of
from hookconsole.config.model import Config, Endpoint
from hookconsole.delivery.adoption import TO_ACCEPT, lost_without_consent
from hookconsole.delivery.routing import Router
from hookconsole.errors import InputError
from hookconsole.journal.fold import Fold
from hookconsole.journal.records import AnyRecord, to_line
from hookconsole.journal.segments import Appender, Position
from hookconsole.journal.store import Store
from hookconsole.paths import Home
from hookconsole.text import safe
from hookconsole.who import user_name


class Desk:
    """One operator's view of a config file and a state directory."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.user = user_name()
        self.store = Store(home.journal)
        self.appender = Appender(home.journal)
        self.passing: Callable[[float], None] | None = None
        """Told when each delivery was accepted (unix seconds) that a search comes by, the newest first; what
        it raises ends the search."""

    @cached_property
    def config(self) -> Config:
        """The config file as it is; ConfigError when it is refused."""
        return load(self.home.config)

    def reload(self) -> None:
        """Read the config file again when next asked."""
        for derived in ("config", "refusal", "switches", "_router"):
            self.__dict__.pop(derived, None)

    @cached_property
    def fold(self) -> Fold:
        """The state of all deliveries when it was first asked for."""
        return self.store.fold()

    @cached_property
    def refusal(self) -> str:
        """Why nobody delivers by the config file as it is; empty when it is as good as adopted."""
        try:
            lost = lost_without_consent(self.fold.known, self.fold.consented, self.config)
        except ConfigError as error:
            return str(error)
        if not lost:
            return ""
        return f"it loses {len(lost)} endpoints; restore them, or {TO_ACCEPT}"

    @cached_property
    def switches(self) -> Mapping[str, bool]:
        """The endpoints and their Active switch: the file's, or while that is refused as last adopted."""
        if self.refusal:
            return {name: known.active for name, known in self.fold.known.items()}
        return {endpoint.name: endpoint.active for endpoint in self.config.endpoints.values()}

    def route(self, event_type: str) -> tuple[list[str], list[str]]:
        """Who gets events of a type, and who would if active; nobody is known while the file is refused."""
        return ([], []) if self.refusal else self._router.route(event_type)

    def untaken(self) -> Counter[str]:
        """How many accepted events that no sender has taken in yet each endpoint is to get."""
        return Counter(name for event in self.fold.untaken.values() for name in self.route(event.type)[0])

    @cached_property
    def _router(self) -> Router:
        return Router(self.config)

    @property
    def retention_days(self) -> float:
        """For how long things are shown; the default while the file is refused."""
        try:
            return self.config.retention_days
        except ConfigError:
            return Config().retention_days

    @property
    def horizon(self) -> float:
        """Unix seconds before which nothing is shown."""
        return time.time() - self.retention_days * 86400

    def now(self) -> str:
        """The time for a record."""
        return rfc3339(time.time())

    def endpoint(self, name: str) -> Endpoint:
        """An endpoint of the registry; InputError names the nearest one, or says that the file loses many."""
        if name not in self.config.endpoints and self.refusal:
            raise InputError(f"no endpoint '{safe(name, 64)}' in {shown(self.home.config)}: {self.refusal}")
        return endpoint_of(self.config, name)

    def check_name(self, name: str) -> None:
        """InputError, as `endpoint`, for a name that neither the file nor what was last adopted has."""
        if name not in self.switches:
            self.endpoint(name)

    def put(self, *records: AnyRecord) -> Position:
        """Append records and make them durable; where the first stands."""
        position = self.appender.append(b"".join(to_line(record) for record in records))
        self.appender.sync()
        return position

    def close(self) -> None:
        """Give the descriptors back."""
        self.store.close()
        self.appender.close()
