"""Edits of any file, in any layout that a hand may choose, leave every other line alone."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from splicing import changed, only_slices

from hookconsole.config.outline import entries
from hookconsole.config.splice import Change, changed_document

NAMES = ("acme", "b-2", "acme.eu")
COMMENTS = st.sampled_from(["", "# note", "#[endpoints.no]", '# x = "y"', "  # indented"])
EVENTS = st.lists(st.sampled_from(["invoice.paid", "vat.*", "*", "a.b"]), max_size=4, unique=True)


@st.composite
def keys(draw: st.DrawFn) -> list[str]:
    """The lines of an endpoint's keys, in any order and layout, comments in between."""
    events = draw(EVENTS)
    layouts = [
        f"events = {events}".replace("'", '"'),
        "events = [ # which\n" + "".join(f'  "{event}", # why\n' for event in events) + "]",
        "events = [\n" + ",\n".join(f"  '{event}'" for event in events) + "\n  # last\n]",
    ]
    lines = [
        draw(st.sampled_from(['url = "u"', "url='u' # prod", '  url = "u"', '"url" = """u"""'])),
        draw(st.sampled_from(layouts)),
        draw(st.sampled_from(['secret = "s"', "secret = 's'   # rotate me"])),
    ]
    lines += draw(
        st.lists(
            st.sampled_from(["active = true", "timeout_seconds = 5 # s", 'description = "[x]"']),
            unique=True,
        )
    )
    mixed: list[str] = []
    for line in draw(st.permutations(lines)):
        mixed += [*draw(st.lists(COMMENTS, max_size=2)), line]
    return mixed


@st.composite
def files(draw: st.DrawFn) -> str:
    lines = draw(st.sampled_from([[], ["# top", ""], ["[delivery]", "concurrency = 3 # c"]]))
    for name in draw(st.permutations(NAMES)):
        quoted = f'"{name}"' if "." in name else name
        lines += [*draw(st.lists(COMMENTS, max_size=2)), f"[endpoints.{quoted}]", *draw(keys())]
        if draw(st.booleans()):
            lines += [draw(COMMENTS), f"[endpoints.{quoted}.headers]", 'X-A = "1" # a', "X-B='2'"]
    lines += draw(st.lists(COMMENTS, max_size=3))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(newline.join(lines).split("\n") if newline == "\n" else lines)
    text = text.replace("\r\n", "\n").replace("\n", newline)
    return text + draw(st.sampled_from(["", newline]))


CHARACTERS = "ab \"'\\\n\r\t\x1b#=[]{}é\u2028\U0001f389"
CHANGES = st.dictionaries(
    st.sampled_from(["url", "active", "timeout_seconds", "description", "previous_secret"]),
    st.one_of(st.none(), st.text(CHARACTERS, max_size=5), st.booleans(), st.integers(1, 60)),
    max_size=3,
)
WITH_TABLES = st.fixed_dictionaries(
    {},
    optional={
        "events": EVENTS,
        "headers": st.one_of(
            st.none(),
            st.dictionaries(st.sampled_from(["X-A", "X-B", "X C"]), st.sampled_from(["1", "é"])),
        ),
    },
)


def lines_by_owner(text: str, name: str, touched: set[str]) -> list[str]:
    """The lines that no change of these keys of this endpoint has a reason to touch."""
    kept = text
    for entry in reversed(list(entries(text))):
        ours = entry.path[:2] == ("endpoints", name)
        if ours and entry.path[2:3] and entry.path[2] in touched:
            kept = kept[: entry.start] + kept[entry.end :]
    return [line.rstrip("\r") for line in kept.split("\n") if line.strip()]


@given(text=files(), name=st.sampled_from(NAMES), one=CHANGES, two=WITH_TABLES)
def test_no_other_line_is_ever_changed(
    text: str, name: str, one: dict[str, Any], two: dict[str, Any]
) -> None:
    values = {**one, **two}
    with pytest.MonkeyPatch.context() as patch:
        only_slices(patch)
        edited = changed(text, name, values)
    document = tomllib.loads(text)
    assert tomllib.loads(edited) == changed_document(document, Change(name, values))
    touched = set(values)
    before, after = (lines_by_owner(one, name, touched) for one in (text, edited))
    if values.get("headers", {}) is None:
        # With a whole sub-table its own comments go.
        before, after = ([line for line in one if "#" not in line] for one in (before, after))
    assert after == before
    if "\r\n" in text:
        assert edited.count("\n") == edited.count("\r\n")


@given(text=files(), name=st.sampled_from(NAMES))
def test_a_removal_leaves_every_line_of_others(text: str, name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        only_slices(patch)
        edited = changed(text, name, None)
    wanted = changed_document(tomllib.loads(text), Change(name, None))
    assert tomllib.loads(edited) == wanted
    left = edited.replace("\r", "").split("\n")
    position = 0
    for entry in entries(text):
        if entry.path[:2] != ("endpoints", name):
            for line in text[entry.start : entry.end].replace("\r", "").rstrip("\n").split("\n"):
                position = left.index(line, position) + 1


@given(text=files())
def test_added_and_removed_again_is_the_same_file(text: str) -> None:
    if not text.endswith("\n") or text.endswith(("\n\n", "\r\n\r\n")):
        return
    added = changed(text, "new", {"url": "u", "events": ["*"], "headers": {"X": "1"}})
    assert added.startswith(text)
    assert changed(added, "new", None) == text


TYPES = ["invoice.paid", "invoice.sent", "vat.*", "bank_feed.*", "payroll.*"]


@given(
    old=st.lists(st.sampled_from(TYPES[:4]), unique=True),
    gone=st.sets(st.sampled_from(TYPES)),
    more=st.sampled_from([[], ["payroll.*"], ["payroll.*", "company.*"]]),
    between=st.sampled_from(["", "  # between\n"]),
    last_comma=st.booleans(),
)
def test_an_array_keeps_the_comments_of_the_entries_that_stay(
    old: list[str], gone: set[str], more: list[str], between: str, last_comma: bool
) -> None:
    lines = [f'  "{name}", # why {name}\n' for name in old]
    if lines and not last_comma:
        lines[-1] = lines[-1].replace(",", "", 1)
    text = f"[endpoints.a]\nevents = [ # head\n{between.join(lines)}  # tail\n]\nurl = 'u'\n"
    kept = [name for name in old if name not in gone]
    edited = changed(text, "a", {"events": kept + more})
    for name in kept:
        assert any(f'"{name}"' in line and f"# why {name}" in line for line in edited.split("\n"))
    assert edited.count("# tail") == edited.count("# head") == 1
    assert edited.endswith("]\nurl = 'u'\n")
