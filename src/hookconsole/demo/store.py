"""The demo's throwaway store: a config file of its endpoints, in a folder that nobody else may read."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from hookconsole.paths import Home


class Role(NamedTuple):
    """What one endpoint subscribes to, and how its receiver behaves."""

    mood: str
    events: tuple[str, ...]
    description: str


ROLES = {
    "acme-erp": Role("healthy", ("*",), "answers within 40 ms"),
    "northwind-crm": Role("healthy", ("invoice.*", "company.*"), "answers within 40 ms"),
    "hooli-bank": Role("healthy", ("bank_feed.*", "transaction.created"), "answers within 40 ms"),
    "globex-reports": Role("slow", ("invoice.*",), "answers within 0.8 to 2.5 s"),
    "initech-ledger": Role("flaky", ("transaction.*", "bank_feed.*"), "fails three times in ten"),
    "umbrella-pay": Role(
        "down", ("invoice.paid", "payroll.*", "vat.*", "company.*"), "down for 20 s, then up for 20 s"
    ),
}
"""The endpoints by name, which is the path at the receiver, too."""


def create(folder: Path, port: int, secrets: Mapping[str, str]) -> Home:
    """Write the config file for a receiver on 127.0.0.1:`port`; the state directory comes with the sender."""
    home = Home(folder / "config.toml", folder / "state")
    descriptor = os.open(home.config, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write('[security]\nhttps_only = false\nallow_networks = ["127.0.0.0/8"]\n')
        for name, role in ROLES.items():
            file.write(
                f"\n[endpoints.{name}]\n"
                f'url = "http://127.0.0.1:{port}/{name}"\n'
                f"events = {json.dumps(role.events)}\n"
                f'secret = "{secrets[name]}"\n'
                f'description = "{role.description}"\n'
            )
    return home
