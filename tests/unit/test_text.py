"""Outside text can't move, colour or feed a terminal, whatever it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.text import MARKS_AT_MOST, safe, safe_bytes, seen

WITH_SURROGATES = st.text(st.characters())


def harmless(text: str) -> bool:
    return all(
        unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        and (character == " " or unicodedata.category(character) != "Zs")
        for character in text
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "[red]x[/]",
        "Åse Ñandú 株式会社 🙂",
        "e\u0301",
        "हिन्दी",
        "\u1112\u1161\u11ab",
        "한국어",
    ],
)
def test_what_is_printable_stays(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b]52;c;aGk=\x1b\\", "\\x1b]52;c;aGk=\\x1b\\"),
        ("\x1bP1$r\x9c", "\\x1bP1$r\\x9c"),
        ("\x9b31m", "\\x9b31m"),
        ("100 %\r0 %", "100 %\\r0 %"),
        ("a\nb\tc\x00", "a\\nb\\tc\\x00"),
        ("a\u202eb\u2066c\u200bd\ufeff", "a\\u202eb\\u2066c\\u200bd\\ufeff"),
        ("a\u2028b\u00a0c\u3000", "a\\u2028b\\xa0c\\u3000"),
        ("\ud800", "\\ud800"),
        ("\ue000\U000f0000", "\\ue000\\U000f0000"),
        ("\U000e0041", "\\U000e0041"),
        ("a\xad\u034fb\u180e", "a\\xad\\u034fb\\u180e"),
        ("\u2764\ufe0f\U000e0100", "\u2764\\ufe0f\\U000e0100"),
        ("\u115f\u1160\u3164\uffa0", "\\u115f\\u1160\\u3164\\uffa0"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d\\U0001f3fd"),
    ],
)
def test_what_isnt_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(WITH_SURROGATES)
def test_the_result_is_one_harmless_line(text: str) -> None:
    assert harmless(safe(text))
    assert safe(safe(text)) == safe(text)


@given(WITH_SURROGATES)
def test_what_is_seen_is_what_needs_no_escape(text: str) -> None:
    assert safe(seen(text)) == seen(text)
    assert seen(safe(text)) == safe(text)
    assert set(seen(text)) <= set(text)


def test_what_isnt_seen_is_left_out() -> None:
    assert seen("a\x1b[2J\u202eb\u3164\ufe0f" + "e" + "\u0301" * 9) == "a[2Jbe" + "\u0301" * MARKS_AT_MOST


@given(WITH_SURROGATES, st.integers(0, 40))
def test_the_limit_holds_and_a_cut_is_marked(text: str, limit: int) -> None:
    whole, shown = safe(text), safe(text, limit)
    assert len(shown) <= max(limit, 1)
    assert shown == whole or shown.endswith("…")
    assert whole.startswith(shown.removesuffix("…"))


@given(st.text("a\u0301\u20dd\u0489b", max_size=60))
def test_combining_marks_are_bounded(text: str) -> None:
    marks = 0
    for character in safe(text):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        assert marks <= MARKS_AT_MOST


@pytest.mark.parametrize("mark", ["\u093e", "\u1161", "\u11a8", "\ud7b0"])
def test_marks_that_take_room_and_parts_of_syllables_are_bounded_too(mark: str) -> None:
    escape = f"\\u{ord(mark):04x}"
    assert safe("x" + mark * 6) == "x" + mark * MARKS_AT_MOST + escape * 2


def test_a_mark_with_nothing_before_it_is_escaped() -> None:
    assert safe("\u0301a") == "\\u0301a"


@pytest.mark.parametrize("text", ["x" * 1_000_000, "\n" * 1_000_000, "\x07" * 10_000, "\u0301" * 1_000_000])
def test_a_limit_is_kept_of_a_huge_text(text: str) -> None:
    assert len(safe(text, 80)) == 80


@given(st.binary(max_size=60), st.none() | st.integers(0, 40))
def test_bytes_of_any_encoding_are_harmless(raw: bytes, limit: int | None) -> None:
    assert harmless(safe_bytes(raw, limit).replace("…", ""))


def test_what_isnt_utf8_is_shown_as_bytes() -> None:
    assert safe_bytes(b"caf\xe9 \x9b2J \xc3\xa9") == "caf\\xe9 \\x9b2J é"
    assert safe_bytes(b"\xff" * 1_000_000, 10) == "\\xff\\xff\\" + "…"
