"""The config file's bytes, read without trust in what the path names.

Invariants: reading never waits for a FIFO and never takes more than the limit. Every refusal is one
line that names the file; an absent file is none.
"""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from hookconsole.errors import InputError
from hookconsole.text import safe

CONFIG_BYTES_AT_MOST = 16 << 20
"""50,000 endpoints take 12 MiB."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file's bytes, and its state when they were read."""

    raw: bytes = field(repr=False)
    status: os.stat_result


def read(path: Path) -> Read | None:
    """The file as it is; None if there is none; InputError if it can't be a config file."""
    try:
        # Without O_NONBLOCK the opening of a FIFO would hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        if path.is_symlink():
            raise InputError(f"{shown(path)} is a link to nothing; mend or remove the link") from None
        return None
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise InputError(f"{shown(path)} is {kind}; name a TOML file")
        with open(descriptor, "rb", closefd=False) as file:
            raw = file.read(CONFIG_BYTES_AT_MOST + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(descriptor)
    if len(raw) > CONFIG_BYTES_AT_MOST:
        raise InputError(f"{shown(path)} is over {CONFIG_BYTES_AT_MOST >> 20} MiB; is it the right file?")
    return Read(raw, status)


def loose_mode(path: Path) -> int | None:
    """The permission bits of a file that others than its owner may use; None if it is 0600 or stricter."""
    try:
        status = path.stat()
    except OSError:
        return None
    mode = stat.S_IMODE(status.st_mode)
    return mode if stat.S_ISREG(status.st_mode) and mode & 0o077 else None


def shown(path: Path) -> str:
    """A path as a message shows it."""
    return safe(str(path))


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{shown(path)} can't be read: {error.strerror}; make it a file that you may read")
