"""Folders for this user alone, and when their names are durable.

Invariant: before the first thing is made in a folder, the folder's own name is durable. So no power loss
takes away a folder in which anything was accepted, whoever had made it and however far they had come.
"""

import contextlib
import os


def make_private(folder: str) -> None:
    """Make a folder, and those above it that are missing, for this user alone, whatever the umask."""
    if not os.path.isdir(folder):
        above = os.path.dirname(folder) or "."
        make_private(above)
        make_durable(above)
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)


def make_durable(folder: str) -> None:
    """Make a folder's own name durable. Where that isn't allowed, the folder isn't of our making."""
    with contextlib.suppress(PermissionError):
        sync_folder(os.path.dirname(folder) or ".")


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
