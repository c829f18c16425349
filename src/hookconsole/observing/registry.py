"""The config file as an onlooker sees it: what it says since it last stood still, or why it is refused.

Invariant: while the file is refused the endpoints are those that were last adopted, as in `status`; what
else was known of them stays.
"""

from collections.abc import Callable, Mapping

from hookconsole.config.file import read
from hookconsole.config.load import ConfigError, parse
from hookconsole.config.model import Config
from hookconsole.config.watch import Changed, Watcher
from hookconsole.delivery.routing import Router
from hookconsole.errors import InputError
from hookconsole.network.url import mask_url
from hookconsole.operating.desk import Desk

Route = Callable[[str], tuple[list[str], list[str]]]


class Registry:
    """Reads for a desk, whose fold is kept up to date by its owner.

    `switches`: the endpoints and their Active switch. `route`: who gets events of a type, and who would.
    `refusal`: why the file isn't adopted, or empty. `changes` counts.
    """

    def __init__(self, desk: Desk) -> None:
        self.config = Config()
        self.refusal = ""
        self.switches: Mapping[str, bool] = {}
        self.route: Route = nobody
        self.changes = 0
        self._desk = desk
        self._path = desk.home.config
        state = self._read()
        self._watcher = Watcher(self._path, state.raw)
        self._said: Config | ConfigError = Config()
        self._take(state)

    def poll(self, now: float) -> None:
        """Look whether the file has changed and stands still; `now` in monotonic seconds."""
        state = self._watcher.poll(now)
        if state is not None:
            self._take(state)

    def look(self) -> None:
        """Read the file now: whoever changed it did so in one go."""
        state = self._read()
        self._watcher.adopted(state.raw)
        self._take(state)

    def derive(self) -> None:
        """Judge the file anew, because the journal says something else of the endpoints."""
        desk = self._desk
        desk.reload()
        if isinstance(self._said, Config):
            desk.config = self._said
        else:
            desk.refusal = str(self._said)
        self.refusal, self.switches = desk.refusal, desk.switches
        self.route = nobody
        if isinstance(self._said, Config):
            if not self.refusal:
                self.route = Router(self._said).route
            if not self.refusal or not self.config.endpoints:
                self.config = self._said
        self.changes += 1

    def url(self, name: str) -> str:
        """An endpoint's URL, masked; empty where it isn't known."""
        endpoint = self.config.endpoints.get(name)
        return mask_url(endpoint.url) if endpoint is not None else ""

    def _read(self) -> Changed:
        try:
            found = read(self._path)
        except InputError as error:
            return Changed(None, ConfigError([str(error)]))
        return Changed(found.raw if found else None)

    def _take(self, state: Changed) -> None:
        if state.error is not None:
            self._said = state.error
        elif state.raw is None:
            self._said = Config()
        else:
            try:
                self._said = parse(state.raw, self._path)
            except ConfigError as error:
                self._said = error
        self.derive()


def nobody(_event_type: str) -> tuple[list[str], list[str]]:
    """The route of all events while nobody is known to get any."""
    return [], []
