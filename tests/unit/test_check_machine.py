"""What a check says of room, file systems and clocks, by numbers alone."""

import pytest

from hookconsole.checking.findings import Finding
from hookconsole.checking.of_machine import filesystem_type, judge_clock, judge_kind, judge_room

GIB = 1 << 30
NOW = 1_800_000_000.0
DAY = 86400.0

MOUNTS = """\
sysfs /sys sysfs rw 0 0
/dev/vda1 / ext4 rw,relatime 0 0
tmpfs /var/tmp tmpfs rw 0 0
server:/x /srv/hooks nfs4 rw 0 0
/dev/vdb /srv/hooks\\040old xfs rw 0 0
/dev/vdc /over ext4 rw 0 0
me@host:/ /over fuse.sshfs rw 0 0
broken
"""


def levels(findings: list[Finding]) -> list[str]:
    return [found.level for found in findings]


@pytest.mark.parametrize(
    ("size", "free", "short"),
    [
        (100 * GIB, GIB, False),
        (100 * GIB, GIB - 1, True),
        (10_000 * GIB, 2 * GIB, False),
        (2 * GIB, GIB // 5, False),
        (2 * GIB, GIB // 11, True),
        (100 * GIB, 0, True),
    ],
)
def test_room_is_short_under_a_gibibyte_or_a_twentieth(size: int, free: int, short: bool) -> None:
    assert bool(list(judge_room("d", free=free, size=size, free_inodes=None))) is short


@pytest.mark.parametrize(("inodes", "short"), [(None, False), (1000, False), (999, True), (0, True)])
def test_inodes_can_run_out_before_bytes(inodes: int | None, short: bool) -> None:
    assert bool(list(judge_room("d", free=50 * GIB, size=100 * GIB, free_inodes=inodes))) is short


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/srv", "ext4"),
        ("/srv/hooks", "nfs4"),
        ("/srv/hooks/state", "nfs4"),
        ("/srv/hooksworth", "ext4"),
        ("/srv/hooks old/state", "xfs"),
        ("/var/tmp/x", "tmpfs"),
        ("/over/state", "fuse.sshfs"),
    ],
)
def test_the_nearest_and_latest_mount_counts(path: str, kind: str) -> None:
    assert filesystem_type(MOUNTS, path) == kind
    assert filesystem_type("", path) == ""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("ext4", []), ("", []), ("nfs4", ["finding"]), ("fuse.sshfs", ["finding"]), ("tmpfs", ["note"])],
)
def test_a_network_file_system_keeps_no_promises(kind: str, expected: list[str]) -> None:
    assert levels(list(judge_kind("d", kind))) == expected


@pytest.mark.parametrize(
    ("now", "record", "file", "says"),
    [
        (NOW, 0.0, 0.0, ""),
        (NOW, NOW - 5, NOW + 299, ""),
        (NOW, NOW + 301, 0.0, "behind"),
        (NOW, NOW - 5, NOW + 301, "behind"),
        (NOW, NOW - 364 * DAY, 0.0, ""),
        (NOW, NOW - 366 * DAY, NOW, "ahead?"),
        (NOW, 0.0, NOW - 400 * DAY, ""),
        (0.0, 0.0, 0.0, "behind"),
    ],
)
def test_the_clock_is_judged_by_what_is_there(now: float, record: float, file: float, says: str) -> None:
    found = list(judge_clock(now, record, file))
    assert levels(found) == (["finding"] if says else [])
    assert all(says in one.what for one in found)
