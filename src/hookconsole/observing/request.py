"""The request of an attempt, made again from the registry as it is now: what an operator may see and copy.

Invariant: no value of an endpoint's own headers, no URL's query and no secret is in here; a command that
needs them names shell variables in their place.
"""

import os
import re
import shlex

from msgspec import Struct

from hookconsole.config.model import Config, Endpoint
from hookconsole.config.views import MASK
from hookconsole.delivery.attempt import Result, request_for
from hookconsole.delivery.target import Target
from hookconsole.network.url import mask_url
from hookconsole.text import is_seen

_MADE_BY_CURL = frozenset({"host", "content-length", "accept"})
_ARGUMENT_BYTES_AT_MOST = 100_000
"""Linux takes no longer argument than 128 KiB."""


class Header(Struct, frozen=True):
    """One header; an endpoint's own has no value here."""

    name: str
    value: str
    own: bool = False


class Request(Struct, frozen=True):
    """One POST. `url` is masked, `address` is the URL up to its query, `body` what is signed and sent."""

    url: str
    address: str
    has_query: bool
    headers: tuple[Header, ...]
    body: bytes
    ca_file: str | None = None


def request_of(endpoint: Endpoint, config: Config, event: str, body: bytes, at: float) -> Request | str:
    """The request of an attempt at `at` (unix seconds) by the registry of now; or why there is none."""
    target = Target(endpoint, config)
    post = request_for(target, event, body, at)
    if isinstance(post, Result):
        return post.detail or post.error or ""
    own = {name.lower() for name, _ in endpoint.headers}
    headers = []
    for raw_name, raw_value in post.raw_headers:
        name = raw_name.decode("latin-1")
        if name.lower() in own:
            headers.append(Header(name, MASK, own=True))
        else:
            headers.append(Header(name, raw_value.decode("latin-1")))
    address, query, _ = endpoint.url.partition("?")
    return Request(mask_url(endpoint.url), address, bool(query), tuple(headers), body, endpoint.ca_file)


def may_have_changed(endpoint: Endpoint, config_file: str, since: float) -> bool:
    """Whether URL, headers or secret may be others than at `since` (unix seconds): by the files' times."""
    if endpoint.secret.kind == "env":
        return True
    files = [config_file, *([endpoint.secret.value] if endpoint.secret.kind == "file" else [])]
    try:
        return any(os.stat(file).st_mtime >= since for file in files)
    except OSError:
        return True


def curl(request: Request) -> str:
    """A command for a shell that makes the request; what is private stands in variables that it names."""
    variables: set[str] = set()
    parts = ["curl -sS -i -g"]
    if request.ca_file:
        parts.append(f"--cacert {quoted(request.ca_file)}")
    for header in request.headers:
        if header.own:
            name = _variable("HEADER_" + header.name, variables)
            parts.append(f'-H {quoted(header.name + ": ")}"${name}"')
        elif header.name.lower() not in _MADE_BY_CURL:
            parts.append(f"-H {quoted(f'{header.name}: {header.value}')}")
    body = quoted(request.body.decode())
    big = len(body) > _ARGUMENT_BYTES_AT_MOST
    parts.append("--data-binary " + ("@-" if big else body))
    url = quoted(request.address)
    parts.append(url + "'?'\"$URL_QUERY\"" if request.has_query else url)
    command = " \\\n  ".join(parts)
    # `printf` is the shell's own, and takes any length.
    return f"printf %s {body} |\n{command}" if big else command


def quoted(text: str) -> str:
    """A text as one word of a shell; what a terminal might obey on its way there is spelled in escapes."""
    if all(map(is_seen, text)):
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    spelled = (c if is_seen(c) else "".join(f"\\{byte:03o}" for byte in c.encode()) for c in escaped)
    return f"$'{''.join(spelled)}'"


def _variable(text: str, taken: set[str]) -> str:
    name = re.sub(r"[^A-Z0-9_]", "_", text.upper())
    while name in taken:
        name += "_"
    taken.add(name)
    return name
