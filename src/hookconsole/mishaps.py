"""What nobody expected, told without the values that the program held: secrets could be among them.

Invariant: of an error that nobody expected its type and its place are written, never what it says.
"""

import asyncio
import logging
import resource
import sys
import threading
import traceback
from typing import Any

from hookconsole.text import safe

log = logging.getLogger("hookconsole")


def told(error: BaseException) -> str:
    """The error's type and place in lines, and of those that it came from."""
    before = error.__cause__ or error.__context__
    first = f"{told(before)}\nthen\n\n" if before is not None else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    lines = f"{type(error).__module__}.{type(error).__qualname__}\n{frames}".splitlines()
    return first + "".join(f"{safe(line, 500)}\n" for line in lines)


def take_over() -> None:
    """Have what ends a thread told this way, too, and leave no image of the memory behind."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    threading.excepthook = lambda hooked: say_uncaught(hooked.exc_value)


def say_uncaught(error: BaseException | None) -> None:
    """An error that is a bug of ours, on stderr."""
    if error is not None:
        sys.stderr.write(f"hookconsole: an unexpected error, please report it:\n{told(error)}")
        sys.stderr.flush()


def on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An event loop's exception handler; what the loop would say names arguments, with their values."""
    error = context.get("exception")
    log.error("an unexpected error in an event loop: %s", type(error).__name__, exc_info=error)
