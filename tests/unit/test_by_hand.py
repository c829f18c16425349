"""What an edit of the config file by hand is put down as: names of keys, no values."""

import pytest

from hookconsole.operating.by_hand import changes

BEFORE = b"""
[security]
allow_networks = ["10.0.0.0/8"]
[endpoints.acme]
url = "https://acme.example/"
events = ["*"]
secret = "canary-old"
[endpoints.bolt]
url = "https://bolt.example/"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "# a word\n", []),
        ("canary-old", "canary-new", [("acme", "edited", ["secret"])]),
        ('events = ["*"]', "active = false", [("acme", "edited", ["active", "events"])]),
        ('[endpoints.bolt]\nurl = "https://bolt.example/"\n', "", [("bolt", "removed", None)]),
        ("endpoints.bolt", "endpoints.new", [("bolt", "removed", None), ("new", "added", ["url"])]),
        ("10.0.0.0/8", "127.0.0.0/8", [("", "edited", ["security.allow_networks"])]),
        ("[security]\nallow_networks", "[console]\ntheme", None),
        ("[security]", "security", []),
    ],
)
def test_what_differs_is_named_by_its_keys(
    old: str, new: str, said: list[tuple[str, str, list[str] | None]] | None
) -> None:
    found = changes(BEFORE, BEFORE.replace(old.encode(), new.encode(), 1), "now", "anna")
    if said is None:
        said = [("", "edited", ["console.theme", "security.allow_networks"])]
    assert [(one.endpoint, one.action, one.keys or None) for one in found] == said
    assert {one.user for one in found} <= {"anna"}
    assert "canary" not in repr(found)


@pytest.mark.parametrize("after", [b"[", b"\xff", b'endpoints = 1\n[endpoints.acme]\nx = "y"'])
def test_of_what_is_no_toml_nothing_is_said(after: bytes) -> None:
    assert changes(BEFORE, after, "now", "anna") == changes(after, BEFORE, "now", "anna") == []


def test_a_file_of_any_shape_is_looked_at() -> None:
    (one,) = changes(b"endpoints = 1", b'endpoints = {acme = {url = "https://acme.example/"}}', "now", "anna")
    assert (one.endpoint, one.action, one.keys) == ("acme", "added", ["url"])
