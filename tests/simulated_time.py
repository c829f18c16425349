"""Time that passes only when nothing is left to do: two clocks, and an event loop that never waits.

The loop jumps to when something is due, and runs what belongs on other threads in its own, a moment later:
every run is the same.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

THREAD_SECONDS = 0.001
"""How long what is done on another thread takes."""


class Clock:
    """The wall clock and the monotonic one."""

    def __init__(self, wall: float) -> None:
        self.wall = wall
        self.monotonic = 1000.0

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.wall += seconds
        self.monotonic += seconds


class StuckError(Exception):
    """Everything waits for something that can't come."""


class _Selector(selectors.SelectSelector):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError
        if timeout > 0:
            self._clock.advance(timeout)
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop by a clock of ours. No sockets, no threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__(_Selector(clock))

    def time(self) -> float:
        return self._clock.monotonic

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., _T], *args: Any
    ) -> asyncio.Future[_T]:
        future: asyncio.Future[_T] = self.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:
                future.set_exception(error)

        self.call_later(THREAD_SECONDS, run)
        return future


def run(clock: Clock, work: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end; what is still going on then is stopped as a crash stops it."""
    loop = Loop(clock)
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
