"""A new content for the config file, whole or not at all, and never over an edit that wasn't seen.

Invariants, under the config's lock: at every moment the path holds the old file or the new one,
both complete; a secret is in no file that others can read; what a crash leaves behind is one
temporary file of a fixed name, which the next save removes.
"""

import contextlib
import os
import stat
from pathlib import Path

from hookconsole.config.file import Read, read, shown
from hookconsole.errors import RefusedError
from hookconsole.folders import make_durable, sync_folder


def save(real: Path, old: Read | None, new: bytes) -> bool:
    """Replace the file by `new`, durably; False if it isn't `old` any more. `real` is no link.

    Mode and owner stay; a new file is 0600. RefusedError if the disk or a permission forbids it.
    """
    temporary = real.with_name(f".{real.name}.tmp")
    try:
        try:
            _write(temporary, new, old)
            if not _still(real, old):
                return False
            if old is None:
                make_durable(str(real.parent))
            temporary.replace(real)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
        sync_folder(str(real.parent))
    except OSError as error:
        raise RefusedError(
            f"{shown(real)} could not be saved: {error.strerror}; make room or mend the permissions"
            " and try again"
        ) from None
    return True


def _write(temporary: Path, new: bytes, old: Read | None) -> None:
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600)
    try:
        rest = memoryview(new)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if old is not None:
            made = os.fstat(descriptor)
            if (made.st_uid, made.st_gid) != (old.status.st_uid, old.status.st_gid):
                os.fchown(descriptor, old.status.st_uid, old.status.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(old.status.st_mode))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _still(real: Path, old: Read | None) -> bool:
    # Editors take no lock of ours: what they saved meanwhile must not be lost.
    now = read(real)
    if now is None or old is None:
        return now is None and old is None
    return now.raw == old.raw and now.status.st_ino == old.status.st_ino
