"""What was pasted is told from what was typed, however the input is cut into pieces."""

from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.console.pastes import Pastes

BEGIN, END = "\x1b[200~", "\x1b[201~"
HOSTILE = st.text("\x1b[20~D\rq:\x07é").filter(lambda text: BEGIN not in text and END not in text)


def taken(pieces: list[str]) -> list[tuple[bool, str]]:
    """All that came, with neighbours of one kind as one, but pastes apart."""
    pastes = Pastes()
    every = [found for piece in pieces for found in pastes.take(piece)] + list(pastes.waited())
    joined: list[tuple[bool, str]] = []
    for pasted, group in groupby(every, key=lambda found: found[0]):
        texts = [text for _, text in group]
        joined += [(True, text) for text in texts] if pasted else [(False, "".join(texts))]
    return joined


@given(st.lists(st.tuples(HOSTILE, HOSTILE)), HOSTILE, st.lists(st.integers(0, 200)))
def test_however_it_is_cut(parts: list[tuple[str, str]], last: str, cuts: list[int]) -> None:
    stream = "".join(f"{typed}{BEGIN}{pasted}{END}" for typed, pasted in parts) + last
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[begin:end] for begin, end in pairwise(places)]
    assert taken(pieces) == taken([stream])
    assert [text for pasted, text in taken([stream]) if pasted] == [pasted for _, pasted in parts if pasted]


@pytest.mark.parametrize("key", ["\x1b", "\x1b[", "\x1b[2", "\x1b[20"])
def test_what_only_might_have_begun_a_paste_was_typed_when_nothing_comes(key: str) -> None:
    pastes = Pastes()
    assert list(pastes.take("j" + key)) == [(False, "j")]
    assert list(pastes.waited()) == [(False, key)]
    assert list(pastes.waited()) == []
    assert list(pastes.take("[200~")) == [(False, "[200~")]


def test_a_paste_waits_for_its_end_as_long_as_it_takes() -> None:
    pastes = Pastes()
    assert list(pastes.take(f"{BEGIN}q\x1bq")) == []
    assert list(pastes.waited()) == []
    assert list(pastes.take(f"\x1b[201{END}j")) == [(True, "q\x1bq\x1b[201"), (False, "j")]
