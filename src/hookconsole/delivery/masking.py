"""What a receiver echoes of our own must not be kept: header values, the URL's query, the secret.

Invariant: a kept response holds none of them, nor the beginning of one where it was cut off. Values under
`SHORTEST` characters can't be told from chance and stay.
"""

import json
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, urlsplit

from hookconsole.config.model import Endpoint

SHORTEST = 4
MASK = "***"


def private_texts(endpoint: Endpoint, *secrets: str) -> tuple[str, ...]:
    """All that is an endpoint's own secret matter, as a receiver might spell it, the longest first."""
    query = urlsplit(endpoint.url).query
    values = [value for _, value in endpoint.headers]
    values += [query, *(value for _, value in parse_qsl(query, keep_blank_values=True))]
    values += secrets
    spelled = {form for value in values for form in (value, quote(value, safe=""), json.dumps(value)[1:-1])}
    return tuple(sorted((text for text in spelled if len(text) >= SHORTEST), key=len, reverse=True))


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
