"""Times as text and back. Every time in a file or a view is RFC 3339; the journal's are UTC, in microseconds.

Inside the program a time is a float of unix seconds, or a `datetime` where a library wants one.
"""

import re
import time
from datetime import datetime
from functools import lru_cache

from hookconsole.errors import InputError

# Patterns are compiled, and then kept by `re`, when first used: compiling costs `emit` a millisecond.
_RFC3339 = r"(?a:\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:[0-5]\d))"
_AGO = r"(?a:(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d|w))"
_LATEST = 253_402_300_799.0  # the last second that has four digits for its year
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def rfc3339(seconds: float) -> str:
    """Unix seconds as `2026-04-15T14:32:00.123456Z`."""
    whole = int(seconds)
    micros = round((seconds - whole) * 1e6)
    if micros == 1_000_000:
        whole, micros = whole + 1, 0
    return f"{_to_the_second(whole)}.{micros:06d}Z"


def rfc3339_seconds(seconds: float) -> str:
    """Unix seconds as `2026-04-15T14:32:00Z`."""
    return _to_the_second(int(seconds)) + "Z"


@lru_cache(maxsize=64)  # a record's time is looked at when it is decoded, and again when it is used
def parse_rfc3339(text: str) -> float:
    """Unix seconds of an RFC 3339 time; ValueError for anything else, a missing offset included."""
    # As the journal has them, in a quarter of the time: nearly every one is of a minute that was seen.
    if len(text) == 27 and text.isascii() and text[17] < "6" and text[19] + text[26] == ".Z":
        seconds, micros = text[17:19], text[20:26]
        if seconds.isdecimal() and micros.isdecimal():
            return (_minute_micros(text[:17]) + int(seconds + micros)) / 1_000_000
    return _any_rfc3339(text)


@lru_cache(maxsize=64)
def _minute_micros(text: str) -> int:
    return int(_any_rfc3339(text + "00Z")) * 1_000_000


def _any_rfc3339(text: str) -> float:
    if not re.fullmatch(_RFC3339, text):
        raise ValueError("not an RFC 3339 time with an offset, such as 2026-04-15T14:32:00Z")
    return datetime.fromisoformat(text.upper()).timestamp()


def parse_since(text: str, now: float) -> float:
    """Unix seconds of `2h`, `30m`, `7d` ago, a date, or an RFC 3339 time; from 1970 to the year 9999."""
    return min(max(_since(text, now), 0.0), _LATEST)


def _since(text: str, now: float) -> float:
    ago = re.fullmatch(_AGO, text)
    if ago:
        return now - float(ago[1]) * _UNIT_SECONDS[ago[2]]
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return datetime.fromisoformat(text).astimezone().timestamp()
        return parse_rfc3339(text)
    except (ValueError, OverflowError):  # years 1 and 9999, where local time leaves the calendar
        from hookconsole.text import safe

        raise InputError(
            f"'{safe(text, 60)}' is no time: give 90s, 30m, 2h, 7d, 2026-04-15 or 2026-04-15T14:32:00Z"
        ) from None


@lru_cache(maxsize=4)  # nearly every time that is written is of this second, or the last
def _to_the_second(whole: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
