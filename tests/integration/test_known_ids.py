"""Which ids the journal knows: with a cache or without, whatever became of it, the answer is the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from writing import Journal, watched

from hookconsole.journal.ids import KnownIds
from hookconsole.journal.store import Store
from support import event, registry


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "state" / "journal")
    for segment in range(3):
        made.put(*(event(f"evt_{segment}_{n}") for n in range(5)), registry())
        made.appender.rotate()
    made.put(event("evt_3_0"))
    return made


def cached(journal: Journal) -> list[Path]:
    return sorted((journal.folder.parent / "cache").iterdir())


def known(journal: Journal) -> list[str]:
    """The ids that a new process finds."""
    ids = KnownIds(Store(journal.folder))
    ids.refresh()
    names = [f"evt_{segment}_{n}" for segment in range(5) for n in range(6)]
    found = [ids.find(name) for name in names]
    assert all(one is None or one.event == name for one, name in zip(found, names, strict=True))
    return [one.event for one in found if one is not None]


ALL = [f"evt_{segment}_{n}" for segment in range(3) for n in range(5)] + ["evt_3_0"]


def test_all_are_known_with_and_without_a_cache(journal: Journal) -> None:
    assert known(journal) == ALL
    assert [path.name for path in cached(journal)] == [f"{n:012d}.ids" for n in (1, 2, 3)]
    assert known(journal) == ALL


def test_a_journal_that_takes_anothers_place_knows_its_own_alone(journal: Journal, tmp_path: Path) -> None:
    ids = KnownIds(Store(journal.folder))
    ids.refresh()
    journal.folder.rename(tmp_path / "away")
    other = Journal(journal.folder)
    for number in range(4):
        other.put(event(f"evt_other_{number}"))
        other.appender.rotate()
    ids.refresh()
    assert [name for name in [*ALL, "evt_other_0", "evt_other_3"] if ids.find(name)] == [
        "evt_other_0",
        "evt_other_3",
    ]


def test_a_journal_that_isnt_there_knows_none(tmp_path: Path) -> None:
    ids = KnownIds(Store(tmp_path / "state" / "journal"))
    ids.refresh()
    assert ids.find("evt_1") is None
    assert not (tmp_path / "state").exists()


def flip(at: int) -> Callable[[Path], object]:
    def act(path: Path) -> None:
        raw = bytearray(path.read_bytes())
        raw[at] ^= 4
        path.write_bytes(raw)

    return act


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


SPOILT: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut at an id": lambda path: path.write_bytes(path.read_bytes()[:-8]),
    "cut inside an id": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "without ids": lambda path: path.write_bytes(path.read_bytes()[:32]),
    "zeros": lambda path: path.write_bytes(bytes(len(path.read_bytes()))),
    "noise": lambda path: path.write_bytes(b"\xffnoise" * 100),
    "a bit of an id": flip(32 + 2 * 8),
    "a bit of an offset": flip(32 + 5 * 8 + 2 * 8),
    "a bit of the checksum": flip(-8),
    "another's": lambda path: path.write_bytes(path.with_name(f"{3:012d}.ids").read_bytes()),
    "a folder": replace_by_folder,
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_cache_is_no_matter(journal: Journal, how: str) -> None:
    known(journal)
    for path in cached(journal)[:2]:
        SPOILT[how](path)
    assert known(journal) == ALL


def test_a_cache_that_cant_be_written_is_no_matter(journal: Journal) -> None:
    (journal.folder.parent / "cache").write_bytes(b"a file")
    assert known(journal) == ALL


def test_a_cache_of_a_segment_that_grew_is_stale(journal: Journal) -> None:
    known(journal)
    journal.add_raw(journal.raw(2).split(b"\n")[1].replace(b"evt_1_0", b"evt_1_5") + b"\n", 1)
    (journal.folder / f"{1:012d}.jsonl").write_bytes(journal.raw(1))
    assert "evt_1_5" not in known(journal)  # its checksum doesn't hold
    assert known(journal) == ALL


def test_what_others_append_is_known_after_a_refresh(journal: Journal) -> None:
    ids = KnownIds(Store(journal.folder))
    ids.refresh()
    other = Journal(journal.folder)
    other.put(event("evt_new"))
    ids.refresh()
    assert ids.find("evt_new") is not None
    for name in ("evt_a", "evt_b"):
        other.appender.rotate()
        other.put(event(name))
    ids.refresh()
    assert [ids.find(name) is not None for name in ("evt_new", "evt_a", "evt_b", "evt_c")] == [
        *(True, True, True, False)
    ]


def test_half_a_line_is_known_when_it_is_whole(journal: Journal) -> None:
    ids = KnownIds(Store(journal.folder))
    ids.refresh()
    line = journal.raw(1).split(b"\n")[1] + b"\n"
    journal.add_raw(line[:40], 4)
    ids.refresh()
    journal.add_raw(line[40:], 4)
    ids.refresh()
    assert ids.find("evt_0_0") is not None


def test_what_was_trimmed_away_is_not_known(journal: Journal) -> None:
    ids = KnownIds(Store(journal.folder))
    ids.refresh()
    journal.path(1).unlink()
    assert known(journal) == ALL[5:]
    ids.refresh()
    assert ids.find("evt_1_0") is not None
    assert ids.find("evt_0_0") is None


def test_a_damaged_event_is_not_known(journal: Journal) -> None:
    journal.path(1).write_bytes(
        journal.raw(1).replace(b'"event":"evt_0_3","type"', b'"event":"evt_0_3","tXpe"')
    )
    assert known(journal) == [name for name in ALL if name != "evt_0_3"]


def test_many_known_ones_are_found_quickly(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal's lock is held meanwhile: a batch that is sent again must not stop the others."""
    journal.put(*(event(f"evt_many_{n}") for n in range(300)))
    journal.appender.rotate()
    ids = KnownIds(Store(journal.folder))
    ids.refresh()
    read: list[int] = []
    watched(monkeypatch, "pread", lambda _fd, size, _offset: read.append(size))
    assert all(ids.find(f"evt_many_{n}") is not None for n in range(300))
    assert sum(read) < 300 * 10_000


def test_the_cache_of_what_was_trimmed_away_goes_too(journal: Journal) -> None:
    known(journal)
    (journal.folder.parent / "cache" / f"{2:012d}.ids.4711").write_bytes(b"half")
    journal.path(1).unlink()
    journal.appender.rotate()
    assert known(journal) == ALL[5:]
    assert [path.name for path in cached(journal)] == [f"{n:012d}.ids" for n in (2, 3, 4)]


def test_the_cache_is_for_its_user_alone(journal: Journal) -> None:
    known(journal)
    assert (journal.folder.parent / "cache").stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in cached(journal))
