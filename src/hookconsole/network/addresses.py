"""Which addresses may be called: public unicast, plus the private ranges that `allow_networks` opens.

Only what is provably public passes; every other address is refused by default. Link-local, metadata,
multicast and unspecified addresses are refused whatever the allow list says. `ipaddress.is_global` is
no guard (it passes multicast, NAT64 and 6to4 forms of loopback), so the blocks are written out here.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple

from hookconsole.text import safe

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NO_NETWORK = "it is no IP network; write a range as 10.20.0.0/16 or fd12:3456::/32"
# `ipaddress` would take netmasks and zones too.
_WRITTEN = re.compile(r"[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?", re.ASCII)


class _Block(NamedTuple):
    network: Network
    what: str


# Public or private, these are the doors to a cloud machine's own credentials.
_METADATA: tuple[Address, ...] = tuple(
    ip_address(text) for text in ("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254")
)

_NEVER = tuple(
    _Block(ip_network(text), what)
    for text, what in (
        ("0.0.0.0/8", "unspecified"),
        ("169.254.0.0/16", "link-local"),
        ("224.0.0.0/4", "multicast"),
        ("::/128", "unspecified"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)

_OPENABLE = tuple(
    _Block(ip_network(text), what)
    for text, what in (
        ("10.0.0.0/8", "private"),
        ("172.16.0.0/12", "private"),
        ("192.168.0.0/16", "private"),
        ("100.64.0.0/10", "private (shared address space)"),
        ("127.0.0.0/8", "loopback"),
        ("fc00::/7", "private (unique local)"),
        ("::1/128", "loopback"),
    )
)

OPENABLE: tuple[Network, ...] = tuple(block.network for block in _OPENABLE)
"""All that `allow_networks` can open."""

# The rest of IANA's IPv4 special-purpose registry, and multicast's neighbour.
_RESERVED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
    )
)

_UNICAST_V6 = IPv6Network("2000::/3")
# Teredo and its neighbours, documentation, 6to4: they reach other addresses or none.
_RESERVED_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


def _ranges(networks: Iterable[Network]) -> tuple[tuple[int, int], ...]:
    return tuple((int(network[0]), int(network[-1])) for network in networks)


# Compared as integers: an answer of thousands of addresses must not hold up the sender's loop.
_SPECIAL_V4 = _ranges(
    [block.network for block in (*_NEVER, *_OPENABLE) if block.network.version == 4]
    + list(_RESERVED_V4)
    + [ip_network(address) for address in _METADATA if address.version == 4]
)
_SPECIAL_V6 = _ranges(_RESERVED_V6)
_FIRST_V6, _LAST_V6 = _ranges([_UNICAST_V6])[0]


def judge_address(address: Address | str, allow: Sequence[Network] = ()) -> str | None:
    """None when `address` may be called, else the reason why not, without a full stop."""
    if isinstance(address, str):
        try:
            return judge_address(ip_address(address), allow)
        except ValueError:
            return f"{safe(address, 60)} is no IP address"
    number = int(address)
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return f"{safe(str(address), 60)} has a zone, and zoned addresses are never called"
        if address.ipv4_mapped is not None:
            return judge_address(address.ipv4_mapped, allow)
        if _FIRST_V6 <= number <= _LAST_V6 and not _within(number, _SPECIAL_V6):
            return None
    elif not _within(number, _SPECIAL_V4):
        return None
    return _refusal(address, allow)


def judge_answers(host: str, addresses: Iterable[str], allow: Sequence[Network] = ()) -> str | None:
    """None when every address that `host` resolved to may be called, else the first reason why not."""
    for address in addresses:
        reason = judge_address(address, allow)
        if reason is not None:
            return reason if address == host else f"{safe(host, 100)}: {reason}"
    return None


def allows_loopback(allow: Sequence[Network]) -> bool:
    """Whether some loopback address may be called."""
    loopback = [block.network for block in _OPENABLE if block.what == "loopback"]
    return any(network.overlaps(each) for network in allow for each in loopback)


def parse_network(text: str) -> Network:
    """A range for `allow_networks`, such as `10.20.0.0/16`; ValueError with the reason and the mend."""
    if not _WRITTEN.fullmatch(text):
        raise ValueError(_NO_NETWORK)
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(_mend(text)) from None
    if isinstance(network, IPv6Network) and network[0].ipv4_mapped is not None:
        raise ValueError("a mapped range is judged as IPv4; write it as an IPv4 range")
    if network.num_addresses == 1 and network[0] in _METADATA:
        raise ValueError("this is a metadata address, which is never called; leave it out")
    for block in _NEVER:
        if network.overlaps(block.network):
            raise ValueError(
                f"it has {block.what} addresses ({block.network}), which are never called; "
                "name the private or loopback range itself"
            )
    openable = any(network.overlaps(block) for block in OPENABLE)
    if not openable and judge_address(network[0]) is not None:
        raise ValueError("it is neither private nor loopback, and can't be opened; leave it out")
    return network


def _within(number: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    for first, last in ranges:  # noqa: SIM110 - a generator would double the cost
        if first <= number <= last:
            return True
    return False


def _refusal(address: Address, allow: Sequence[Network]) -> str | None:
    if address in _METADATA:
        return f"{address} is a metadata address, and those are never called"
    for block in _NEVER:
        if address in block.network:
            return f"{address} is {block.what}, and such addresses are never called"
    for block in _OPENABLE:
        if address in block.network:
            if any(address in network for network in allow):
                return None
            return f"{address} is {block.what}, and allow_networks does not have it"
    return f"{address} is reserved, not public unicast, and such addresses are never called"


def _mend(text: str) -> str:
    try:
        loose = ip_network(text, strict=False)
    except ValueError:
        return _NO_NETWORK
    return f"it has host bits set; write {loose} or {text.partition('/')[0]}/{loose.max_prefixlen}"
