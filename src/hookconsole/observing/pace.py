"""How an onlooker's thread shares the processor with those that deliver and show.

Invariant: it works for some milliseconds at most, then rests, and ends at the next rest. Held longer,
Python's lock would make the sender wait after each of its system calls.
"""

import time

SLICE_SECONDS = 0.002

HASTE, ALONE, BESIDE_A_SENDER = 0.1, 1.0, 3.0
"""How long it rests for what it worked: while there is nothing to be shown yet, beside a screen, and where
this process sends as well."""

_REST_AT_MOST = 0.05


class EndedError(Exception):
    """The thread is to end."""


class Pace:
    """One thread's, which rests for `share` times as long as it worked. `end` is called from another one."""

    def __init__(self) -> None:
        self.share = HASTE
        self.ended = False
        self._since = time.monotonic()

    def begin(self) -> None:
        """The work begins, after a rest of another kind."""
        self._since = time.monotonic()

    def rest(self) -> None:
        """Rest if that is due. EndedError when the thread is to end."""
        if self.ended:
            raise EndedError
        spent = time.monotonic() - self._since
        if spent >= SLICE_SECONDS:
            time.sleep(min(spent * self.share, _REST_AT_MOST))
            self._since = time.monotonic()

    def end(self) -> None:
        """Have the next rest raise EndedError."""
        self.ended = True
