"""An edit changes the lines it must and nothing else: comments, order, spacing and line ends stay."""

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from splicing import changed, only_slices

from hookconsole.config import splice
from hookconsole.config.splice import Change, changed_document, changed_text
from hookconsole.errors import RefusedError

TEXT = """\
# Ours. Ask Bob.

[delivery]
timeout_seconds = 5   # slow receivers

# ACME, the big one
[endpoints.acme]      # since 2019
url = "https://a.example/"   # prod
events = [
  "invoice.paid",   # the money
  "invoice.sent",
  # bank
  "bank_feed.*",    # all of it
]
secret = 'x'
# headers = {}

# Globex
# phone 123
[endpoints.globex]
url = "https://g.example/"
events=["*"]
secret   =   "y"

  [endpoints.globex.headers]   # theirs
  X-Tenant = "42"   # the answer
  "X-Other" = '1'

[console]
theme = "nord"
# the end
"""


@pytest.mark.parametrize(
    ("name", "values", "old", "new"),
    [
        (
            "acme",
            {"url": "https://b.example/"},
            'url = "https://a.example/"   # prod',
            'url = "https://b.example/"   # prod',
        ),
        ("acme", {"active": False}, "secret = 'x'\n", "secret = 'x'\nactive = false\n"),
        ("acme", {"secret": None, "secret_env": "A"}, "secret = 'x'", 'secret_env = "A"'),
        (
            "acme",
            {"events": ["invoice.paid", "bank_feed.*", "vat.*"]},
            '  "invoice.sent",\n  # bank\n  "bank_feed.*",    # all of it\n',
            '  # bank\n  "bank_feed.*",    # all of it\n  "vat.*",\n',
        ),
        (
            "acme",
            {"events": ["invoice.paid", "invoice.overdue", "bank_feed.*"]},
            '"invoice.sent"',
            '"invoice.overdue"',
        ),
        ("globex", {"events": ["vat.*"]}, 'events=["*"]', 'events=["vat.*"]'),
        ("globex", {"secret": "z"}, 'secret   =   "y"', 'secret   =   "z"'),
        (
            "globex",
            {"retry_schedule": [1, 2.5]},
            'secret   =   "y"\n',
            'secret   =   "y"\nretry_schedule = [1, 2.5]\n',
        ),
        (
            "globex",
            {"headers": {"X-Tenant": "43", "X-Other": "1"}},
            '"42"   # the answer',
            '"43"   # the answer',
        ),
        (
            "globex",
            {"headers": {"X-Tenant": "42", "X-New": "9"}},
            "  \"X-Other\" = '1'\n",
            '  X-New = "9"\n',
        ),
        (
            "globex",
            {"headers": None},
            "\n  [endpoints.globex.headers]   # theirs\n"
            '  X-Tenant = "42"   # the answer\n  "X-Other" = \'1\'\n',
            "",
        ),
        (
            "acme",
            {"headers": {"X-Tenant": "1"}},
            "secret = 'x'\n",
            "secret = 'x'\nheaders = {X-Tenant = \"1\"}\n",
        ),
        ("acme", {"url": "https://a.example/", "active": None}, "", ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_key_s_line_changes(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    values: dict[str, Any],
    old: str,
    new: str,
    newline: str,
) -> None:
    only_slices(monkeypatch)
    assert old in TEXT
    expected = TEXT.replace(old, new, 1).replace("\n", newline)
    assert changed(TEXT.replace("\n", newline), name, values) == expected


def test_a_rotation_is_three_lines() -> None:
    until = datetime(2026, 4, 16, 14, 32, tzinfo=UTC)
    values = {"secret": "n", "previous_secret": "x", "previous_secret_until": until}
    new = (
        'secret = "n"\nprevious_secret = "x"\nprevious_secret_until = 2026-04-16T14:32:00Z\n# headers = {}\n'
    )
    assert changed(TEXT, "acme", values) == TEXT.replace("secret = 'x'\n# headers = {}\n", new)


def test_a_new_endpoint_goes_to_the_end() -> None:
    values = {"url": "https://n.example/", "events": ["*"], "headers": {"X A": "1"}}
    block = '[endpoints.new]\nurl = "https://n.example/"\nevents = ["*"]\nheaders = {"X A" = "1"}\n'
    assert changed(TEXT, "new", values) == TEXT + "\n" + block
    assert changed(TEXT + "\n", "new", values) == TEXT + "\n" + block
    assert changed(TEXT[:-1], "new", values) == TEXT + "\n" + block
    assert changed("", "new", values) == block
    windows = TEXT.replace("\n", "\r\n")
    assert changed(windows, "new", values) == windows + ("\n" + block).replace("\n", "\r\n")


def test_a_name_with_a_dot_is_quoted() -> None:
    added = changed("", "acme.eu", {"url": "x"})
    assert added == '[endpoints."acme.eu"]\nurl = "x"\n'
    assert changed(added, "acme.eu", {"url": "y"}) == '[endpoints."acme.eu"]\nurl = "y"\n'
    assert changed(added, "acme.eu", None) == ""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_removal_takes_the_tables_and_leaves_what_belongs_to_others(
    monkeypatch: pytest.MonkeyPatch, newline: str
) -> None:
    only_slices(monkeypatch)
    start, end = TEXT.index("[endpoints.acme]"), TEXT.index("\n# Globex")
    expected = TEXT[:start] + TEXT[end:]
    text = TEXT.replace("\n", newline)
    assert changed(text, "acme", None) == expected.replace("\n", newline)
    start, end = TEXT.index("[endpoints.globex]"), TEXT.index("\n[console]")
    expected = TEXT[:start] + TEXT[end:]
    assert changed(text, "globex", None) == expected.replace("\n", newline)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[endpoints.a]\nx = 1\n# b's\n[endpoints.b]\n", "# b's\n[endpoints.b]\n"),
        ("[endpoints.a]\nx = 1\n# a's\n\n[endpoints.b]\n", "[endpoints.b]\n"),
        ("[endpoints.a]\nx = 1\n\n# end\n", "# end\n"),
        ("[endpoints.a]\nx = 1\n# end", ""),
        ("# a\n[endpoints.a]\nx = 1\n[endpoints.b]\n", "# a\n\n[endpoints.b]\n"),
        ("y = 1\n[endpoints.a]\nx = 1\n[endpoints.b]\n", "y = 1\n[endpoints.b]\n"),
        ("y = 1\n\n[endpoints.a]\nx = 1\n\n\n[z]\n", "y = 1\n\n[z]\n"),
        ("y = 1\n\n[endpoints.a]\nx = 1\n", "y = 1\n"),
        ("[endpoints.a]\n# c\n[endpoints.a.headers]\n# d\n\n[z]\n", "[z]\n"),
        ("[endpoints.a.headers]\n[z]\n[endpoints.a]\nx = 1\n", "[z]\n"),
        ("[endpoints]\n[endpoints.a]\n", "[endpoints]\n"),
    ],
)
def test_whose_comments_and_blank_lines_are(text: str, left: str) -> None:
    assert changed(text, "a", None) == left


@pytest.mark.parametrize(
    "text",
    [
        '[endpoints]\na = { url = "x", headers = { A = "1" } } # c\nb = { url = "y" }\n',
        '# c\n[endpoints]\na.url = "x" # d\na.headers.A = "1"\nb.url = "y"\n',
        'endpoints.a.url = "x"\nendpoints.a.headers.A = "1"\nendpoints.b = { url = "y" }\n',
        'endpoints = { a = { url = "x", headers = { A = "1" } }, b = { url = "y" } }\n[z]\n',
        '[endpoints.a]\nurl = "x"\nheaders.A = "1"\n[endpoints.b]\nurl = "y"\n',
        '[endpoints.a.headers]\nA = "1"\n[endpoints.b]\nurl = "y"\n[endpoints.a]\nurl = "x"\n',
        '["endpoints"."a"]\nurl = "x"\nheaders = { "A" = "1" }\n[ endpoints . b ]\nurl = "y"\n',
        'text = """\n[endpoints.a]\n"""\n[endpoints.a]\nurl = "x"\n[endpoints.b]\nurl = "y"\n',
        '[endpoints.a]\nurl = """\n[endpoints.b]"""\n[endpoints.b]\nurl = "y"',
    ],
)
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a", {"url": "z"}),
        ("a", {"active": True}),
        ("a", {"headers": {"A": "2"}}),
        ("a", {"headers": None}),
        ("a", {"events": ["x"], "url": None}),
        ("a", None),
        ("b", {"url": "z", "headers": {"A": "2"}}),
        ("b", None),
        ("c", {"url": "z", "headers": {"A": "2"}}),
    ],
)
def test_other_layouts_are_edited_to_the_same_meaning(
    text: str, name: str, values: dict[str, Any] | None
) -> None:
    document = tomllib.loads(text)
    change = Change(name, values)
    try:
        edited = changed_text(text, document, change)
    except RefusedError:
        # tomlkit can't add to `endpoints.a.url`, and nothing is better than something else.
        assert text.startswith("endpoints.a.url")
        return
    wanted = changed_document(document, change)
    assert tomllib.loads(edited).get("endpoints", {}) == wanted["endpoints"]
    assert [line for line in text.split("\n") if "z]" in line or "# c" in line] == [
        line for line in edited.split("\n") if "z]" in line or "# c" in line
    ] or name == "a"


def test_an_edit_that_would_say_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splice, "set_values", lambda table, values: table.update({"url": "evil"}))
    with pytest.raises(RefusedError, match=r"endpoints\.acme .* by hand"):
        changed(TEXT, "acme", {"url": "https://b.example/"})
