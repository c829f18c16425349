"""A machine in memory under the real program.

While it is powered on, what the program does below `/simulated` with `os` and `fcntl` goes to `disk`, which
may be exchanged for another at any time, and its clocks are `clock`.
"""

import contextlib
import errno
import fcntl
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from simulated_disk import Disk, Opened
from simulated_time import Clock

PLACE = "/simulated"
FIRST_DESCRIPTOR = 1 << 20

GENERAL = {"sync_file", "sync_folder", "sync_copy", "sync", "make_durable", "make_private"}
"""Functions that sync for others."""


class Machine:
    """One computer. `fails` says of each operation that may fail whether it does now, and how."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.disk = Disk(lambda: clock.wall)
        self.ignored_syncs: set[str] = set()
        self.syncs_seen: set[str] = set()
        self.seals = True
        self.fails: Callable[[str], int] = lambda _: 0
        self._open: dict[int, Opened] = {}
        self._next = FIRST_DESCRIPTOR
        self._locked: dict[int, Opened] = {}

    def crash(self, disk: Disk) -> None:
        """All processes are gone; `disk` is what they left behind."""
        self.disk = disk
        self._open.clear()
        self._locked.clear()

    @contextlib.contextmanager
    def powered(self) -> Iterator[None]:
        """The program runs on this machine."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("open", "mkdir", "unlink", "replace", "stat", "lstat", "listdir", "access"):
                patch.setattr(os, name, _by_path(getattr(os, name), getattr(self, f"on_{name}")))
            for name in ("close", "read", "write", "pread", "pwrite", "fsync", "fdatasync", "fstat", "dup"):
                patch.setattr(os, name, _by_descriptor(getattr(os, name), getattr(self, f"on_{name}")))
            for name in ("fchmod", "fchown"):
                patch.setattr(os, name, _by_descriptor(getattr(os, name), lambda *_: None))
            patch.setattr(fcntl, "flock", _by_descriptor(fcntl.flock, self.on_flock))
            mine = SimpleNamespace(
                time=lambda: self.clock.wall,
                time_ns=lambda: int(self.clock.wall * 1e9),
                monotonic=lambda: self.clock.monotonic,
                perf_counter=lambda: self.clock.monotonic,
                sleep=self.clock.advance,
                strftime=time.strftime,
                gmtime=time.gmtime,
            )
            for name, module in list(sys.modules.items()):
                if name.startswith("hookconsole.") and getattr(module, "time", None) is time:
                    patch.setattr(module, "time", mine)
            for name in ("hookconsole.config.file.open", "hookconsole.journal.ids.open"):
                patch.setattr(name, self._file, raising=False)
            patch.setattr("hookconsole.journal.ids.mmap.mmap", lambda fd, *_, **__: self._opened(fd).node.now)
            patch.setattr("hookconsole.delivery.sender.POLL_SECONDS", 0.25)  # nobody waits
            yield
            gc.collect()  # what still has descriptors gives them back while they can be told

    # What the program calls

    def _opened(self, fd: int) -> Opened:
        if fd not in self._open:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._open[fd]

    def _descriptor(self, opened: Opened) -> int:
        self._next += 1
        self._open[self._next] = opened
        return self._next

    def on_open(self, path: str, flags: int, mode: int = 0o777) -> int:
        try:
            number = self.disk.find(path)
        except FileNotFoundError:
            if not flags & os.O_CREAT:
                raise
            self._may_fail("make")
            number = self.disk.make(path, mode, folder=False)
        else:
            if flags & os.O_EXCL:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
            if flags & os.O_TRUNC:
                self.disk.truncate(self.disk.nodes[number])
        return self._descriptor(Opened(number, self.disk.nodes[number], append=bool(flags & os.O_APPEND)))

    def on_close(self, fd: int) -> None:
        opened = self._open.pop(fd, None)
        if opened is None:
            return  # of a process that is gone
        opened.descriptors -= 1
        if not opened.descriptors and self._locked.get(opened.number) is opened:
            del self._locked[opened.number]

    def on_dup(self, fd: int) -> int:
        opened = self._opened(fd)
        opened.descriptors += 1
        return self._descriptor(opened)

    def on_read(self, fd: int, size: int) -> bytes:
        opened = self._opened(fd)
        data = opened.node.now[opened.offset :][:size]
        opened.offset += len(data)
        return data

    def on_pread(self, fd: int, size: int, offset: int) -> bytes:
        if size == 1 and not self.seals:
            return b"\n"
        return self._opened(fd).node.now[offset : offset + size]

    def on_write(self, fd: int, data: Any) -> int:
        opened = self._opened(fd)
        offset = len(opened.node.now) if opened.append else opened.offset
        opened.offset = offset + self.on_pwrite(fd, data, offset)
        return opened.offset - offset

    def on_pwrite(self, fd: int, data: Any, offset: int) -> int:
        raw = bytes(data)
        size = self._may_fail("write") or len(raw)
        self.disk.write(self._opened(fd).node, offset, raw[:size])
        return min(size, len(raw))

    def on_fsync(self, fd: int) -> None:
        site = _site()
        self.syncs_seen.add(site)
        if site in self.ignored_syncs:
            return
        opened = self._opened(fd)
        self.disk.sync(opened, fails=not opened.node.folder and bool(self.fails("sync")))

    on_fdatasync = on_fsync

    def on_mkdir(self, path: str, mode: int = 0o777) -> None:
        self.disk.make(path, mode, folder=True)

    def on_unlink(self, path: str) -> None:
        self.disk.remove(path)

    def on_replace(self, old: str, new: str) -> None:
        self.disk.rename(old, os.fspath(new))

    def on_stat(self, path: str, **_: Any) -> os.stat_result:
        return self.disk.status(self.disk.find(path))

    on_lstat = on_stat

    def on_fstat(self, fd: int) -> os.stat_result:
        return self.disk.status(self._opened(fd).number)

    def on_listdir(self, path: str) -> list[str]:
        return list(self.disk.node(path).names)

    def on_access(self, path: str, _mode: int) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.disk.find(path))
        return False

    def on_flock(self, fd: int, operation: int) -> None:
        opened = self._opened(fd)
        holder = self._locked.get(opened.number)
        if operation & fcntl.LOCK_UN:
            if holder is opened:
                del self._locked[opened.number]
        elif holder not in (None, opened):
            raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))
        elif operation & fcntl.LOCK_EX:
            self._locked[opened.number] = opened

    def _file(self, fd: int, mode: str, *, closefd: bool = True) -> Any:
        return _File(self, fd, closefd) if fd >= FIRST_DESCRIPTOR else open(fd, mode, closefd=closefd)

    def _may_fail(self, operation: str) -> int:
        """How many bytes of a write are taken, 0 for all; OSError for none."""
        verdict = self.fails(operation)
        if verdict < 0:
            raise OSError(-verdict, os.strerror(-verdict))
        return verdict


