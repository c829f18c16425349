"""The sender's pen: groups in order, none lost, none doubled, whatever the disk says; and it says so."""

import asyncio
import errno
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import Journal, failing, watched

from hookconsole.delivery import outbox as outbox_module
from hookconsole.delivery.outbox import Outbox
from hookconsole.errors import HookconsoleError
from hookconsole.journal import segments
from hookconsole.journal.line import seal
from hookconsole.journal.segments import Appender, AppendError, Position, SyncError


class Pen:
    """An outbox on a journal, and what it says of where its lines are."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)
        self.written: list[tuple[Position, int]] = []
        self.outbox = Outbox(self.journal.appender, lambda *place: self.written.append(place))
        self.put_so_far = 0

    def put(self, number: int = 1) -> None:
        for _ in range(number):
            self.outbox.put(line(self.put_so_far))
            self.put_so_far += 1

    def lines(self) -> list[int]:
        """The numbers of the sound lines, in the order of the journal."""
        return [int(found.split(b",")[0][5:]) for found in self.journal.sound()]

    def own(self) -> bytes:
        """The bytes that it says are its own."""
        return b"".join(
            self.journal.raw(place.segment)[place.offset : place.offset + length]
            for place, length in self.written
        )


def line(number: int) -> bytes:
    return seal(b'{"n":%d,"x":"%s"}' % (number, b"x" * 50))


@pytest.fixture
def pen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pen:
    monkeypatch.setattr(outbox_module, "SYNC_SECONDS", 0.0)
    monkeypatch.setattr(outbox_module, "PAUSE_SECONDS", 0.0)
    return Pen(tmp_path / "journal")


def cut_short(patch: pytest.MonkeyPatch, size: int) -> None:
    """The disk takes so many bytes, and then no more."""
    left, real = [size], os.write

    def write(fd: int, raw: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room, left[0] = left[0], 0
        return real(fd, raw[:room])

    patch.setattr(os, "write", write)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario()

    asyncio.run(main())


async def confirmed(pen: Pen) -> None:
    """Look again and again, as the sender does, until all is durable."""
    for _ in range(2000):
        if pen.outbox.flush():
            pen.outbox.sync_soon()
            if pen.outbox.settled:
                return
        await asyncio.sleep(0.001)
    raise AssertionError(f"not durable: {pen.outbox.halted}")


def test_what_is_put_is_written_in_order_as_a_group_and_said_to_be_our_own(pen: Pen) -> None:
    pen.put(3)
    assert pen.lines() == []
    assert pen.outbox.flush()
    pen.put(2)
    assert pen.outbox.flush()
    assert pen.lines() == [0, 1, 2, 3, 4]
    assert len(pen.written) == 2
    assert pen.own() == b"".join(line(n) for n in range(5))


def test_nothing_to_write_is_nothing_written(pen: Pen) -> None:
    assert pen.outbox.flush()
    assert pen.outbox.settled
    assert pen.written == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_halts_and_all_is_written_when_there_is_room_again(
    pen: Pen, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    pen.put()
    assert pen.outbox.flush()
    pen.put(2)
    with monkeypatch.context() as disk:
        failing(disk, "write", number, times=3)
        for _ in range(3):
            assert not pen.outbox.flush()
            assert errno.errorcode[number] in pen.outbox.halted
        pen.put()
    assert pen.outbox.flush()
    assert pen.outbox.halted == ""
    assert pen.lines() == [0, 1, 2, 3]
    assert pen.own() == b"".join(line(n) for n in range(4))


@pytest.mark.parametrize("short", [0, 1, 40, 80, 81, 82, 100, 163, 164, 240])
def test_a_write_cut_short_loses_no_line(pen: Pen, monkeypatch: pytest.MonkeyPatch, short: int) -> None:
    """Nor doubles one, but for a line of which nothing but the newline was missing."""
    pen.put()
    assert pen.outbox.flush()
    pen.put(3)
    with monkeypatch.context() as disk:
        cut_short(disk, short)
        assert not pen.outbox.flush()
    assert pen.outbox.flush()
    doubled = [1 + short // len(line(0))] if short % len(line(0)) == len(line(0)) - 1 else []
    assert sorted(pen.lines()) == sorted([0, 1, 2, 3, *doubled])
    assert [line(number) in pen.own() for number in range(4)] == [True] * 4
    assert pen.own().count(b"\n") == 4


def test_a_lock_held_for_a_moment_is_no_halt_and_for_long_it_is(
    pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    pen.put()
    with Appender(pen.journal.folder).locked():
        assert not pen.outbox.flush()
        assert pen.outbox.halted == ""
        monkeypatch.setattr(outbox_module, "BUSY_SECONDS", 0.0)
        assert not pen.outbox.flush()
        assert "journal.lock" in pen.outbox.halted
    assert pen.outbox.flush()
    assert pen.outbox.halted == ""
    assert pen.lines() == [0]


# Durability


def test_settled_all_is_durable(pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    watched(monkeypatch, "sync_file", lambda _: synced.append(len(pen.lines())), owner=segments)

    async def scenario() -> None:
        pen.put(2)
        await pen.outbox.settle()
        assert synced[-1] == 2
        pen.put()
        pen.outbox.flush()
        await pen.outbox.settle()
        assert synced[-1] == 3

    run(scenario)


def test_what_is_written_while_a_sync_waits_shares_it(pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "SYNC_SECONDS", 0.01)
    calls = failing(monkeypatch, "sync_file", times=0, owner=segments)

    async def scenario() -> None:
        for _ in range(20):
            pen.put()
            pen.outbox.flush()
            pen.outbox.sync_soon()
        await pen.outbox.settle()
        assert len(calls) == 1

    run(scenario)


def test_after_a_failed_sync_all_that_was_unconfirmed_is_written_again_in_order(
    pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        pen.put()
        await pen.outbox.settle()
        pen.put(2)
        pen.outbox.flush()
        failing(monkeypatch, "sync_file", owner=segments)
        await confirmed(pen)
        assert pen.lines() == [0, 1, 2, 1, 2]
        assert pen.journal.numbers == [1, 2]
        assert [place.segment for place, _ in pen.written] == [1, 1, 2]

    run(scenario)


def test_what_was_written_while_a_sync_failed_is_written_again_behind_it(
    pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in the same segment: its own sync would prove nothing."""
    begun, end = threading.Event(), threading.Event()

    def sync(_fd: int) -> None:
        begun.set()
        end.wait()
        raise OSError(errno.EIO, "Input/output error")

    async def scenario() -> None:
        pen.put()
        pen.outbox.flush()
        with monkeypatch.context() as disk:
            disk.setattr(segments, "sync_file", sync)
            pen.outbox.sync_soon()
            await asyncio.to_thread(begun.wait)
            pen.put()
            assert pen.outbox.flush()
            disk.undo()
            end.set()
            await confirmed(pen)
        assert pen.lines() == [0, 1, 0, 1]
        assert pen.journal.numbers == [1, 2]

    run(scenario)


