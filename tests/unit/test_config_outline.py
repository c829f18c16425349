"""The outline finds every table and key that tomllib finds, at its line."""

import tomllib
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.config.outline import Block, blocks, entries, entry_at, lines_of

TRICKY = '''\
top = 1 # [no.header]
"quoted key" = """
[no.table]
key = "no key"
\\""" still in it"""
[ a . "b.c" ] # comment
x = [ # [no]
  "]", # ]
  { y = "}" },
]
d.e = \'\'\'
[no]\'\'\'\'\'
\t"tab\\tbed" = { p = 1, q = [1, 2] }
[[list]]
z = 2026-04-15T14:32:00Z

# k = 1
[a."b.c".'lit"eral']
'''


def test_tricky_text() -> None:
    tomllib.loads(TRICKY)
    assert [(entry.path, entry.line) for entry in entries(TRICKY)] == [
        (("top",), 1),
        (("quoted key",), 2),
        (("a", "b.c"), 6),
        (("a", "b.c", "x"), 7),
        (("a", "b.c", "d", "e"), 11),
        (("a", "b.c", "tab\tbed"), 13),
        (("list",), 14),
        (("list", "z"), 15),
        (("a", "b.c", 'lit"eral'), 18),
    ]


def test_a_block_ends_with_its_last_key() -> None:
    text = "# c\n[a]\nx = 1\n\n# d\n[b]\n"
    assert blocks(text) == [Block(("a",), 4, 14), Block(("b",), 19, 23)]


def test_implied_tables_have_the_line_that_implies_them() -> None:
    lines = lines_of("\n[a.b]\nc.d = 1\n[a]\n")
    assert lines == {("a",): 4, ("a", "b"): 2, ("a", "b", "c"): 3, ("a", "b", "c", "d"): 3}


@pytest.mark.parametrize(
    ("text", "position", "path"),
    [
        ("a = [\n1\nb = 2\n", 9, ("a",)),
        ("a = 1\nrubbish", 8, None),
        ("a = 1\nb = 'x", 12, ("b",)),
        ('a = """x\nb = 2\n', 15, ("a",)),
        ("", 0, None),
    ],
)
def test_the_key_of_an_error_in_text_that_is_no_toml(
    text: str, position: int, path: tuple[str, ...] | None
) -> None:
    found = entry_at(text, position)
    assert (found and found.path) == path


@given(st.text(alphabet="ab.=[]{}\"'#\\\n\r ,1", max_size=60))
def test_any_text_ends_and_valid_text_is_understood(text: str) -> None:
    found = list(entries(text))
    assert all(one.start < one.end <= two.start for one, two in pairwise(found))
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    text = text.replace("\r\n", "\n")
    lines = lines_of(text)
    for path in paths(document):
        # The keys of inline tables have no lines of their own.
        assert any(path[:length] in lines for length in range(1, len(path) + 1))
    for path in lines:
        assert exists(document, path)


def paths(table: dict[str, Any]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, value in table.items():
        found.append((key,))
        if isinstance(value, dict):
            found += [(key, *rest) for rest in paths(value)]
    return found


def exists(value: Any, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    if isinstance(value, list):
        return any(exists(item, path) for item in value)
    return path[0] in value and exists(value[path[0]], path[1:])
