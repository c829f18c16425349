"""A table of ids: what stands in it is found, and whatever becomes of its bytes, it never calls an id new."""

import itertools

import pytest

from hookconsole.journal.id_table import IdTable, fits, pack

SPREAD = 0x9E3779B97F4A7C15
HASHES = [number * SPREAD % 2**64 for number in range(1, 71)]
FOUND = [(hashed, 1000 + number) for number, hashed in enumerate(HASHES)]
OTHERS = [hashed ^ 1 for hashed in HASHES] + [0, 2**64 - 1]


def table(raw: bytes) -> IdTable:
    return IdTable(memoryview(raw))


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 70])
def test_what_stands_in_it_is_found_and_nothing_else(count: int) -> None:
    made = table(pack(7, 4711, FOUND[:count]))
    assert [made.offsets(hashed) for hashed in HASHES] == [
        [1000 + number] if number < count else [] for number in range(70)
    ]
    assert not any(made.offsets(hashed) for hashed in OTHERS)


def test_all_of_one_hash_are_found_across_the_checksums_too() -> None:
    same = [(HASHES[5], offset) for offset in range(50)]
    made = table(pack(7, 4711, [*FOUND, *same]))
    assert made.offsets(HASHES[5]) == [*range(50), 1005]


def test_it_fits_its_segment_alone() -> None:
    raw = pack(7, 4711, FOUND)
    assert fits(memoryview(raw), 7, 4711)
    assert not fits(memoryview(raw), 8, 4711)
    assert not fits(memoryview(raw), 7, 4712)
    assert not any(fits(memoryview(raw)[:size], 7, 4711) for size in range(len(raw)))
    assert not fits(memoryview(raw + b"\0"), 7, 4711)


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_damaged_byte_hides_no_id_and_invents_none(flip: int) -> None:
    raw = pack(7, 4711, FOUND)
    unsound = 0
    for at in range(len(raw)):
        bent = bytearray(raw)
        bent[at] ^= flip
        if not fits(memoryview(bent), 7, 4711):
            continue
        made = table(bytes(bent))
        answers = [made.offsets(hashed) for hashed in HASHES]
        assert all(answer in (None, [1000 + number]) for number, answer in enumerate(answers))
        assert all(made.offsets(hashed) in (None, []) for hashed in OTHERS)
        unsound += None in answers
    assert unsound == len(raw) - 32  # the head's bytes were noticed by `fits`


def test_blocks_that_changed_places_are_damage() -> None:
    raw = pack(7, 4711, FOUND[:64])
    words = [raw[at : at + 8] for at in range(32, len(raw), 8)]
    blocks = [words[:32], words[32:64], words[64:96], words[96:128], words[128:129], words[129:]]
    swapped = [blocks[place] for place in (1, 0, 3, 2, 5, 4)]
    bent = table(raw[:32] + b"".join(itertools.chain.from_iterable(swapped)))
    assert all(bent.offsets(hashed) is None for hashed in HASHES[:64])