def test_while_no_sync_succeeds_nothing_may_depend_on_what_is_written(
    pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        pen.put()
        pen.outbox.flush()
        with monkeypatch.context() as disk:
            failing(disk, "sync_file", times=10**6, owner=segments)
            pen.outbox.sync_soon()
            for _ in range(50):
                await asyncio.sleep(0.001)
                assert not (pen.outbox.flush() and len(pen.journal.numbers) > 1)
            assert "EIO" in pen.outbox.halted
        await confirmed(pen)
        assert pen.outbox.halted == ""
        assert set(pen.lines()) == {0}

    run(scenario)


def test_a_disk_that_never_syncs_gets_no_flood_of_segments(pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "PAUSE_SECONDS", 0.2)
    failing(monkeypatch, "sync_file", times=10**6, owner=segments)

    async def scenario() -> None:
        pen.put()
        pen.outbox.flush()
        pen.outbox.sync_soon()
        for _ in range(150):
            pen.outbox.flush()
            await asyncio.sleep(0.001)
        assert len(pen.journal.numbers) <= 3

    run(scenario)


def test_a_rotation_that_cant_sync_has_all_written_again(pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked for it: the outbox's lines stood in that segment."""

    async def scenario() -> None:
        for rotate in (True, False):
            pen.put()
            pen.outbox.flush()
            before = len(pen.lines())
            with monkeypatch.context() as disk:
                failing(disk, "sync_file", owner=segments)
                if rotate:
                    with pytest.raises(SyncError):
                        pen.journal.appender.rotate()
                else:
                    disk.setattr(segments, "SEGMENT_BYTES", 10)
                    pen.put()
                    assert not pen.outbox.flush()
            await confirmed(pen)
            assert pen.lines()[before:][0] == pen.lines()[before - 1]

    run(scenario)


def test_no_descriptor_for_a_sync_is_waited_for(pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        pen.put()
        pen.outbox.flush()
        calls = failing(monkeypatch, "dup", errno.EMFILE, times=3)
        pen.outbox.sync_soon()
        await confirmed(pen)
        assert len(calls) >= 4

    run(scenario)


@pytest.mark.parametrize("name", ["write", "sync_file"])
def test_settling_gives_up_with_the_reason(pen: Pen, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(outbox_module, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(outbox_module, "PAUSE_SECONDS", 0.01)

    async def scenario() -> None:
        pen.put()
        pen.outbox.flush()
        pen.put()
        with monkeypatch.context() as disk:
            failing(disk, name, times=10**6, owner=segments if name == "sync_file" else os)
            with pytest.raises(HookconsoleError, match="EIO"):
                await pen.outbox.settle()
        await confirmed(pen)
        assert pen.lines()[-1] == 1

    run(scenario)


@given(
    st.lists(
        st.sampled_from(["put", "put", "flush", "wait", "full", "short", "no sync", "no segment", "rotate"]),
        max_size=30,
    )
)
def test_every_line_is_confirmed_in_the_end_in_order(steps: list[str]) -> None:
    """The order of first confirmed lines is the order in which they were put."""
    from tempfile import TemporaryDirectory

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as place:
        patch.setattr(outbox_module, "SYNC_SECONDS", 0.0)
        patch.setattr(outbox_module, "PAUSE_SECONDS", 0.0)
        pen = Pen(Path(place) / "journal")

        async def scenario() -> None:
            for step in steps:
                with pytest.MonkeyPatch.context() as disk:
                    if step == "put":
                        pen.put()
                    elif step == "full":
                        failing(disk, "write", errno.ENOSPC)
                    elif step == "no segment":
                        disk.setattr(segments, "SEGMENT_BYTES", 10)
                        failing(disk, "fsync", errno.ENOSPC)
                    elif step == "no sync":
                        failing(disk, "sync_file", owner=segments)
                        await asyncio.sleep(0.002)
                    elif step == "short":
                        cut_short(disk, 100)
                    elif step == "rotate":
                        try:
                            pen.journal.appender.rotate()
                        except AppendError:
                            continue
                    pen.outbox.flush()
                    pen.outbox.sync_soon()
                    if step == "wait":
                        await asyncio.sleep(0.002)
            await confirmed(pen)

        run(scenario)
        assert sorted(set(pen.lines())) == list(range(pen.put_so_far))
        last = {number: at for at, number in enumerate(pen.lines())}
        assert sorted(last, key=last.__getitem__) == list(range(pen.put_so_far))
        pen.journal.appender.close()
