"""What an emitter refuses, with one line that says why, and what it never refuses."""

import errno
import os
from pathlib import Path

import pytest
from emitting import PAID, Emitting, one
from writing import failing

from hookconsole.config.load import ConfigError
from hookconsole.emitter import Emission, EmissionError, Emitter
from hookconsole.errors import BusyError, HookconsoleError, InputError, RefusedError
from hookconsole.journal import segments
from hookconsole.journal.segments import Appender
from support import registry


@pytest.fixture
def site(tmp_path: Path) -> Emitting:
    return Emitting(tmp_path)


# What is refused


@pytest.mark.parametrize(
    ("emission", "says"),
    [
        (Emission("invoice.payed", b"{}"), "invoice.paid"),
        (Emission("webhook.test", b"{}"), "endpoints test"),
        (Emission(PAID, b"{", None), "not JSON"),
        (Emission(PAID, b"NaN", None), "not JSON"),
        (Emission(PAID, b"\xff", None), "UTF-8"),
        (Emission(PAID, b"{}", "a.b"), "id 'a.b'"),
        (Emission(PAID, b"{}", None, "yesterday"), "created_at"),
        (Emission(PAID, b'"' + b"x" * 300_000 + b'"'), "too big"),
    ],
)
def test_a_bad_event_is_refused_and_leaves_no_trace(site: Emitting, emission: Emission, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        site.emitter.accept([emission])
    assert raised.value.exit_code == 2
    assert site.records() == []


@pytest.mark.parametrize(
    "data", [{"x": float("nan")}, {"x": [{"y": float("inf")}]}, {"x": {1j}}, {"x": object()}]
)
def test_a_mapping_that_json_cant_say_is_refused(site: Emitting, data: dict[str, object]) -> None:
    with pytest.raises(InputError, match="data can't be written as JSON"):
        site.emitter.emit(PAID, data)


def test_a_bad_one_stops_a_batch_and_those_before_it_are_accepted(site: Emitting) -> None:
    for ids in ((None, None, None), ("evt_1", None, "evt_2")):
        before = len(site.records())
        with pytest.raises(EmissionError) as raised:
            site.emitter.accept([one(id=ids[0]), one(id=ids[1]), Emission("nope", b"{}"), one(id=ids[2])])
        assert [record.event for record in site.records()][before:] == [
            accepted.event for accepted in raised.value.accepted
        ]
        assert len(raised.value.accepted) == 2


# Event types


def test_the_companys_own_types_are_known(site: Emitting) -> None:
    with pytest.raises(InputError):
        site.emitter.emit("stock.low", {})
    site.config.write_text('[event_types]\n"stock.low" = "A stock level fell"\n')
    assert site.emitter.emit("stock.low", {})


def test_a_refused_config_stops_no_known_type(site: Emitting) -> None:
    adopted = registry()
    adopted.event_types = ["stock.low"]
    site.journal.put(adopted)
    site.config.write_text("this is no TOML")
    assert site.emitter.emit(PAID, {})
    assert site.another().emit("stock.low", {})
    with pytest.raises(InputError) as raised:
        site.another().emit("stock.high", {})
    assert not isinstance(raised.value, ConfigError)


# When the disk refuses


@pytest.mark.parametrize("id", [None, "evt_1"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("name", ["write", "sync_file"])
def test_what_isnt_durable_is_not_accepted(
    site: Emitting,
    monkeypatch: pytest.MonkeyPatch,
    id: str | None,  # noqa: A002
    number: int,
    name: str,
) -> None:
    site.emitter.emit(PAID, {})
    with monkeypatch.context() as disk:
        failing(disk, name, number, times=9, owner=segments if name == "sync_file" else os)
        with pytest.raises(RefusedError, match=rf"not accepted: .*{errno.errorcode[number]}"):
            site.emitter.emit(PAID, {}, id=id)
    assert site.emitter.emit(PAID, {}, id=id)


def test_a_lock_that_is_held_is_busy(site: Emitting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "LOCK_SECONDS", 0.05)
    with Appender(site.journal.folder).locked(), pytest.raises(BusyError) as raised:
        site.emitter.emit(PAID, {})
    assert raised.value.exit_code == 3


def test_a_state_directory_that_cant_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HookconsoleError, match=r"not accepted: .*file/state"):
        Emitter(config=tmp_path / "config.toml", state=tmp_path / "file" / "state").emit(PAID, {})


def test_after_a_failed_sync_the_event_is_written_once_more_into_a_new_segment(
    site: Emitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as disk:
        failing(disk, "sync_file", errno.EIO, times=1, owner=segments)
        accepted = site.emitter.emit(PAID, {"n": 1}, id="evt_1")
    assert accepted == "evt_1"
    numbers = segments.segment_numbers(str(site.journal.folder))
    assert len(numbers) == 2
    for number in numbers:
        assert b'"evt_1"' in Path(segments.segment_path(str(site.journal.folder), number)).read_bytes()


def test_a_closed_emitter_accepts_nothing(site: Emitting) -> None:
    with site.emitter:
        site.emitter.emit(PAID, {})
    with pytest.raises(InputError, match="closed"):
        site.emitter.emit(PAID, {})
    assert len(site.records()) == 1
