"""Durability of segments: what is synced, in which order, and what a failed sync means."""

import errno
import os
import stat
from pathlib import Path

import pytest
from writing import Journal, failing, watched

from hookconsole.journal import segments
from hookconsole.journal.segments import AppendError, SyncError
from support import event


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal")


def test_a_new_segment_has_a_durable_name_before_it_has_a_byte(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def said(name: str, fd: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file"
        calls.append(f"{name} {kind}")

    watched(monkeypatch, "fsync", lambda fd: said("fsync", fd))
    watched(monkeypatch, "write", lambda fd, _: said("write", fd))
    journal.put(event("evt_1"))
    assert calls[-4:] == ["fsync file", "fsync folder", "write file", "write file"]
    assert calls[0] == "fsync folder"  # the journal's own name


def test_a_segment_is_synced_before_the_next_is_begun(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.put(event("evt_1"))
    calls: list[str] = []
    watched(monkeypatch, "sync_file", lambda _: calls.append("sync"), owner=segments)
    watched(monkeypatch, "sync_folder", lambda _: calls.append("next"), owner=segments)
    journal.appender.rotate()
    assert calls == ["sync", "next"]


def test_after_a_failed_sync_nothing_more_goes_into_that_segment(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.put(event("evt_1"))
    calls = failing(monkeypatch, "sync_file", owner=segments)
    with pytest.raises(SyncError):
        journal.appender.sync()
    assert journal.put(event("evt_2"))[0].segment == 2
    # Another sync of the first would prove nothing.
    assert len(calls) == 1
    journal.appender.sync()
    assert journal.events() == ["evt_1", "evt_2"]


def test_a_rotation_that_cant_sync_says_so(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.put(event("evt_1"))
    failing(monkeypatch, "sync_file", owner=segments)
    with pytest.raises(SyncError):
        journal.appender.rotate()
    assert journal.put(event("evt_2"))[0].segment == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_disk_that_takes_nothing_is_named(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    journal.put(event("evt_1"))
    failing(monkeypatch, "write", number)
    with pytest.raises(AppendError, match=errno.errorcode[number]) as raised:
        journal.put(event("evt_2"))
    assert raised.value.written == 0
    assert str(journal.folder) in str(raised.value)


def test_a_journal_that_cant_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(AppendError, match="state"):
        Journal(tmp_path / "state" / "journal").put(event("evt_1"))
