"""The sender's pen: what a failed sync leaves in doubt is written again before anything goes on."""

import asyncio
import errno
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from penning import Pen, confirmed, cut_short
from sending import run
from writing import failing, watched

from hookconsole.delivery import outbox as outbox_module
from hookconsole.errors import HookconsoleError
from hookconsole.journal import segments
from hookconsole.journal.segments import AppendError, SyncError


@pytest.fixture
def pen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pen:
    monkeypatch.setattr(outbox_module, "SYNC_SECONDS", 0.0)
    monkeypatch.setattr(outbox_module, "PAUSE_SECONDS", 0.0)
    return Pen(tmp_path / "journal")


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
    monkeypatch.setattr(outbox_module, "PAUSE_SECONDS", 600.0)
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
