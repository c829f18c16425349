"""Which URLs may be configured: the host that is judged here is the host that will be called.

The text is taken apart by one strict pattern, and refused wherever another parser could read another
host out of it. No message repeats any of the text, because a password or a token may be anywhere in it.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

import httpx
import idna

from hookconsole.network.addresses import OPENABLE, Network, allows_loopback, judge_address
from hookconsole.text import safe

LENGTH_AT_MOST = 2048
"""Characters, which are bytes: a URL is ASCII."""

_PRINTABLE = re.compile(r"[!-~]*", re.ASCII)
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?P<host>\[[^\[\]/?#@]*\]|[^/?#:@\[\]]*)"
    r"(?::(?P<port>[^/?#]*))?"
    r"(?P<rest>(?:[/?].*)?)",
    re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# What a browser or inet_aton would read as a number: 2130706433, 0x7f.1, 127.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
DEFAULT_PORTS = {"https": 443, "http": 80}

_SHOWN = re.compile(
    r"(?P<before>https?://)(?P<userinfo>[^/?#]*@)?(?P<host>\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9._-]*)"
    r"(?P<port>:[0-9]*)?(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


def judge_url(text: str, *, https_only: bool, allow: Sequence[Network] = ()) -> httpx.URL:
    """The parsed URL of a receiver; ValueError with one line, the reason and the mend, without the text."""
    if not text.isascii():
        raise ValueError(
            "the URL is not ASCII; write the host in punycode (xn--…) and the path percent-encoded"
        )
    if not _PRINTABLE.fullmatch(text):
        raise ValueError("the URL has a space or a control character; remove it")
    if len(text) > LENGTH_AT_MOST:
        raise ValueError(f"the URL is over {LENGTH_AT_MOST} characters; shorten it")
    authority = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        raise ValueError("the URL has a user or password before @; remove it, and use headers")
    if "#" in text:
        raise ValueError("the URL has a fragment, which no receiver gets; remove the # part")
    parts = _URL.fullmatch(text)
    if parts is None:
        raise ValueError("this is no URL; write it as https://host/path")
    scheme = _judge_scheme(parts["scheme"].lower(), https_only)
    host = parts["host"].lower()
    _judge_host(host, allow)
    port = _judge_port(parts["port"], scheme)
    return _parsed(text, scheme, host.strip("[]"), port)


def mask_url(url: str) -> str:
    """`url` for a view, its query and any userinfo hidden: `https://host/path?***`. Never raises."""
    parts = _SHOWN.fullmatch(url)
    if parts is None:
        return "***"
    return safe(
        parts["before"]
        + ("***@" if parts["userinfo"] else "")
        + parts["host"]
        + (parts["port"] or "")
        + (parts["path"] or "")
        + ("?***" if parts["query"] else "")
        + ("#***" if parts["fragment"] else "")
    )


def _judge_scheme(scheme: str, https_only: bool) -> str:
    if scheme == "https" or (scheme == "http" and not https_only):
        return scheme
    if scheme == "http":
        raise ValueError(
            "the URL is http, and https_only is on; write https://, or set security.https_only = false"
        )
    raise ValueError("the URL's scheme is not https; write it as https://host/path")


def _judge_host(host: str, allow: Sequence[Network]) -> None:
    if not host:
        raise ValueError("the URL has no host; write it as https://host/path")
    labels = host.split(".")
    if host.startswith("["):
        _judge_literal(_v6(host[1:-1]), allow)
        return
    if _NUMBER.fullmatch(labels[-1]):
        _judge_literal(_v4(host), allow)
        return
    if labels[-1] == "" and len(labels) > 1:
        raise ValueError("the URL's host ends in a dot; remove it")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(
            "the URL's host is no host name; use letters, digits and - in labels of at most 63, 253 in all"
        )
    if any(label.startswith("xn--") and not _decodes(label) for label in labels):
        raise ValueError("the URL's host has an xn-- label that is no valid punycode; correct it")
    if labels[-1] == "localhost" and not allows_loopback(allow):
        raise ValueError(
            "localhost is loopback, and allow_networks does not have it; name a public host, "
            'or add "127.0.0.0/8" to security.allow_networks'
        )


def _v6(text: str) -> IPv6Address:
    if "%" in text:
        raise ValueError("the URL's IPv6 address has a zone, and such are never called; remove it")
    try:
        return IPv6Address(text)
    except ValueError:
        raise ValueError("what is in [ ] is no IPv6 address; correct it") from None


def _v4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise ValueError(
            "the URL's host ends in a number and is no IPv4 address; write all four parts, in decimal"
        ) from None


def _judge_literal(address: IPv4Address | IPv6Address, allow: Sequence[Network]) -> None:
    reason = judge_address(address, allow)
    if reason is not None:
        openable = judge_address(address, OPENABLE) is None
        more = ", or add its network to security.allow_networks" if openable else ""
        raise ValueError(f"{reason}; name a public host{more}")


def _decodes(label: str) -> bool:
    try:
        idna.ulabel(label)
    except UnicodeError:
        return False
    return True


def _judge_port(text: str | None, scheme: str) -> int:
    if text is None:
        return DEFAULT_PORTS[scheme]
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise ValueError("the URL's port is no number from 1 to 65535; correct or remove it")
    return int(text)


def _parsed(text: str, scheme: str, host: str, port: int) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise ValueError("this is no URL; write it as https://host/path") from None
    # httpx keeps the default port of an upper-case scheme.
    read = (url.scheme, url.raw_host, url.port or DEFAULT_PORTS[scheme])
    if read != (scheme, host.encode(), port) or url.userinfo:
        raise ValueError("the URL can be read in two ways; write it as https://host/path")
    return url
