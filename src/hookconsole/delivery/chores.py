"""What is done again and again while the loop runs. A chore ends by failing, or by being canceled."""

import asyncio
from collections.abc import Awaitable, Callable


def every(seconds: float, chore: Callable[[], None]) -> asyncio.Future[None]:
    """Do it again and again, until the future is canceled, or fails as it does.

    A timer, as a task that sleeps costs an idle sender twice as much.
    """
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def turn() -> None:
        if ended.done():
            return
        try:
            chore()
        except Exception as error:  # told by whoever looks at the future
            ended.set_exception(error)
        else:
            loop.call_later(seconds, turn)

    loop.call_soon(turn)
    return ended


async def between(seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
    """Do it again and again, resting so long between two."""
    while True:
        await chore()
        await asyncio.sleep(seconds)
