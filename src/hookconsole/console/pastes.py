"""What a terminal sends, taken apart into what is typed and what is pasted. Pure.

Invariant: nothing that stands in a paste is a key. Textual reads what follows an escape in one as keys, which
are commands; some terminals, and tmux, leave escapes in.
"""

from collections.abc import Iterator

_BEGIN, _END = "\x1b[200~", "\x1b[201~"


class Pastes:
    """The input of one terminal, in pieces as they come."""

    def __init__(self) -> None:
        self._rest = ""
        self._inside = False

    def take(self, text: str) -> Iterator[tuple[bool, str]]:
        """What has come to its end by this piece: whether it was pasted, and its text."""
        rest = self._rest + text
        while True:
            before, mark, behind = rest.partition(_END if self._inside else _BEGIN)
            if not mark:
                break
            if before:
                yield self._inside, before
            self._inside = not self._inside
            rest = behind
        held = len(rest) if self._inside else _begun(rest)
        if held < len(rest):
            yield False, rest[: len(rest) - held]
        self._rest = rest[len(rest) - held :]

    def waited(self) -> Iterator[tuple[bool, str]]:
        """Nothing has come for a while: what might have begun a paste was typed, such as an escape alone."""
        if self._rest and not self._inside:
            yield False, self._rest
            self._rest = ""


def _begun(text: str) -> int:
    """How much of a paste's first mark stands at the end of a text."""
    return next((count for count in range(len(_BEGIN) - 1, 0, -1) if text.endswith(_BEGIN[:count])), 0)
