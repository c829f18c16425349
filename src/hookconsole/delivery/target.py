"""An endpoint made ready to be sent to: its URL parsed, its headers joined, its keys at hand.

Nothing is ever sent unsigned: without a readable secret there are no keys and `keys` raises. All is made when
first needed: adopting 10,000 endpoints costs nothing until something is sent to them.
"""

import os
from functools import cached_property

import httpx

from hookconsole.config.model import Config, Endpoint
from hookconsole.config.secrets import SecretUnavailableError
from hookconsole.delivery.masking import Private, private_of
from hookconsole.delivery.signing import SigningKeys
from hookconsole.network.message import Head
from hookconsole.version import __version__

USER_AGENT = f"hookconsole/{__version__}".encode()


class Target:
    """One endpoint of a config. `keys(now)` is cheap; a secret file is read again when it changes."""

    def __init__(self, endpoint: Endpoint, config: Config) -> None:
        self.endpoint = endpoint
        self.signing_header = config.signing_header
        self.standard = config.standard_webhooks
        self.allow = config.allow_networks
        self.private = Private()
        """What of it must not be kept when a receiver echoes it; known from the first `keys` on."""
        self._keys: SigningKeys | None = None
        self._keys_of: object = None

    @cached_property
    def url(self) -> httpx.URL:
        """Where it is."""
        return httpx.URL(self.endpoint.url)

    @cached_property
    def head(self) -> Head:
        """The request line and the headers that every attempt has."""
        own = [(name.encode("ascii"), value.encode("ascii")) for name, value in self.endpoint.headers]
        headers = [
            (b"Host", self.url.netloc),
            (b"Content-Type", b"application/json"),
            (b"User-Agent", USER_AGENT),
        ]
        if not any(name.lower() == b"accept" for name, _ in own):
            headers.append((b"Accept", b"*/*"))
        return Head(self.url, headers + own)

    def keys(self, now: float) -> SigningKeys:
        """The keys that sign at `now` (unix seconds); SecretUnavailableError if the secret can't be read."""
        overlap = self.endpoint.previous_secret_until
        previous = self.endpoint.previous_secret if overlap is not None and now < overlap else None
        of = (previous, self._version())
        if self._keys is None or of != self._keys_of:
            self._keys = None
            secret = self.endpoint.secret.read()
            self._keys = SigningKeys(secret, previous)
            self._keys_of = of
            self.private = private_of(self.endpoint, secret, previous or "")
        return self._keys

    def secret_problem(self, now: float) -> str:
        """Why the secret can't be read, in one line; empty when it can."""
        try:
            self.keys(now)
        except SecretUnavailableError as error:
            return str(error)
        return ""

    def _version(self) -> object:
        if self.endpoint.secret.kind != "file":
            return None
        try:
            status = os.stat(self.endpoint.secret.value)
        except OSError:
            return "unreadable"
        return (status.st_mtime_ns, status.st_size, status.st_ino)
