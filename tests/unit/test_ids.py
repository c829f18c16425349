"""Identifiers: what they look like, that they differ, and what they tell."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.ids import is_event_id, new_event_id, ulid, ulid_seconds


def test_a_new_id_is_evt_and_a_ulid() -> None:
    assert re.fullmatch(r"evt_[0-7][0-9A-HJKMNP-TV-Z]{25}", new_event_id())
    assert is_event_id(new_event_id())


def test_ids_differ() -> None:
    assert len({ulid() for _ in range(10_000)}) == 10_000


@given(st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 48) - 1))
def test_ids_are_in_the_order_of_their_milliseconds_and_tell_them(one: int, other: int) -> None:
    made = []
    for milliseconds in sorted((one, other)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time_ns", lambda at=milliseconds: at * 1_000_000)
            made.append(ulid())
        assert ulid_seconds(f"evt_{made[-1]}") == milliseconds / 1000
    assert made[0][:10] <= made[1][:10]


def test_an_id_tells_when_it_was_made() -> None:
    before = time.time()
    seconds = ulid_seconds(new_event_id())
    assert seconds is not None
    assert before - 0.002 <= seconds <= time.time()


@pytest.mark.parametrize(
    "text",
    [
        *("", "evt_", "invoice-4711", "evt_01ARZ3NDEKTSV4RRFFQ69G5FA", "evt_01ARZ3NDEKTSV4RRFFQ69G5FAVX"),
        *("evt_81ARZ3NDEKTSV4RRFFQ69G5FAV", "evt_01ARZ3NDUKTSV4RRFFQ69G5FAV"),
        *("01ARZ3NDEKTSV4RRFFQ69G5FAV", "abc_01ARZ3NDEKTSV4RRFFQ69G5FAV", "evt_01arz3ndektsv4rrffq69g5fav"),
    ],
)
def test_an_emitters_own_id_tells_nothing(text: str) -> None:
    assert ulid_seconds(text) is None


@pytest.mark.parametrize("text", ["a", "A-_9", "x" * 64])
def test_what_an_emitter_may_use(text: str) -> None:
    assert is_event_id(text)


@pytest.mark.parametrize("text", ["", "x" * 65, "a.b", "a/b", "a b", "a\n", "\na", "é", "٣", "a\x00", "../x"])
def test_what_it_may_not(text: str) -> None:
    assert not is_event_id(text)
