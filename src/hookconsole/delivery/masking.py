"""What a receiver echoes of our own must not be kept: header values, the URL's query, the secret.

Invariant: a kept response holds none of them, nor the beginning of one where it was cut off. Values under
`SHORTEST` characters can't be told from chance and stay.
"""

import html
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from hookconsole.config.model import Endpoint
from hookconsole.delivery.signing import STANDARD_PREFIX

SHORTEST = 4
MASK = "***"


def private_texts(endpoint: Endpoint, *secrets: str) -> tuple[str, ...]:
    """All that is an endpoint's own secret matter, as a receiver might spell it, the longest first."""
    query = urlsplit(endpoint.url).query
    values = [value for _, value in endpoint.headers]
    values += [query, *(value for _, value in parse_qsl(query, keep_blank_values=True))]
    for secret in secrets:
        values += [secret, secret.removeprefix(STANDARD_PREFIX)]
    spelled = {form for value in values for form in _spellings(value)}
    return tuple(sorted((text for text in spelled if len(text) >= SHORTEST), key=len, reverse=True))


def _spellings(value: str) -> Iterator[str]:
    """As it is, in a URL, in JSON by several languages, in HTML."""
    quoted = {quote(value, safe=""), quote(value), quote_plus(value)}
    in_json = json.dumps(value)[1:-1]
    yield from (value, html.escape(value), in_json, in_json.replace("/", "\\/"))
    yield from quoted
    yield from (_lower_hex(text) for text in quoted)


def _lower_hex(text: str) -> str:
    return "%".join([text.split("%")[0], *(part[:2].lower() + part[2:] for part in text.split("%")[1:])])


@lru_cache(1024)
def lowered(private: tuple[str, ...]) -> tuple[str, ...]:
    """The private texts as they'd stand in a header's name, which is kept in lower case."""
    return tuple(text.lower() for text in private)


def is_any_in(text: str, private: Iterable[str]) -> bool:
    """Whether any of the private texts occurs: most responses hold none, and are looked through once."""
    return any(map(text.__contains__, private))


def masked(text: str, private: Iterable[str], *, cut_off: bool = False) -> str:
    """`text` without any of the private ones; `cut_off` says that its end is missing."""
    for value in private:
        text = text.replace(value, MASK)
        if cut_off:
            for length in range(len(value) - 1, SHORTEST - 1, -1):
                if text.endswith(value[:length]):
                    text = text[:-length] + MASK
                    break
    return text
