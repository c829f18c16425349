"""Taking a `flock` with patience that ends: who holds one may be a process that was stopped."""

import fcntl
import time


def flocked(descriptor: int, kind: int, seconds: float, poll_seconds: float) -> bool:
    """Whether the lock (`LOCK_EX` or `LOCK_SH`) could be taken within so many seconds; 0 tries once."""
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if not seconds or time.monotonic() > until:
                return False
        time.sleep(poll_seconds)
