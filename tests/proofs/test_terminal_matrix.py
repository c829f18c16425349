"""Every hostile text in every field through every command; what a terminal obeys through every screen too."""

import io
import sys
from pathlib import Path

import pytest
from grammar import strays
from poisoned import FIELDS, Poisoned
from printed import COMMANDS, Prints
from walking import Walk

TEXTS = {
    "clear the screen": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "device control": "\x1bP1$r\x1b\\\x1b_x\x1b\\\x1b^x\x1b\\\x1bX\x1b\\",
    "C1 controls": "\x9b31m\x9d52;c;aGk=\x9c\x90x\x9c",
    "reset and report": "\x1bc\x1b[6n\x1b[c\x1b[5i\x1b#8",
    "paste's end": "\x1b[201~q\r",
    "overwritten": "100 %\r0 %\x08\x08\x0b\x0c\x7f",
    "tabs and lines": "a\tb\nc\u2028d\u2029e\x85f",
    "NUL": "a\x00b",
    "markup": "[red]x[/][/red][@click=app.quit]x[/][link=https://e.example]x[/link][[]\\[b]",
    "bidi": "\u202eabc\u202c\u2066d\u2069\u200f\u061c",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u034fh\u180ei",
    "unassigned and private": "\ue000\U000f0000\U0010ffff\u0378\ufdd0",
    "selectors": "\u2764\ufe0f\u2764\ufe0e\U000e0100\u180b",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "fillers and strange spaces": "\u115f\u1160\u3164\uffa0\u17b4a\u00a0b\u3000c\u2003d\u1680e",
    "towers": "e" + "\u0301" * 40 + "क" + "\u093e" * 40 + "\u1112" + "\u1161" * 40,
    "wide": "株式会社🙂👍\U0001f3fd\U0001f3fd👨\u200d👩\u200d👧🇩🇪\U0001d54f\U0001f3fd" * 3,
}

OBEYED = tuple(" ".join(list(TEXTS.values())[at : at + 5]) for at in (0, 5, 10, 15))
"""What is obeyed, what hides, piles up or has no width; a walk through all screens takes its time."""

HUGE = {
    "a line": "x" * 1_000_000,
    "lines, bells, marks": "\n" * 1_000_000 + "\x07" * 10_000 + "\x1b" * 10_000 + "e" + "\u0301" * 100_000,
}


def body_of(group: str) -> str:
    return group + "\n" + group * 10


@pytest.mark.parametrize("number", range(len(OBEYED)))
def test_what_a_terminal_obeys_through_every_screen(tmp_path: Path, number: int) -> None:
    walk = Walk(Poisoned(tmp_path, OBEYED[number][:160], body_of(OBEYED[number])), tmp_path)
    walk.run()
    assert walk.strays == []
    assert len(walk.copies) == 2
    shown = sum(map(len, walk.seen.values()))
    print(f"{len(walk.seen)} screens, {len(walk.fields)} of {len(FIELDS)} fields, {shown} pairs")


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_through_every_command(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    prints = Prints(Poisoned(tmp_path, TEXTS[name]), capsys)
    for line in COMMANDS:
        prints(line)
        if not line.startswith(("cancel", "check --deep", "retry", "endpoints test")):
            prints(f"{line} --json")


@pytest.mark.parametrize("name", HUGE)
def test_what_is_huge_through_every_command(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prints = Prints(Poisoned(tmp_path, "[/]\x1b[2J", HUGE[name]), capsys)
    for line in COMMANDS:
        if not line.startswith(("cancel", "check --deep", "retry", "endpoints test")):
            assert len(prints(line)) < 20_000  # huge as it is, it is shown in a few lines


def test_the_grammar_knows_all_of_them() -> None:
    harmless = {"markup", "wide"}
    assert {name for name, text in TEXTS.items() if not list(strays(text))} <= harmless
