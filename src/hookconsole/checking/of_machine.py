"""Checks of the machine: room on the disk, the file system's promises, the clock. The judges are pure."""

import os
from collections.abc import Iterator
from pathlib import Path

from hookconsole.checking.findings import Finding, finding, note
from hookconsole.clock import rfc3339_seconds
from hookconsole.config.file import shown

FREE_BYTES = 1 << 30
FREE_SHARE = 0.05
"""Room is short below `FREE_BYTES`; on file systems of under 20 GiB, below `FREE_SHARE` of them."""

FREE_INODES = 1000

BEHIND_SECONDS = 300.0
AHEAD_SECONDS = 365 * 86400.0
_BUILT = 1_767_225_600.0  # 2026-01-01: no clock that is right can be before it

NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "9p",
        "ceph",
        "lustre",
        "glusterfs",
        "vboxsf",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.s3fs",
        "fuse.rclone",
        "fuse.davfs",
    ]
)
MEMORY = frozenset({"tmpfs", "ramfs"})

_MOUNTS = "/proc/self/mounts"


def check_disk(journal: Path) -> Iterator[Finding]:
    """Room and kind of the file system that the journal's folder is on, or would be."""
    place = existing(journal)
    where = shown(journal)
    status = os.statvfs(place)
    if status.f_flag & os.ST_RDONLY:
        yield finding(where, "is on a file system that is mounted read-only", "mount it writable")
    yield from judge_room(
        where,
        free=status.f_bavail * status.f_frsize,
        size=status.f_blocks * status.f_frsize,
        free_inodes=status.f_favail if status.f_files else None,
    )
    try:
        mounts = Path(_MOUNTS).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # not Linux
        return
    yield from judge_kind(where, filesystem_type(mounts, os.path.realpath(place)))


def existing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    path = path.absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def judge_room(where: str, *, free: int, size: int, free_inodes: int | None) -> Iterator[Finding]:
    """Whether room is short; bytes, and None for a file system without a limit of inodes."""
    wanted = min(FREE_BYTES, int(size * FREE_SHARE))
    mend = "make room, or shorten journal.retention_days"
    if free < wanted:
        yield finding(where, f"{_mib(free)} of {_mib(size)} are free, under {_mib(wanted)}", mend)
    if free_inodes is not None and free_inodes < FREE_INODES:
        yield finding(where, f"{free_inodes} inodes are free, under {FREE_INODES}", "remove files")


def judge_kind(where: str, kind: str) -> Iterator[Finding]:
    """Whether a file system of this type keeps what is promised."""
    if kind in NETWORK:
        what = f"is on {kind}, where locks and syncs may not do what accepting an event relies on"
        yield finding(where, what, "keep it on a local disk: --state DIR")
    elif kind in MEMORY:
        yield note(where, f"is on {kind}: the journal is lost when the machine stops", "keep it on a disk")


def judge_clock(now: float, newest_record: float, newest_file: float) -> Iterator[Finding]:
    """What the newest record and file say of the clock; unix seconds, 0 where there is none."""
    newest = max(newest_record, newest_file)
    mend = (
        "set it (timedatectl); until it is right, times in the log are wrong and nothing is trimmed by them"
    )
    if newest > now + BEHIND_SECONDS:
        what = f"it is {rfc3339_seconds(now)}, but there is something of {rfc3339_seconds(newest)}"
        yield finding("clock", f"{what}: it is behind, or was ahead", mend)
    elif now < _BUILT:
        yield finding("clock", f"it is behind: {rfc3339_seconds(now)} is before this program was made", mend)
    elif newest_record and newest_record < now - AHEAD_SECONDS:
        what = f"it is {rfc3339_seconds(now)}, and the newest record is of {rfc3339_seconds(newest_record)}"
        yield finding("clock", f"{what}: is it ahead?", mend)


def filesystem_type(mounts: str, path: str) -> str:
    """The type of the file system of an absolute path, by the text of /proc/self/mounts; empty if unknown."""
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = _unescaped(fields[1])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # a later mount on the same point hides the earlier
            best, kind = point, fields[2]
    return kind


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point


def _mib(count: int) -> str:
    return f"{count >> 20:,} MiB"
