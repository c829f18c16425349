"""A change of the file is adopted when it has stood still, whatever the editor does meanwhile."""

import os
from pathlib import Path

import pytest

from hookconsole.config.watch import Changed, Watcher


class Clock:
    """Polls as the sender does, every half second, without the half second."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.now = 100.0

    def poll(self, after: float = 0.5) -> Changed | None:
        self.now += after
        return self.watcher.poll(self.now)

    def polls(self, count: int) -> list[Changed | None]:
        return [self.poll() for _ in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(b"a = 1\n")
    return path


@pytest.fixture
def clock(path: Path) -> Clock:
    clock = Clock(Watcher(path, b"a = 1\n"))
    assert clock.polls(3) == [None, None, None]
    return clock


def test_a_save_in_place_is_adopted_at_the_second_poll(path: Path, clock: Clock) -> None:
    path.write_bytes(b"a = 2\n")
    assert clock.polls(3) == [None, Changed(b"a = 2\n"), None]


def test_a_save_by_rename_is_adopted(path: Path, clock: Clock) -> None:
    path.rename(path.with_suffix(".toml~"))
    assert clock.poll() is None
    path.write_bytes(b"a = 2\n")
    assert clock.polls(3) == [None, Changed(b"a = 2\n"), None]


def test_half_a_file_is_never_adopted(path: Path, clock: Clock) -> None:
    seen = []
    with path.open("wb", buffering=0) as file:
        for part in (b"", b"a = ", b"2", b"\n", b"b = 1\n"):
            file.write(part)
            seen.append(clock.poll())
    assert seen == [None] * 5
    assert clock.polls(2) == [Changed(b"a = 2\nb = 1\n"), None]


def test_an_empty_file_that_stays_is_adopted(path: Path, clock: Clock) -> None:
    path.write_bytes(b"")
    assert clock.polls(3) == [None, Changed(b""), None]


def test_two_polls_at_once_are_one(path: Path, clock: Clock) -> None:
    path.write_bytes(b"a = 2\n")
    assert [clock.poll(0), clock.poll(0), clock.poll(0.1)] == [None] * 3
    assert clock.poll(0.4) == Changed(b"a = 2\n")


def test_a_file_that_vanishes_is_reported_once_and_its_return_as_well(path: Path, clock: Clock) -> None:
    path.unlink()
    assert clock.polls(4) == [None, Changed(None), None, None]
    path.write_bytes(b"a = 1\n")
    assert clock.polls(3) == [None, Changed(b"a = 1\n"), None]


def test_a_touch_or_the_same_content_again_is_no_change(path: Path, clock: Clock) -> None:
    os.utime(path)
    assert clock.polls(3) == [None] * 3
    path.unlink()
    path.write_bytes(b"a = 1\n")
    assert clock.polls(3) == [None] * 3
    path.chmod(0o600)
    assert clock.polls(3) == [None] * 3


def test_a_change_that_is_taken_back_in_time_is_no_change(path: Path, clock: Clock) -> None:
    path.write_bytes(b"a = 2\n")
    assert clock.poll() is None
    path.write_bytes(b"a = 1\n")
    assert clock.polls(3) == [None] * 3


def test_a_change_of_equal_size_and_time_is_seen(path: Path, clock: Clock) -> None:
    before = path.stat()
    path.write_bytes(b"a = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert clock.polls(2) == [None, Changed(b"a = 2\n")]


def test_the_target_of_a_link_is_watched(path: Path) -> None:
    link = path.with_name("link.toml")
    link.symlink_to(path)
    clock = Clock(Watcher(link, b"a = 1\n"))
    assert clock.polls(3) == [None] * 3
    other = path.with_name("other.toml")
    other.write_bytes(b"a = 3\n")
    link.unlink()
    link.symlink_to(other)
    assert clock.polls(2) == [None, Changed(b"a = 3\n")]


def test_what_changed_before_the_first_poll_is_seen(path: Path) -> None:
    assert Clock(Watcher(path, b"older\n")).polls(3) == [None, Changed(b"a = 1\n"), None]
    assert Clock(Watcher(path, None)).polls(3) == [None, Changed(b"a = 1\n"), None]
    assert Clock(Watcher(path.with_name("none"), None)).polls(3) == [None] * 3


def test_a_folder_or_a_fifo_in_its_place_is_an_error_once(path: Path, clock: Clock) -> None:
    path.unlink()
    os.mkfifo(path)
    reported = [change for change in clock.polls(4) if change]
    assert len(reported) == 1
    assert reported[0].raw is None
    assert "no regular file" in str(reported[0].error)
    path.unlink()
    path.write_bytes(b"a = 1\n")
    assert clock.polls(3) == [None, Changed(b"a = 1\n"), None]


def test_what_its_user_got_in_another_way_is_no_change(path: Path, clock: Clock) -> None:
    path.write_bytes(b"a = 2\n")
    assert clock.poll() is None
    clock.watcher.adopted(b"a = 2\n")
    assert clock.polls(3) == [None] * 3
    path.write_bytes(b"a = 1\n")
    assert clock.polls(2) == [None, Changed(b"a = 1\n")]
