"""What adopting a config means, as a value: pure, from what the journal knows and what the file says.

A config that loses many endpoints is refused until an operator consents. An endpoint's new URL is tested
once: its fingerprint is in the journal from then on. Before a sender has first run, nothing is tested.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from hookconsole.config.model import Config
from hookconsole.journal.fold import Fold
from hookconsole.journal.records import Known, Registry

TO_ACCEPT = "run: hookconsole endpoints accept-removals"
"""How an operator consents, as a refusal says it."""


class Adoption(NamedTuple):
    """What to do; with a `refusal`, nothing. `tests` are endpoints whose URL is to be tested."""

    refusal: str = ""
    record: Registry | None = None
    tests: tuple[str, ...] = ()


def fingerprint(url: str) -> str:
    """What the journal keeps of a URL to know it again."""
    return blake2b(url.encode(), digest_size=8).hexdigest()


def lost_without_consent(known: Mapping[str, Known], consented: set[str], config: Config) -> list[str]:
    """The endpoints whose loss an operator must consent to: [] when the file may be let in."""
    lost = [name for name in known if name not in config.endpoints]
    many = (len(lost) == len(known) and len(known) >= 2) or (len(lost) >= 5 and len(lost) * 5 > len(known))
    unasked = [name for name in lost if name not in consented]
    return sorted(unasked) if many else []


def plan(fold: Fold, config: Config, at: str) -> Adoption:
    """What follows from adopting `config` in the state `fold`; `at` is now, RFC 3339."""
    lost = lost_without_consent(fold.known, fold.consented, config)
    if lost:
        shown = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        return Adoption(
            refusal=f"the config file loses {len(lost)} of {len(fold.known)} endpoints ({shown});"
            f" restore them, or {TO_ACCEPT}"
        )
    changed: dict[str, Known] = {}
    tests: list[str] = []
    for name, endpoint in config.endpoints.items():
        before = fold.known.get(name)
        tested = before.tested if before else ""
        if endpoint.active and tested != fingerprint(endpoint.url):
            if fold.sender_ran:
                tests.append(name)
            else:
                tested = fingerprint(endpoint.url)
        off_since = before.off_since if before else ""
        if not endpoint.active and (before is None or before.active):
            off_since = at
        now = Known(active=endpoint.active, off_since=off_since, tested=tested)
        if before != now:
            changed[name] = now
    removed = [name for name in fold.known if name not in config.endpoints]
    types = sorted(config.event_types)
    record = None
    if changed or removed or not fold.sender_ran or types != sorted(fold.event_types):
        record = Registry(at, endpoints=changed, removed=removed, event_types=types)
    return Adoption("", record, tuple(tests))
