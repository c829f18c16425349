"""A program that has the terminal to itself until it ends, while the console's deliveries go on.

Invariant: its ^C and ^Z are its own. It is a process group of its own; when it is stopped it goes on at once,
for there is no shell here to bring it back. It gets no variable that the config file takes a secret from.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from hookconsole.config.file import read
from hookconsole.errors import HookconsoleError

_SECRET_ENV = re.compile(rb"""secret_env["']?\s*=\s*["'](\w+)["']""")


def run_in_front(command: Sequence[str], config: Path, stdin: IO[str] | None = None) -> int:
    """Run a program in the foreground; its exit code. OSError if it can't be started."""
    terminal = _terminal()
    group = 0 if terminal is not None else None
    process = subprocess.Popen(command, stdin=stdin, process_group=group, env=_without_secrets(config))  # noqa: S603
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        while True:
            _give(terminal, process.pid)
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                break
            _give(terminal, process.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGCONT)
    finally:
        _give(terminal, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode


def _without_secrets(config: Path) -> dict[str, str]:
    """Our environment but for what the file as it is, a refused one too, names as `secret_env`."""
    with contextlib.suppress(HookconsoleError):
        found = read(config)
        named = {name.decode() for name in _SECRET_ENV.findall(found.raw)} if found else set()
        return {name: value for name, value in os.environ.items() if name not in named}
    return dict(os.environ)


def _terminal() -> int | None:
    """The descriptor of our terminal, if we are in its foreground."""
    stream = sys.__stdin__
    try:
        descriptor = stream.fileno() if stream is not None else -1
        return descriptor if os.tcgetpgrp(descriptor) == os.getpgrp() else None
    except (OSError, ValueError):
        return None


def _give(terminal: int | None, group: int) -> None:
    if terminal is not None:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, group)
