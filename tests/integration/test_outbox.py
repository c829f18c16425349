"""The sender's pen: groups in order, none lost, none doubled, whatever the disk says; and it says so."""

import errno
from pathlib import Path

import pytest
from penning import Pen, cut_short, line
from writing import failing

from hookconsole.delivery import outbox as outbox_module
from hookconsole.journal.segments import Appender


@pytest.fixture
def pen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pen:
    monkeypatch.setattr(outbox_module, "SYNC_SECONDS", 0.0)
    monkeypatch.setattr(outbox_module, "PAUSE_SECONDS", 0.0)
    return Pen(tmp_path / "journal")


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
    monkeypatch.setattr(outbox_module, "BUSY_SECONDS", 5.0)
    assert pen.outbox._busy_since == 0.0, "the next time would count from this one"
