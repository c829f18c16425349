"""The list of deliveries: as a plain list of rows would be, in a fraction of the memory."""

import sys
import tracemalloc
from array import array
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hookconsole.journal.deliveries import UNFINISHED
from hookconsole.observing import columns, ledger
from hookconsole.observing.ledger import Ledger, Touched
from hookconsole.observing.rows import Told
from hookconsole.observing.values import DeliveryRow, Key

T0 = 1_776_263_520
STATES = ("pending", "retrying", "delivered", "failed", "held")


def row(number: int, state: str = "delivered", endpoint: str = "acme", **fields: Any) -> DeliveryRow:
    """Event `number`, accepted ten seconds after the one before."""
    known: dict[str, Any] = {"type": f"type.{number % 3}", "attempts": 1, "status": 200, "duration_ms": 41.5}
    known |= {"segment": 1 + number // 10, "offset": 300 * number, "accepted": T0 + 10.25 * number} | fields
    return DeliveryRow(event=f"evt_{number}", endpoint=endpoint, state=state, **known)


def told(segment: int, offset: int) -> Told | None:
    """What the journal has of an event."""
    found = row(offset // 300)
    return Told(found.event, found.type, found.accepted) if segment == found.segment else None


def anything(_row: DeliveryRow) -> bool:
    return True


def listed(*rows: DeliveryRow, begun: float = T0 + 10_000) -> Ledger:
    """A list in which a search found these."""
    made = Ledger(told, begun)
    made.older(rows)
    return made


def shown(of: Ledger) -> list[DeliveryRow]:
    return [of.row(index) for index in range(len(of))]


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that remember three events."""
    monkeypatch.setattr(ledger, "RECENT", 3)


# What a row is


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": None, "duration_ms": None, "attempts": 0, "state": "pending"},
        {"status": None, "error": "timeout", "state": "failed"},
        {"next_at": T0 + 77.5, "state": "retrying", "attempts": 70},
        {"segment": 1, "offset": 5 << 30},
    ],
)
def test_a_row_comes_out_as_it_went_in(fields: dict[str, Any]) -> None:
    rows = [replace(row(9), **fields), *(row(number) for number in range(8, 0, -1))]
    place = (rows[0].segment, rows[0].offset)
    made = Ledger(lambda *at: told(1, 2700) if at == place else told(*at), T0 + 10_000)
    made.older(rows)
    assert shown(made) == rows


@pytest.mark.usefixtures("forgetful")
def test_a_row_whose_record_is_gone_is_known_by_its_place() -> None:
    made = Ledger(lambda *_: None, T0 + 10_000)
    made.older(row(number) for number in range(9, 0, -1))
    assert made.key(8) == Key("1:300", "acme")
    assert made.index(Key("1:300", "acme")) == 8
    assert made.row(8).type == ""
    assert made.touch([row(1, "failed")], anything).changed == [Key("evt_1", "acme")]
    assert made.row(8) == row(1, "failed")


def test_there_is_no_row_beyond_the_last() -> None:
    with pytest.raises(IndexError):
        listed(row(1)).row(1)


def test_millions_fit() -> None:
    tracemalloc.start()
    made = listed()
    made.older(row(5) for _ in range(ledger.RECENT))
    before = tracemalloc.get_traced_memory()[0]
    made.older(row(5) for _ in range(10 * columns.BLOCK))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 32 * 10 * columns.BLOCK


# What comes first


def test_live_ones_come_on_top() -> None:
    made = listed(row(2), row(1))
    assert made.touch([row(3), row(4)], anything) == Touched(2, [])
    assert shown(made) == [row(4), row(3), row(2), row(1)]


def test_a_known_one_changes_in_place_wanted_or_not() -> None:
    made = listed(row(2, "failed"), row(1, "failed"))
    assert made.touch([row(1)], lambda _: False) == Touched(0, [Key("evt_1", "acme")])
    assert shown(made) == [row(2, "failed"), row(1)]


def test_one_that_is_not_wanted_stays_out_until_it_is() -> None:
    made = listed(row(2, "failed"))
    wanted = "failed".__eq__
    assert made.touch([row(3, "pending")], lambda r: wanted(r.state)) == Touched(0, [])
    assert made.touch([row(3, "failed")], lambda r: wanted(r.state)) == Touched(1, [])
    assert shown(made) == [row(3, "failed"), row(2, "failed")]


def test_what_happened_live_outdoes_what_the_search_finds_later() -> None:
    made = listed(row(9))
    made.touch([row(5, "failed")], anything)
    made.touch([row(4, "delivered")], lambda r: r.state == "failed")
    assert made.older([row(5, "pending"), row(4, "failed"), row(3)]) == 1
    assert shown(made) == [row(5, "failed"), row(9), row(3)]


def test_two_endpoints_of_an_event_are_two() -> None:
    made = listed(row(1), row(1, endpoint="bolt"))
    made.touch([row(1, "failed", "bolt")], anything)
    assert [one.state for one in shown(made)] == ["delivered", "failed"]
    assert made.index(Key("evt_1", "bolt")) == 1


def test_an_event_carried_forward_is_the_same() -> None:
    made = listed(row(2), row(1, "retrying"))
    made.touch([row(1, segment=7, offset=300)], anything)
    assert shown(made)[1:] == [row(1, segment=7, offset=300)]


# What can't be told apart, but must


def test_rows_of_the_same_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_hash", lambda _: 7)
    made = listed(row(2), row(1))
    assert made.touch([row(1, endpoint="bolt"), row(3)], anything) == Touched(2, [])
    assert shown(made) == [row(3), row(1, endpoint="bolt"), row(2), row(1)]


def test_a_hash_is_not_found_across_two_others() -> None:
    made = columns.Columns(columns.Tables())
    for hash_ in (0x01000000, 0x00000002, 0x00020100):
        made.append(columns.Facts(hash_, "acme", 1, 0, T0, "failed", 1, 503, None, None, None))
    assert list(made.of_hash(int.from_bytes(b"\0\0\1\2", sys.byteorder))) == []
    assert list(made.of_hash(0x00020100)) == list(made.of_marks([(T0, 0x00020100)])) == [2]


@pytest.mark.usefixtures("forgetful")
def test_one_that_others_of_its_batch_push_out_of_memory_is_there_once() -> None:
    made = listed(row(3), row(2), row(1))
    rows = [*(row(number) for number in range(4, 9)), row(1, "failed"), row(4, "failed")]
    assert made.touch(rows, anything).added == 5
    assert shown(made)[-1] == row(1, "failed")
    assert shown(made)[4] == row(4, "failed")


@pytest.mark.usefixtures("forgetful")
def test_however_many_rows_change_those_of_their_seconds_are_passed_through_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "BLOCK", 10)
    numbers = range(100, 0, -1)
    made = listed(*(row(number, "sending") for number in numbers))
    passes = 0

    class Counted(array):  # type: ignore[type-arg]
        def __iter__(self) -> Iterator[Any]:
            nonlocal passes
            passes += 1
            return super().__iter__()

    for block in made._found._blocks:
        block.arrays = (block.arrays[0], Counted("I", block.arrays[1]), *block.arrays[2:])
    assert len(made.touch([row(number) for number in numbers], anything).changed) == 100
    assert passes == len(made._found._blocks)
    assert shown(made) == [row(number) for number in numbers]


@pytest.mark.usefixtures("forgetful")
def test_what_a_search_brings_twice_does_no_harm() -> None:
    rows = [row(1), row(1), *(row(number) for number in range(2, 8))]
    made = listed(*rows)
    assert shown(made) == shown(made) == rows
    assert made.index(Key("evt_1", "acme")) in (0, 1)


# What is let go


def test_retention_takes_the_ended_ones_at_the_old_end() -> None:
    made = listed(row(9), row(5), row(4, "retrying"), row(3), row(2, "held"), row(1))
    assert made.trim(row(5).accepted) == 2
    assert shown(made) == [row(9), row(5), row(4, "retrying"), row(2, "held")]
    assert not made.cut
    assert made.trim(row(5).accepted) == 0


def test_retention_reaches_live_ones_too() -> None:
    made = listed(row(2))
    made.touch([row(3), row(4, "pending"), row(5)], anything)
    assert made.trim(row(5).accepted) == 2
    assert shown(made) == [row(5), row(4, "pending")]
    made.touch([row(6)], anything)
    assert shown(made) == [row(6), row(5), row(4, "pending")]
    assert made.index(Key("evt_4", "acme")) == 2


def test_of_many_live_ones_those_that_are_left_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "BLOCK", 4)
    monkeypatch.setattr(ledger, "RECENT", 1)
    made = listed()
    made.touch([row(number) for number in range(20)], anything)
    for passed in (3, 7, 10, 18):
        made.trim(row(passed).accepted)
        left = [row(number) for number in range(19, passed - 1, -1)]
        assert shown(made) == left
        assert [made.index(one.key) for one in left] == list(range(len(left)))
    made.begin(T0 + 10_000)
    assert made.older([row(19), row(18), row(17)]) == 1


def test_after_shortening_a_new_search_goes_on_where_the_list_ends() -> None:
    made = listed(row(4), row(3), row(2), begun=T0)
    made.touch([row(5)], anything)
    made.shorten(2)
    assert bool(made.cut)
    assert shown(made) == [row(5), row(4)]
    assert made.older([row(1)]) == 0
    made.begin(T0 + 1000)
    assert not made.cut
    assert made.older([row(5), row(4), row(3), row(2)]) == 2
    assert shown(made) == [row(5), row(4), row(3), row(2)]


def test_shortening_to_more_than_there_is_cuts_nothing() -> None:
    made = listed(row(2), row(1))
    made.shorten(2)
    assert not made.cut


# Whatever happens


class Plain:
    """The same as a plain list."""

    def __init__(self) -> None:
        self.rows: list[DeliveryRow] = []
        self.passed: set[Key] = set()
        self.until = 0.0
        self.cut = False

    def begin(self, begun: float) -> None:
        self.until, self.cut = begun + 60, False
        self.passed = {one.key for one in self.rows}

    def older(self, rows: list[DeliveryRow]) -> None:
        if not self.cut:
            self.rows += [one for one in rows if one.key not in self.passed]

    def touch(self, rows: list[DeliveryRow], wanted: set[str]) -> None:
        for one in rows:
            keys = [known.key for known in self.rows]
            if one.key in keys:
                self.rows[keys.index(one.key)] = one
                continue
            if one.accepted <= self.until:
                self.passed.add(one.key)
            if one.state in wanted:
                self.rows.insert(0, one)

    def trim(self, before: float) -> None:
        kept: list[DeliveryRow] = []
        while self.rows and self.rows[-1].accepted < before:
            last = self.rows.pop()
            if last.state in (*UNFINISHED, "held"):
                kept.insert(0, last)
        self.rows += kept

    def shorten(self, keep: int) -> None:
        self.cut = self.cut or len(self.rows) > keep
        del self.rows[keep:]


NUMBERS = st.integers(0, 40)
ROWS = st.builds(
    row,
    NUMBERS,
    st.sampled_from(STATES),
    st.sampled_from(["acme", "bolt"]),
    next_at=st.sampled_from([None, T0 + 5.0]),
    status=st.sampled_from([None, 200, 503]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("older"), st.integers(1, 30)),
        st.tuples(st.just("touch"), st.lists(ROWS, max_size=6), st.sets(st.sampled_from(STATES), min_size=3)),
        st.tuples(st.just("trim"), NUMBERS),
        st.tuples(st.just("shorten"), st.integers(0, 30)),
        st.tuples(st.just("begin"), NUMBERS),
    ),
    max_size=25,
)


@given(STEPS, st.lists(ROWS, min_size=10, max_size=80, unique_by=lambda one: one.key), st.booleans())
def test_it_is_what_a_plain_list_would_be(
    steps: list[tuple[Any, ...]], journal: list[DeliveryRow], alike: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "BLOCK", 4)
        patch.setattr(ledger, "RECENT", 5)
        if alike:  # rows of an endpoint that only their event tells apart
            patch.setattr(ledger, "_hash", lambda key: len(key.endpoint) + (key.endpoint == "bolt"))
        plain, made = Plain(), Ledger(told, T0)
        journal.sort(key=lambda one: one.accepted, reverse=True)
        search = iter(journal)
        for step, *given_ in [("begin", 20), ("older", 20), *steps]:
            if step == "begin":
                begun = row(given_[0]).accepted
                search = (one for one in list(journal) if one.accepted <= begun)
                plain.begin(begun)
                made.begin(begun)
            elif step == "older":
                found = list(islice(search, given_[0]))
                plain.older(found)
                made.older(found)
            elif step == "touch":
                plain.touch(*given_)
                made.touch(given_[0], lambda one, wanted=given_[1]: one.state in wanted)  # type: ignore[misc]
            elif step == "trim":
                plain.trim(float(int(row(given_[0]).accepted)))
                made.trim(row(given_[0]).accepted)
            else:
                plain.shorten(*given_)
                made.shorten(*given_)
            assert made.cut == plain.cut
            assert len(made) == len(plain.rows)
            keys = [one.key for one in plain.rows]
            assert [made.key(index) for index in range(len(made))] == keys
            for number in range(41):
                for endpoint in ("acme", "bolt"):
                    key = Key(f"evt_{number}", endpoint)
                    assert made.index(key) == (keys.index(key) if key in keys else None)
        assert shown(made) == plain.rows
