"""What one attempt gives to the transport beside the request, and what it learns besides the response.

It travels as `request.extensions["exchange"]`, so that httpx's interface stays the only seam.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hookconsole.network.addresses import Network


@dataclass(slots=True)
class Exchange:
    """One attempt; the transport fills in the fields that have defaults at the end."""

    deadline_seconds: float
    """For the whole attempt, the name's lookup and the response's body included."""

    ca_file: str | None = None
    """The only certificate authorities to trust; None: certifi's."""

    allow: Sequence[Network] = ()
    """Private and loopback ranges that may be called."""

    timings: dict[str, float] = field(default_factory=dict)
    """Milliseconds of each phase that happened: `dns`, `connect`, `tls`, `first_byte`."""

    remote: str | None = None
    """The address that was connected to, or tried last, as `ip:port`."""

    resent: bool = False
    """Whether a kept connection turned out dead, and the request went out again on a fresh one."""
