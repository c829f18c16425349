"""What a valid config says, as values: whoever holds a `Config` need not judge it again.

Invariant: no `repr` here shows a secret, a header's value or a URL's query.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hookconsole.config.secrets import SecretSource, SecretUnavailableError
from hookconsole.events.catalogue import TEST_TYPE
from hookconsole.network.addresses import Network

__all__ = [
    "Config",
    "Console",
    "DeliveryPolicy",
    "Endpoint",
    "SecretSource",
    "SecretUnavailableError",
]


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How deliveries to one endpoint are tried; times in seconds."""

    timeout_seconds: float = 10
    retry_schedule: tuple[float, ...] = (1, 2, 4, 8, 16)
    endpoint_concurrency: int = 8


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One receiver. `previous_secret_until` is in unix seconds: later than that the previous one is void."""

    name: str
    url: str = field(repr=False)
    events: tuple[str, ...]
    secret: SecretSource
    active: bool = True
    description: str = ""
    policy: DeliveryPolicy = DeliveryPolicy()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca_file: str | None = None
    previous_secret: str | None = field(default=None, repr=False)
    previous_secret_until: float | None = None

    def subscribes(self, event_type: str) -> bool:
        """Whether it gets events of this type: named exactly, by a family `x.*`, or by `*`."""
        if event_type == TEST_TYPE:
            return False
        return (
            event_type in self.events
            or "*" in self.events
            or any(e.endswith(".*") and event_type.startswith(e[:-1]) for e in self.events)
        )


@dataclass(frozen=True, slots=True)
class Console:
    """How the console looks; `keys` maps a command's id to its key."""

    theme: str = "textual-dark"
    frames_per_second: int = 12
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file. `policy` holds the defaults of `[delivery]`; `Config()` is an absent file."""

    policy: DeliveryPolicy = DeliveryPolicy()
    concurrency: int = 64
    signing_header: str = "AccBooks-Signature"
    standard_webhooks: bool = True
    retention_days: float = 7
    https_only: bool = True
    allow_networks: tuple[Network, ...] = ()
    console: Console = Console()
    event_types: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
