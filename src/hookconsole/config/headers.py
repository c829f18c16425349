"""Which headers a config may name: whatever passes here can't break a request or pass for ours.

The rules are stricter than HTTP's, so that no HTTP library, proxy or terminal reads a header in
another way.
"""

import re
from collections.abc import Mapping

HEADERS_AT_MOST = 32
NAME_BYTES_AT_MOST = 128
VALUE_BYTES_AT_MOST = 4096

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_VALUE = re.compile(r"[!-~](?:[ \t!-~]*[!-~])?", re.ASCII)
_OURS = {
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "user-agent",
}
_OUR_PREFIXES = ("webhook-", "proxy-")


def why_no_name(name: str) -> str | None:
    """Why `name` can't name a header of a config's own; None if it can."""
    if not _TOKEN.fullmatch(name):
        return "is no header name; use letters, digits and hyphens"
    if len(name) > NAME_BYTES_AT_MOST:
        return f"is longer than {NAME_BYTES_AT_MOST} characters; shorten it"
    lowered = name.lower()
    if lowered in _OURS or lowered.startswith(_OUR_PREFIXES):
        return "is a header that hookconsole sets itself; take it out"
    return None


def why_no_value(value: object) -> str | None:
    """Why `value` can't be a header's value, without showing it; None if it can."""
    if not isinstance(value, str):
        return "must be a string; put it in quotes"
    if len(value) > VALUE_BYTES_AT_MOST:
        return f"is longer than {VALUE_BYTES_AT_MOST} bytes; shorten it"
    if not _VALUE.fullmatch(value):
        return "must be printable ASCII, not empty, with spaces only between words; correct the value"
    return None


def judge_headers(
    table: Mapping[str, object], signature_header: str
) -> tuple[tuple[tuple[str, str], ...], list[tuple[str, str]]]:
    """The headers of an endpoint's table, and what is wrong with others: (name, reason) each."""
    headers: list[tuple[str, str]] = []
    problems: list[tuple[str, str]] = []
    seen: dict[str, str] = {}
    for name, value in table.items():
        lowered = name.lower()
        reason = why_no_name(name)
        if lowered == signature_header.lower():
            reason = "is the signature's own header; take it out"
        elif lowered in seen:
            reason = f"stands twice, as {seen[lowered]} too; remove one"
        seen[lowered] = name
        reason = reason or why_no_value(value)
        if reason:
            problems.append((name, reason))
        else:
            headers.append((name, str(value)))
    if len(table) > HEADERS_AT_MOST:
        problems.append(("", f"holds over {HEADERS_AT_MOST} headers; remove some"))
    return tuple(headers), problems
