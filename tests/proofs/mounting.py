"""File systems of a test's own: a small tmpfs that fills up, an ext4 image that loses its power."""

import contextlib
import fcntl
import functools
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import wait_until

_EXT4_SHUTDOWN = 0x8004587D
_WITHOUT_FLUSHING = 2

_EXT4_MIB = 24
_TOOLS = ("mount", "umount", "mkfs.ext4", "losetup")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(command[:3])}: {done.stderr.strip()}")


def _succeeds(*command: str) -> bool:
    return not subprocess.run(command, capture_output=True, check=False).returncode


@contextlib.contextmanager
def mounted(folder: Path, *how: str) -> Iterator[Path]:
    """A file system at a folder, as `mount` is told; gone at the end, whoever still uses it."""
    folder.mkdir(exist_ok=True)
    _run("mount", *how, str(folder))
    try:
        yield folder
    finally:
        try:  # who was killed has it open until its end
            wait_until(lambda: _succeeds("umount", str(folder)), f"{folder} used by nobody", 20)
        except AssertionError as error:
            _run("umount", "-l", str(folder))
            raise OSError(str(error)) from None


def small_disk(folder: Path, kib: int) -> contextlib.AbstractContextManager[Path]:
    """A disk of so many KiB in memory."""
    return mounted(folder, "-t", "tmpfs", "-o", f"size={kib}k,mode=0700", "none")


def remount(folder: Path, how: str) -> None:
    """Make a file system `ro` or `rw`."""
    _run("mount", "-o", f"remount,{how}", str(folder))


def make_image(path: Path) -> None:
    """An empty ext4 in a file."""
    with path.open("wb") as file:
        file.truncate(_EXT4_MIB << 20)
    _run("mkfs.ext4", "-q", "-F", str(path))


def image_at(folder: Path, image: Path) -> contextlib.AbstractContextManager[Path]:
    """The ext4 of a file, with what its own journal recovers."""
    return mounted(folder, "-o", "loop", str(image))


def lose_power(folder: Path) -> None:
    """From now on nothing reaches the disk, and what hadn't reached it is lost."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(fd, _EXT4_SHUTDOWN, struct.pack("I", _WITHOUT_FLUSHING))
    finally:
        os.close(fd)


@functools.cache
def _what_tmpfs_lacks() -> str:
    if os.geteuid():
        return "only root may mount a tmpfs"
    with tempfile.TemporaryDirectory() as name:
        try:
            with small_disk(Path(name, "disk"), 64):
                return ""
        except OSError as error:
            return f"no tmpfs can be mounted here: {error}"


@functools.cache
def _what_ext4_lacks() -> str:
    if os.geteuid():
        return "only root may mount an image"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    with tempfile.TemporaryDirectory() as name:
        try:
            make_image(Path(name, "image"))
            with image_at(Path(name, "disk"), Path(name, "image")) as disk:
                lose_power(disk)
        except OSError as error:
            return f"no loop mount of ext4 that can be shut down: {error}"
    return ""


def needs_tmpfs() -> pytest.MarkDecorator:
    """Skips where no tmpfs can be mounted, and says what is missing."""
    return pytest.mark.skipif(bool(_what_tmpfs_lacks()), reason=_what_tmpfs_lacks())


def needs_ext4() -> pytest.MarkDecorator:
    """Skips where no ext4 image can be mounted and shut down, and says what is missing."""
    return pytest.mark.skipif(bool(_what_ext4_lacks()), reason=_what_ext4_lacks())
