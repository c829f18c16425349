"""The simulated disk under `os`: what a crash may leave of what was and wasn't synced."""

import errno
import fcntl
import os
from collections.abc import Iterator

import pytest

from simulated_machine import Machine
from simulated_time import Clock

NAME = "/simulated/a"


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine(Clock(0.0))
    machine.disk.make("/simulated", 0o755, folder=True)
    machine.disk.nodes[1].settle()
    with machine.powered():
        yield machine


def left(machine: Machine, name: str = NAME) -> set[bytes | None]:
    """What of a file a power loss may leave; None for no file."""
    return {disk.read(name) for disk in machine.disk.losses(1000)}


def durable(raw: bytes = b"old\n") -> int:
    """A durable file, open for appending."""
    fd = os.open(NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.write(fd, raw)
    os.fsync(fd)
    sync_names()
    return fd


def sync_names() -> None:
    folder = os.open("/simulated", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def test_what_was_synced_is_all_that_a_power_loss_leaves(machine: Machine) -> None:
    os.close(durable())
    assert left(machine) == {b"old\n"}


def test_a_write_that_wasnt_synced_is_lost_torn_zeros_or_whole(machine: Machine) -> None:
    os.write(durable(), b"news")
    expected = {b"", b"n", b"ne", b"new", b"news", b"\0\0\0\0", b"ne\0\0"}
    assert left(machine) == {b"old\n" + each for each in expected}


def test_writes_may_be_there_out_of_order(machine: Machine) -> None:
    fd = durable(b"")
    os.write(fd, b"a")
    os.write(fd, b"b")
    assert left(machine) >= {b"", b"a", b"ab", b"\0b"}


def test_a_name_that_wasnt_synced_may_be_lost_though_its_bytes_were(machine: Machine) -> None:
    fd = os.open(NAME, os.O_WRONLY | os.O_CREAT)
    os.write(fd, b"x")
    os.fsync(fd)
    assert left(machine) == {None, b"x"}
    sync_names()
    assert left(machine) == {b"x"}


def test_a_rename_is_there_or_not(machine: Machine) -> None:
    os.close(durable())
    fd = os.open("/simulated/b", os.O_WRONLY | os.O_CREAT)
    os.write(fd, b"new\n")
    os.fsync(fd)
    os.replace("/simulated/b", NAME)
    assert left(machine) == {b"old\n", b"new\n"}
    assert os.listdir("/simulated") == ["a"]


def test_a_file_that_was_unlinked_may_come_back_until_its_folder_is_synced(machine: Machine) -> None:
    os.close(durable())
    os.unlink(NAME)
    assert left(machine) == {None, b"old\n"}
    sync_names()
    assert left(machine) == {None}


def test_after_a_kill_all_is_there_and_still_uncertain(machine: Machine) -> None:
    os.write(durable(), b"new")
    machine.crash(machine.disk.copy())
    assert machine.disk.read(NAME) == b"old\nnew"
    assert b"old\n" in left(machine)


def test_a_sync_after_a_failed_one_proves_nothing_and_others_are_told_once(machine: Machine) -> None:
    mine = durable()
    other = os.open(NAME, os.O_RDWR)
    os.write(mine, b"new")
    machine.fails = lambda act: int(act == "sync")
    with pytest.raises(OSError, match="Input/output"):
        os.fdatasync(mine)
    machine.fails = lambda _: 0
    os.fdatasync(mine)
    assert b"old\n" in left(machine)
    with pytest.raises(OSError, match="Input/output"):
        os.fdatasync(other)
    os.fdatasync(other)


def test_what_is_written_again_is_written_with_its_page(machine: Machine) -> None:
    fd = durable()
    os.write(fd, b"new")
    machine.fails = lambda act: int(act == "sync")
    with pytest.raises(OSError, match="Input/output"):
        os.fdatasync(fd)
    machine.fails = lambda _: 0
    os.write(fd, b"er")
    os.fdatasync(fd)
    assert left(machine) == {b"old\nnewer"}


def test_a_write_may_be_short_or_refused(machine: Machine) -> None:
    fd = durable()
    machine.fails = lambda act: 2 if act == "write" else 0
    assert os.write(fd, b"new") == 2
    machine.fails = lambda _: -errno.ENOSPC
    with pytest.raises(OSError, match="No space"):
        os.write(fd, b"new")
    assert machine.disk.read(NAME) == b"old\nne"


def test_locks_are_of_open_descriptions(machine: Machine) -> None:
    mine, other = durable(), os.open(NAME, os.O_RDWR)
    copy = os.dup(mine)
    fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(mine)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(copy)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_kill_may_cut_a_write_short(machine: Machine) -> None:
    fd = durable()
    seen: list[bytes | None] = []
    machine.disk.stepped = lambda _: seen.append(machine.disk.read(NAME))
    os.write(fd, b"news")
    assert seen == [b"old\nn", b"old\nne", b"old\nnew", b"old\nnews"]
