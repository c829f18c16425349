"""Times of the journal's records as unix seconds, quickly: nearly every one is of the last one's minute."""

from hookconsole.clock import parse_rfc3339

_TO_THE_MINUTE = len("2026-04-15T14:32:")


class Moments:
    """Reads one record's time after the other."""

    def __init__(self) -> None:
        self._minute = ""
        self._seconds = 0

    def __call__(self, at: str) -> float:
        """Unix seconds of an RFC 3339 time."""
        if at.endswith("Z"):
            if at[:_TO_THE_MINUTE] != self._minute:
                self._seconds = int(parse_rfc3339(at)) // 60 * 60
                self._minute = at[:_TO_THE_MINUTE]
            return self._seconds + float(at[_TO_THE_MINUTE:-1])
        return parse_rfc3339(at)
