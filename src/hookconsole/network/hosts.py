"""The hosts file, which an operator may use to name receivers, read without the resolver's help.

The C library consults it only for names that it would also complete with search domains, and a lookup
that can't be completed (one that ends in a dot) skips it.
"""

from ipaddress import ip_address
from pathlib import Path

HOSTS_FILE = Path("/etc/hosts")


class HostsFile:
    """Names and addresses of a hosts file; read again when the file changes."""

    def __init__(self, path: Path = HOSTS_FILE) -> None:
        self._path = path
        self._signature: tuple[int, int, int] | None = None
        self._names: dict[str, list[str]] = {}

    def addresses(self, host: str) -> list[str]:
        """The addresses of `host` in the file's order; none when it isn't there. Blocks on the disk."""
        try:
            found = self._path.stat()
            signature = (found.st_ino, found.st_size, found.st_mtime_ns)
            if signature != self._signature:
                self._names = parse_hosts(self._path.read_text("utf-8", "replace"))
                self._signature = signature
        except OSError:
            return []
        return self._names.get(host.lower(), [])


def parse_hosts(text: str) -> dict[str, list[str]]:
    """Lower-case name to addresses; lines that make no sense count for nothing, as in the C library."""
    names: dict[str, list[str]] = {}
    for line in text.splitlines():
        address, *rest = line.partition("#")[0].split() or [""]
        try:
            ip_address(address)
        except ValueError:
            continue
        for name in rest:
            names.setdefault(name.lower(), []).append(address)
    return names
