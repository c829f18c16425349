"""A console over a real home: a config file, a journal and a receiver on loopback; nobody sends."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from running import Receiver
from story import Pen
from textual.widget import Widget
from textual.widgets import Static
from watching_hub import HandHub

from hookconsole.config.load import load
from hookconsole.config.model import Config, Console
from hookconsole.console.app import ConsoleApp
from hookconsole.console.commands import bindings
from hookconsole.console.endpoint_acts import EndpointActs
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store
from hookconsole.paths import Home

HEAD = '[security]\nhttps_only = false\nallow_networks = ["127.0.0.0/8"]\n'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class ActsView(EndpointActs):
    """A view of the one endpoint `acme`."""

    BINDINGS: ClassVar[list[Any]] = bindings("endpoint")

    def __init__(self, name: str | None = "acme") -> None:
        super().__init__()
        self._endpoint = name

    @property
    def current_endpoint(self) -> str | None:
        """The endpoint."""
        return self._endpoint

    def body(self) -> Iterable[Widget]:
        """A word."""
        yield Static("the view", markup=False)


class OperatedConsole(ConsoleApp):
    """Shows that view, and notes what was said and copied."""

    def __init__(self, hub: HandHub, name: str | None = "acme", *, read_only: bool = False) -> None:
        super().__init__(hub, Console(), read_only=read_only)
        self.view = ActsView(name)
        self.said: list[str] = []
        self.copied: list[str] = []
        self.logs: list[str] = []

    def on_mount(self) -> None:
        """Textual mounts the console first."""
        self.push_screen(self.view)

    def say(self, text: str, severity: Any = "information") -> None:
        """Noted, too."""
        self.said.append(text)
        super().say(text, severity)

    def copy_to_clipboard(self, text: str) -> None:
        """Noted, too."""
        self.copied.append(text)
        super().copy_to_clipboard(text)

    def open_deliveries(self, query: str) -> None:
        """Noted."""
        self.logs.append(query)


class World:
    """All of it."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder, self.receiver = folder, receiver
        self.config = folder / "config.toml"
        self.home = Home(self.config, folder / "state")
        self.hub = HandHub(self.home)
        self.app = OperatedConsole(self.hub)
        self.config.touch(0o600)
        self.endpoint()

    def endpoint(self, keys: str = "", name: str = "acme") -> None:
        """Write a config file with one endpoint, which has more keys."""
        own = f'[endpoints.{name}]\nurl = "{self.receiver.url("/" + name)}"\nevents = ["invoice.*"]\n'
        secret = "" if "secret" in keys else f'secret = "{SECRET}"\n'
        self.config.write_text(f"{HEAD}# ours\n{own}{secret}{keys}")

    @property
    def loaded(self) -> Config:
        """The config file as it is."""
        return load(self.config)

    def pen(self) -> Pen:
        """Writes the journal."""
        return Pen(Path(self.home.journal))

    def records(self, kind: type[Any]) -> list[Any]:
        """All records of a kind."""
        store = Store(self.home.journal)
        found = [record for _, record, _ in store.forward(START) if isinstance(record, kind)]
        store.close()
        return found

    def tests(self, path: str = "/acme") -> int:
        """How many test events have come to a path."""
        return sum(b'"webhook.test"' in one.body and one.path == path for one in self.receiver.requests)
