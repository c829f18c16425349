"""Since when to retry what failed at an endpoint: guessed from hourly totals, for the operator to correct.

Pure. Times are unix seconds. What failed in an hour was accepted a whole series of attempts earlier at most.
"""

from collections.abc import Sequence

from hookconsole.config.model import DeliveryPolicy
from hookconsole.journal.totals import Hour

_HOUR = 3600
_QUIET_HOURS = 2
"""So long nothing may have been sent within one outage."""


def outage_began(hours: Sequence[Hour], policy: DeliveryPolicy) -> float | None:
    """When what failed in the newest run of hours with failures may have been accepted; None of no failure.

    `hours` are ascending; hours without attempts are left out.
    """
    began: int | None = None
    for hour in reversed(hours):
        if began is None:
            if hour.failed:
                began = hour.hour
        elif hour.failed and began - hour.hour <= _QUIET_HOURS:
            began = hour.hour
        else:
            break
    if began is None:
        return None
    series = sum(policy.retry_schedule) + policy.timeout_seconds * (len(policy.retry_schedule) + 1)
    return began * _HOUR - series