class _File:
    """What `open` makes of a descriptor."""

    def __init__(self, machine: Machine, fd: int, closes: bool) -> None:
        self._machine, self._fd, self._closes = machine, fd, closes

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        if self._closes:
            self._machine.on_close(self._fd)

    def read(self, size: int) -> bytes:
        return self._machine.on_read(self._fd, size)

    def write(self, data: bytes) -> int:
        return self._machine.on_write(self._fd, data)

    def flush(self) -> None:
        """There is no buffer."""


def _by_path(real: Callable[..., Any], simulated: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any, *args: Any, **options: Any) -> Any:
        name = path if isinstance(path, int) else os.fspath(path)
        if isinstance(name, str) and name.startswith(PLACE):
            return simulated(name, *args, **options)
        return real(path, *args, **options)

    return call


def _by_descriptor(real: Callable[..., Any], simulated: Callable[..., Any]) -> Callable[..., Any]:
    def call(fd: Any, *args: Any) -> Any:
        return simulated(fd, *args) if isinstance(fd, int) and fd >= FIRST_DESCRIPTOR else real(fd, *args)

    return call


def _site() -> str:
    """Who of the program's functions asks for a sync, and by which general one."""
    frame: FrameType | None = sys._getframe(3)
    general = ""
    while frame is not None and frame.f_globals.get("__name__", "").startswith("hookconsole."):
        if frame.f_code.co_name not in GENERAL:
            return f"{frame.f_code.co_qualname} {general}".strip()
        general = frame.f_code.co_name
        frame = frame.f_back
    return general
