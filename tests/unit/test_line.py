"""A line exists iff its own checksum holds, and stays plain JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from hookconsole.journal.line import is_sound, seal

LINE = seal(b'{"amount":2500.00}')


def test_a_sealed_line_is_json_with_the_checksum_as_its_last_key() -> None:
    assert LINE == b'{"amount":2500.00,"crc":"69c19f87"}\n'
    assert list(json.loads(LINE)) == ["amount", "crc"]


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), min_size=1))
def test_a_sealed_line_is_sound_and_one_line(record: dict[str, str]) -> None:
    line = seal(json.dumps(record).encode())
    assert is_sound(line[:-1])
    assert line.count(b"\n") == 1


@given(at=st.integers(0, len(LINE) - 2), to=st.integers(0, 255))
def test_a_line_with_any_other_byte_is_not_sound(at: int, to: int) -> None:
    changed = LINE[:at] + bytes([to]) + LINE[at + 1 : -1]
    assert is_sound(changed) == (changed == LINE[:-1])


@given(st.integers(0, len(LINE) - 2))
def test_a_piece_of_a_line_is_not_sound(length: int) -> None:
    assert not is_sound(LINE[:length])
    assert not is_sound(LINE[-1 - length : -1])


@given(st.binary(min_size=1, max_size=40))
def test_a_line_behind_a_torn_one_is_not_sound(noise: bytes) -> None:
    assert not is_sound(noise + LINE[:-1])


def test_two_lines_glued_together_are_not_sound() -> None:
    assert not is_sound(LINE[:-1] + LINE[:-1])
