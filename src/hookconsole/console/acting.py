"""Work at an operator's desk: in a thread, so that nothing that is slow holds up the screen.

The threads don't keep the process: who quits needn't wait for the result of a test.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from hookconsole.errors import RefusedError
from hookconsole.operating.desk import Desk
from hookconsole.paths import Home

Result = TypeVar("Result")


async def at_desk(home: Home, what: Callable[[Desk], Result]) -> Result:
    """What `what` gives at a desk of its own; a HookconsoleError says why it couldn't be done."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def work() -> None:
        try:
            result = _done(home, what)
        except BaseException as error:
            _tell(loop, future, future.set_exception, error)
        else:
            _tell(loop, future, future.set_result, result)

    threading.Thread(target=work, name="operator", daemon=True).start()
    return await future


def _done(home: Home, what: Callable[[Desk], Result]) -> Result:
    desk = Desk(home)
    try:
        return what(desk)
    except OSError as error:
        raise RefusedError(f"{error.strerror or type(error).__name__}: {error.filename or ''}") from None
    finally:
        desk.close()


Told = TypeVar("Told")


def _tell(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[Result],
    tell: Callable[[Told], None],
    what: Told,
) -> None:
    def told() -> None:
        if not future.done():  # who asked may have gone
            tell(what)

    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(told)
