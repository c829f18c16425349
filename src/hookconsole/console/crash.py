"""The record of a crash: where it happened, without the values that the program held, secrets among them."""

import contextlib
import os
import time
from pathlib import Path

from hookconsole.folders import make_private
from hookconsole.mishaps import told
from hookconsole.version import __version__


def record(error: BaseException, state: Path) -> Path | None:
    """Write it into a private file of the state directory; None when that can't be done."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = state / f"console-crash-{stamp}-{os.getpid()}.txt"
    with contextlib.suppress(OSError):
        make_private(str(state))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"hookconsole {__version__}\n{told(error)}")
        return path
    return None
