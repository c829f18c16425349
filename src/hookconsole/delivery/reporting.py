"""What the sender says of attempts: where an endpoint begins or ceases to fail, and final failures.

Not a line for each attempt: those are in the journal.
"""

import logging
from collections.abc import Callable

from msgspec import UNSET

from hookconsole.journal.records import Attempt

log = logging.getLogger("hookconsole")


class Reporter:
    """Hears of every attempt that ended. A test has a line of its own: it is out of an endpoint's health."""

    def __init__(self) -> None:
        self.on_attempt: Callable[[Attempt], None] | None = None
        self._failing: dict[str, str] = {}

    def ended(self, attempt: Attempt) -> None:
        """Say what is new about it."""
        if self.on_attempt is not None:
            self.on_attempt(attempt)
        name = attempt.endpoint
        cause = attempt.error or f"status {attempt.status}"
        detail = f": {attempt.error_detail}" if attempt.error_detail else ""
        if attempt.test is not UNSET:
            if attempt.outcome != "delivered":
                log.warning("%s: its test failed: %s%s", name, cause, detail)
            return
        if attempt.outcome == "delivered":
            if self._failing.pop(name, None) is not None:
                log.warning("%s answers again", name)
            return
        if self._failing.get(name) != cause:
            self._failing[name] = cause
            log.warning(
                "%s fails: %s%s (event %s, attempt %d)", name, cause, detail, attempt.event, attempt.attempt
            )
        if attempt.outcome == "failed":
            log.warning("%s: event %s failed for good: %s", name, attempt.event, cause)
