"""Accepting: an id is given back when the event is durable, once; or there is one line that says why not."""

import enum
import gc
import os
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from emitting import PAID, Emitting, one
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from writing import failing, python, watched

import hookconsole
from hookconsole.emitter import Accepted, Emission, EmissionError
from hookconsole.errors import InputError
from hookconsole.ids import is_event_id
from hookconsole.journal import segments
from hookconsole.journal.segments import Appender


@pytest.fixture
def site(tmp_path: Path) -> Emitting:
    return Emitting(tmp_path)


def test_an_event_is_in_the_journal_when_its_id_is_given_back(site: Emitting) -> None:
    name = site.emitter.emit(PAID, {"total": 5}, created_at="2026-04-15T14:32:00+02:00")
    (record,) = site.records()
    assert is_event_id(name)
    assert (record.event, record.type, record.source) == (name, PAID, "cli")
    assert (record.created_at, bytes(record.data)) == ("2026-04-15T14:32:00+02:00", b'{"total":5}')


def test_raw_json_goes_out_as_it_is_but_for_white_space(site: Emitting) -> None:
    raw = b'{ "b": 2500.00,\n "a": [1e400, 123456789012345678901234567890, "\\u00e9 \xe2\x80\xa8"] }'
    site.emitter.emit(PAID, raw)
    assert bytes(site.records()[0].data) == (
        b'{"b":2500.00,"a":[1e400,123456789012345678901234567890,"\\u00e9 \xe2\x80\xa8"]}'
    )


def test_it_is_durable_before_it_is_acknowledged(site: Emitting, monkeypatch: pytest.MonkeyPatch) -> None:
    site.emitter.emit(PAID, {})
    calls: list[str] = []
    watched(monkeypatch, "write", lambda *_: calls.append("write"))
    watched(monkeypatch, "sync_file", lambda _: calls.append("sync"), owner=segments)
    site.emitter.emit(PAID, {})
    calls.append("acknowledged")
    site.emitter.emit(PAID, {}, id="evt_1")
    calls.append("acknowledged")
    site.emitter.emit(PAID, {}, id="evt_1")
    # A duplicate's line may have been written by a process that died before its sync.
    assert calls == ["write", "sync", "acknowledged"] * 2 + ["sync"]


