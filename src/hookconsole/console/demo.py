"""The demo in the console: its traffic beside the screen, until it is left or the traffic's time is over."""

import threading
from math import inf

from hookconsole.console.loglines import LogLines
from hookconsole.console.run import Showing
from hookconsole.demo.run import INTERRUPTED_SECONDS, Demo
from hookconsole.demo.store import ROLES

PACE = 8.0
"""Slower than headless: some people read what they see."""


def hints() -> list[str]:
    """What is to be seen, and what to do, a line each."""

    def of(mood: str) -> str:
        return " and ".join(name for name, role in ROLES.items() if role.mood == mood)

    return [
        "a demo: a throwaway store, live events, its own receiver, a made-up week",
        f"{of('healthy').replace(' and ', ', ', 1)} answer at once",
        f"{of('slow')} takes up to 2.5 s, and slows nobody else",
        f"{of('flaky')} fails three times in ten: its retries deliver",
        f"{of('down')} is down for 20 s of every 40: watch it fail, and recover",
        "press 3 to see deliveries, enter for why one failed, r to send it again",
        "press 2 for the endpoints, enter for their week, R to retry what failed",
        "press ? for all keys, q to end: then it says what it has proved",
    ]


def show(demo: Demo, seconds: float | None) -> int:
    """Show it until it is left, for so many seconds of traffic at most; 1 when the console failed."""
    log = LogLines()
    log.install()
    sender = _Sender(demo, seconds if seconds is not None else inf)

    def tick() -> None:
        if sender.done():
            showing.leave()

    showing = Showing(demo.home, sender, log, hints=hints(), tick=tick)
    sender.start()
    return showing.run()


class _Sender:
    """The demo's sender and its traffic, as the console's process sees them."""

    delivers = True

    def __init__(self, demo: Demo, seconds: float) -> None:
        self._demo = demo
        self._seconds = seconds
        self._thread = threading.Thread(target=self._run, name="traffic")
        self.failure = ""

    def start(self) -> None:
        """Begin to emit."""
        self._thread.start()

    def done(self) -> bool:
        """Whether all traffic has been, and has come to its end."""
        return not self._thread.is_alive()

    @property
    def left(self) -> str:
        """What is waited for at the end."""
        return f"waiting for {self._demo.waiting} deliveries to end, {INTERRUPTED_SECONDS:.0f} s at most"

    def take_over(self) -> None:
        """It is the sender from the start."""

    def look(self, *, config_changed: bool) -> None:
        """See whether the sender has died."""
        error = self._demo.error
        if error is not None and not self.failure:
            self.failure = f"the sender of this demo ended: {type(error).__name__}"

    def shown(self) -> None:
        """It began before."""

    def stop(self) -> None:
        """No more traffic, little patience."""
        if not self.done():
            self._demo.interrupt()

    def hurry(self) -> bool:
        """No patience any more; its store must go all the same."""
        self._demo.interrupt()
        return True

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of what is under way."""
        self._thread.join(timeout)
        return self.done()

    def _run(self) -> None:
        for _ in self._demo.live(self._seconds):
            pass
        for _ in self._demo.drain():
            pass
