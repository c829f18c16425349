"""Records and their lines are the same thing; what a reader doesn't know is told from what is damaged."""

from typing import get_args

import msgspec
import pytest
from msgspec import Raw

from hookconsole.journal import records as r
from hookconsole.journal.line import is_sound
from support import at, attempt, event

PROMISED_OF_EVENT = ["kind", "at", "event", "type", "created_at", "data", "source"]
PROMISED_OF_ATTEMPT = (
    *("kind", "at", "event", "endpoint", "attempt", "trigger", "outcome", "status", "error", "error_detail"),
    *("duration_ms", "timings_ms", "remote", "next_attempt_at", "response"),
)


def fields(record: r.AnyRecord) -> list[str]:
    return list(msgspec.json.decode(r.to_line(record)))


def test_an_event_has_its_promised_fields_and_no_other() -> None:
    assert fields(event("evt_1")) == [*PROMISED_OF_EVENT, "crc"]


@pytest.mark.parametrize("outcome", get_args(r.Outcome))
def test_an_attempt_has_its_promised_fields_whatever_became_of_it(outcome: r.Outcome) -> None:
    assert set(PROMISED_OF_ATTEMPT) <= set(fields(attempt("evt_1", "acme", outcome, status=None)))


@pytest.mark.parametrize("kind", get_args(r.AnyRecord), ids=lambda kind: kind.__name__)
def test_every_record_opens_with_its_kind_and_time(kind: type[msgspec.Struct]) -> None:
    assert issubclass(kind, r.Record)
    tag = kind.__struct_config__.tag
    assert msgspec.json.encode({"kind": tag, "at": ""})[:-4].startswith(b'{"kind":"%b"' % str(tag).encode())
    assert kind.__struct_fields__[0] == "at"


@pytest.mark.parametrize(
    "data",
    [
        b'{"total":2500.00,"id":123456789012345678901234567890,"e":1E+2,"z":-0.0}',
        '{"b":1,"a":"\\u00e9é\\/\u2028"}'.encode(),
        b"null",
    ],
)
def test_data_keeps_its_bytes(data: bytes) -> None:
    line = r.to_line(event("evt_1", data=Raw(data)))
    read = r.from_line(line[:-1])
    assert isinstance(read, r.Event)
    assert bytes(read.data) == data
    assert r.to_line(read) == line


def test_a_record_survives_its_line() -> None:
    for record in (
        attempt("evt_1", "acme", "retrying", wait=1.0, slot=2, test=True),
        event("evt_1", carried={"acme": r.Standing(3, 2, "retry")}, accepted_at=at()),
        r.Checkpoint(
            at(),
            checkpoint="x",
            part=0,
            parts=1,
            segment=1,
            offset=2,
            hours={"acme": r.Hours([(1, 2, 3, 4)], [(1, {5: 6})])},
        ),
    ):
        assert r.from_line(r.to_line(record)[:-1]) == record


def test_a_kind_of_a_later_version_is_to_be_ignored() -> None:
    with pytest.raises(r.UnknownKindError):
        r.from_line(b'{"kind":"later","at":"2026-04-15T14:32:00.000000Z"}')


def test_a_field_of_a_later_version_is_ignored() -> None:
    line = r.to_line(event("evt_1"))[:-1].replace(b',"crc"', b',"later":[1],"crc"')
    assert r.from_line(line) == event("evt_1")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"\xff",
        b'{"at":"x"}',
        b'{"kind":5}',
        b'{"kind":"event"}',
        b'{"kind":"attempt"}',
    ],
)
def test_anything_else_is_damage(line: bytes) -> None:
    with pytest.raises(ValueError) as raised:
        r.from_line(line)
    assert not isinstance(raised.value, r.UnknownKindError)


def test_an_event_with_line_breaks_in_its_strings_is_one_line() -> None:
    line = r.to_line(event("evt_1", user="a\nb\u2028c", data=Raw(b'"\\n"')))
    assert line.count(b"\n") == 1
    assert is_sound(line[:-1])
