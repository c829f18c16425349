"""Faults that the real kernel makes in a real process, at a chosen system call: `strace` does it.

A signal comes before the call that is counted, so that each number is the moment between two calls. Calls are
counted for each thread and each name apart.
"""

import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from running import wait_until

from hookconsole.delivery.lock import sender_note

_STRACE = ["strace", "-f", "-o", "/dev/null"]


@functools.cache
def _what_strace_lacks() -> str:
    if shutil.which("strace") is None:
        return "strace is not installed"
    done = subprocess.run(
        [*_STRACE, "-e", "trace=write", "true"], capture_output=True, text=True, check=False
    )
    return f"strace can't trace here: {done.stderr.strip()}" if done.returncode else ""


needs_strace = pytest.mark.skipif(bool(_what_strace_lacks()), reason=_what_strace_lacks())


def killed_at(call: str, number: int, command: Sequence[str]) -> list[str]:
    """The command, to be killed before its `number`th call of that name."""
    return faulty(call, f"signal=SIGKILL:when={number}", command)


def faulty(call: str, fault: str, command: Sequence[str]) -> list[str]:
    """The command, with a fault in calls of that name."""
    return [*_STRACE, "-e", f"trace={call}", "-e", f"inject={call}:{fault}", *command]


def run_sender(command: Sequence[str], state: Path, done: Callable[[], bool]) -> bool:
    """A daemon with a fault in it, ended when it has done what it should; whether it was killed before."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True)
    how = signal.SIGKILL
    try:
        wait_until(lambda: process.poll() is not None or done(), "what was to be done, or a kill")
        how = signal.SIGTERM
    finally:
        # To whom it may concern: strace keeps signals to itself, and lets go what it traces when it dies.
        note = sender_note(state)
        if note is not None and process.poll() is None:
            os.kill(note.pid, how)
        process.wait(60)
    return was_killed(process)


def was_killed(process: "subprocess.Popen[str] | subprocess.CompletedProcess[str]") -> bool:
    """Whether the kill came: strace ends as what it traced did."""
    return process.returncode in (-9, 137)


def is_root() -> bool:
    """Whether this process may mount."""
    return os.geteuid() == 0
