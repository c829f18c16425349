"""What a receiver echoes of our own must not be kept: header values, the URL's query, the secret.

Invariant: a kept response holds none of them, nor the beginning of one where it was cut off. Values under
`SHORTEST` characters can't be told from chance and stay.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from hookconsole.config.model import Endpoint
from hookconsole.delivery.signing import STANDARD_PREFIX

SHORTEST = 4
MASK = "***"

_RUN = f"[a-z0-9]{{{SHORTEST},}}"
"""What every spelling leaves as it is."""

_UNICODE = re.compile(r"\\u([0-9a-f]{4})")


class Private:
    """An endpoint's own secret matter: `values`, as a receiver might spell them."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        spelled = {form for value in values for form in _spellings(value) if len(form) >= SHORTEST}
        self._texts = sorted(spelled, key=len, reverse=True)
        self._in_names = [text.lower() for text in self._texts]
        self._telltales = _telltales(text.casefold() for text in self._texts)

    def may_be_in(self, text: str) -> bool:
        """False where there is none of it, in upper or lower case: most responses are looked through once."""
        return any(map(text.casefold().__contains__, self._telltales))

    def masked(self, text: str, *, cut_off: bool = False) -> str:
        """`text` without any of it; `cut_off` says that its end is missing."""
        for value in self._texts:
            text = text.replace(value, MASK)
            if cut_off:
                for length in range(len(value) - 1, SHORTEST - 1, -1):
                    if text.endswith(value[:length]):
                        text = text[:-length] + MASK
                        break
        return text

    def masked_name(self, name: str) -> str:
        """A header's name, which is kept in lower case, without any of it."""
        for value in self._in_names:
            name = name.replace(value, MASK)
        return name


def private_of(endpoint: Endpoint, *secrets: str) -> Private:
    """What of an endpoint and its secrets must not be kept."""
    query = urlsplit(endpoint.url).query
    values = [value for _, value in endpoint.headers]
    values += [query, *(value for _, value in parse_qsl(query, keep_blank_values=True))]
    for secret in secrets:
        values += [secret, secret.removeprefix(STANDARD_PREFIX)]
    return Private(values)


def _spellings(value: str) -> Iterator[str]:
    """As it is, in a URL, in JSON and HTML by several languages, and read in the wrong encoding."""
    quoted = {quote(value, safe=""), quote(value), quote_plus(value)}
    yield from (value, *quoted, *map(_lower_hex, quoted))
    in_json, plain = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    yield from (in_json, in_json.replace("/", "\\/"))
    yield from (_each("[&<>]", r"\u%04x", text) for text in (in_json, plain))
    yield _each("[&'+<>`]", r"\u%04X", _UNICODE.sub(_upper_hex, in_json.replace('\\"', r"\u0022")))
    in_html = html.escape(value, quote=False)
    yield from (html.escape(value), _each("[\"'+]", "&#%d;", in_html), _each("['+]", "&#x%X;", in_html))
    yield in_html.replace('"', "&quot;").replace("'", "&#39;")
    yield value.encode("utf-8", "replace").decode("latin-1")
    yield value.encode("latin-1", "replace").decode("utf-8", "backslashreplace")


def _each(characters: str, form: str, text: str) -> str:
    return re.sub(characters, lambda match: form % ord(match[0]), text)


def _upper_hex(match: re.Match[str]) -> str:
    return r"\u" + match[1].upper()


def _lower_hex(text: str) -> str:
    return "%".join([text.split("%")[0], *(part[:2].lower() + part[2:] for part in text.split("%")[1:])])


def _telltales(texts: Iterable[str]) -> list[str]:
    """So few and short texts that none of `texts` can occur without one of them."""
    found: list[str] = []
    runs = (max(re.findall(_RUN, text), key=len, default=text) for text in texts)
    for run in sorted(set(runs), key=len):
        if not any(short in run for short in found):
            found.append(run)
    return found