def test_a_batch_shares_one_sync_and_keeps_its_order(site: Emitting, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = failing(monkeypatch, "sync_file", times=0, owner=segments)
    accepted = site.emitter.accept(one(b"%d" % number) for number in range(100))
    assert len(calls) == 1
    assert [record.event for record in site.records()] == [name for name, _ in accepted]
    assert [bytes(record.data) for record in site.records()] == [b"%d" % n for n in range(100)]


def test_nothing_accepts_nothing(site: Emitting) -> None:
    assert site.emitter.accept([]) == []
    assert not site.state.exists()


# Ids


@pytest.mark.parametrize("segments_between", [0, 1])
def test_a_known_id_with_the_same_content_is_accepted_once(site: Emitting, segments_between: int) -> None:
    assert site.emitter.accept([one(b'{"a": 1}', "evt_1")]) == [Accepted("evt_1", False)]
    for _ in range(segments_between):
        site.journal.appender.rotate()
    for emitter in (site.emitter, site.another()):
        assert emitter.accept([one(b' {"a":1}', "evt_1")]) == [Accepted("evt_1", True)]
    assert len(site.records()) == 1


@pytest.mark.parametrize(
    "other",
    [
        Emission(PAID, b'{"a":2}', "evt_1"),
        Emission(PAID, b'{"a":1.0}', "evt_1"),
        Emission("invoice.sent", b'{"a":1}', "evt_1"),
        Emission(PAID, b'{"a":1}', "evt_1", "2026-04-15T14:33:00Z"),
    ],
)
def test_a_known_id_with_other_content_is_a_conflict(site: Emitting, other: Emission) -> None:
    site.emitter.accept([one(b'{"a":1}', "evt_1", "2026-04-15T14:32:00Z")])
    with pytest.raises(EmissionError, match="id 'evt_1' is known with other content"):
        site.another().accept([other])
    assert len(site.records()) == 1
    assert site.emitter.accept([one(b'{"a":1}', "evt_1")]) == [Accepted("evt_1", True)]


def test_an_id_twice_in_a_batch_is_accepted_once(site: Emitting) -> None:
    accepted = site.emitter.accept([one(b"1", "evt_1"), one(b"2"), one(b"1", "evt_1")])
    assert [duplicate for _, duplicate in accepted] == [False, False, True]
    with pytest.raises(EmissionError) as raised:
        site.emitter.accept([one(b"3", "evt_3"), one(b"4", "evt_3"), one(b"5")])
    assert raised.value.accepted == [Accepted("evt_3", False)]
    assert [record.event for record in site.records()][2:] == ["evt_3"]


def test_an_id_that_another_process_accepts_at_the_same_time_is_accepted_once(site: Emitting) -> None:
    script = """
import sys
from hookconsole.emitter import Emission, Emitter
sys.stdin.read()
with Emitter(config=sys.argv[1], state=sys.argv[2]) as emitter:
    for number in range(100):
        print(emitter.accept([Emission("invoice.paid", b"%d" % number, f"evt_{number}")])[0].duplicate)
"""
    processes = [python(script, site.config, site.state) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    answers = []
    for process in processes:
        output, error = process.communicate()
        assert error == ""
        answers.append(output.split())
    assert all(sorted(each) == ["False", "True", "True"] for each in zip(*answers, strict=True))
    assert len(site.records()) == 100


def test_an_id_that_another_accepts_just_before_the_lock_is_taken_is_known(
    site: Emitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = Appender.locked

    def late(self: Appender, *, wait: bool = True) -> AbstractContextManager[None]:
        monkeypatch.setattr(Appender, "locked", locked)
        site.another().accept([one(b"1", "evt_1")])
        return locked(self, wait=wait)

    monkeypatch.setattr(Appender, "locked", late)
    assert site.emitter.accept([one(b"1", "evt_1")]) == [Accepted("evt_1", True)]
    assert len(site.records()) == 1


def test_ids_of_tests_and_of_copies_are_known(site: Emitting) -> None:
    site.emitter.emit(PAID, {}, id="evt_1")
    (record,) = site.records()
    record.accepted_at, record.carried = record.at, {}
    site.journal.appender.rotate()
    site.journal.put(record)
    site.journal.path(1).unlink()
    assert site.another().accept([one(b"{}", "evt_1")]) == [Accepted("evt_1", True)]


# The Python face


def test_emitting_from_python(site: Emitting) -> None:
    name = hookconsole.emit(PAID, {"a": 1}, config=site.config, state=site.state)
    with hookconsole.Emitter(config=site.config, state=str(site.state)) as emitter:
        emitter.emit(PAID, b'{"a":1}', id=name)
    (record,) = site.records()
    assert (record.event, record.source) == (name, "api")


class Kind(enum.StrEnum):
    PAID = PAID


class Text(str):
    __slots__ = ()


def test_a_string_of_a_class_of_its_own_is_its_text(site: Emitting) -> None:
    assert site.emitter.emit(Kind.PAID, {}, id=Text("a1"), created_at=Text("2026-04-15T14:32:00Z")) == "a1"
    assert type(site.emitter.emit(Text(PAID), {})) is str
    first, second = site.records()
    assert (first.event, first.type, first.created_at) == ("a1", PAID, "2026-04-15T14:32:00Z")
    assert second.type == PAID


def test_no_descriptor_is_left_behind(site: Emitting) -> None:
    site.config.write_text('[event_types]\n"stock.low" = "A stock level fell"\n')

    def descriptors() -> int:
        gc.collect()  # what other tests left to it
        return len(os.listdir("/dev/fd"))

    for _ in range(2):
        site.journal.appender.rotate()
    before = descriptors()
    for number in range(5):
        hookconsole.emit("stock.low", {}, id=f"evt_{number}", config=site.config, state=site.state)
    site.config.write_text("no TOML")
    with pytest.raises(InputError):
        hookconsole.emit("stock.low", {}, config=site.config, state=site.state)
    assert descriptors() == before


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=10,
    )
)
def test_any_data_is_one_sound_line_with_the_same_meaning(data: object) -> None:
    import json
    from tempfile import TemporaryDirectory

    try:
        raw = json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    with TemporaryDirectory() as place:
        site = Emitting(Path(place))
        site.emitter.emit(PAID, raw)
        (record,) = site.records()
        assert json.loads(bytes(record.data)) == data
        assert site.journal.raw().count(b"\n") == 2
        assert isinstance(record.data, Raw)
        site.emitter.close()
        site.journal.appender.close()


def test_relative_places_are_those_of_when_it_was_made(
    site: Emitting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a daemon does, which opens what it needs and then goes to /."""
    monkeypatch.chdir(tmp_path)
    site.config.write_text('[event_types]\n"stock.low" = "x"\n')
    with hookconsole.Emitter(config=site.config.name, state=site.state.name) as emitter:
        first = emitter.emit("invoice.paid", {})
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        rest = [emitter.emit("stock.low", {}), emitter.emit("invoice.paid", {}, id="own")]
    assert [record.event for record in site.records()] == [first, *rest]
    assert list((tmp_path / "elsewhere").iterdir()) == []
