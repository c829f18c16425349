"""An operator's place at one hookconsole: its config, its journal, and the pen.

Records put down here are durable before `put` returns; the sender obeys them within a wake-up.
"""

import time
from functools import cached_property

from hookconsole.clock import rfc3339
from hookconsole.config.load import load
from hookconsole.config.lookup import endpoint_of
from hookconsole.config.model import Config, Endpoint
from hookconsole.delivery.lock import user_name
from hookconsole.journal.fold import Fold
from hookconsole.journal.records import AnyRecord, to_line
from hookconsole.journal.segments import Appender, Position
from hookconsole.journal.store import Store
from hookconsole.paths import Home


class Desk:
    """One operator's view of a config file and a state directory."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.user = user_name()
        self.store = Store(home.journal)
        self.appender = Appender(home.journal)

    @cached_property
    def config(self) -> Config:
        """The config file as it is; ConfigError when it is refused."""
        return load(self.home.config)

    def reload(self) -> None:
        """Read the config file again when next asked."""
        self.__dict__.pop("config", None)

    @cached_property
    def fold(self) -> Fold:
        """The state of all deliveries when it was first asked for."""
        return self.store.fold()

    @property
    def horizon(self) -> float:
        """Unix seconds before which nothing is shown."""
        return time.time() - self.config.retention_days * 86400

    def now(self) -> str:
        """The time for a record."""
        return rfc3339(time.time())

    def endpoint(self, name: str) -> Endpoint:
        """An endpoint of the registry; InputError names the nearest one."""
        return endpoint_of(self.config, name)

    def put(self, *records: AnyRecord) -> Position:
        """Append records and make them durable; where the first stands."""
        position = self.appender.append(b"".join(to_line(record) for record in records))
        self.appender.sync()
        return position
