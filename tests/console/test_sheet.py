"""What the form's texts mean, judged as the file is."""

from typing import Any

import pytest

from hookconsole.config.model import Config
from hookconsole.console.dialogs.sheet import KEYS, Judged, Opened, Sheet, rebased, texts_of
from hookconsole.console.dialogs.subscription import (
    covered,
    matching,
    offers,
    patterns,
    subscribed,
    toggled,
)

TABLE: dict[str, Any] = {
    "url": "https://acme.example/hooks?token=abc",
    "events": ["invoice.*", "vat.return_filed"],
    "description": "on call\x1b[2J",
    "retry_schedule": [],
    "headers": {"X-Tenant": "42", "X-Key": "k"},
}


def judge(**texts: str) -> Judged:
    """The judgement of a form of a known endpoint in which these texts were typed."""
    sheet = Sheet(Opened("acme", Config(), "/etc/hooks", TABLE))
    return sheet.judge("acme", {**sheet.before, **texts})


def judge_new(name: str = "acme", **texts: str) -> Judged:
    """The judgement of a form of a new one."""
    sheet = Sheet(Opened(None, Config(), "/etc/hooks", {}))
    return sheet.judge(name, {**sheet.before, **texts})


def test_nothing_typed_is_nothing_written() -> None:
    assert judge() == ({}, {})


def test_what_is_private_isnt_shown_and_what_is_unsafe_is_escaped() -> None:
    texts = texts_of(TABLE)
    assert texts["url"] == "https://acme.example/hooks?***"
    assert texts["headers"] == "X-Tenant: ***\nX-Key: ***"
    assert texts["description"] == "on call\\x1b[2J"
    assert texts["retry_schedule"] == "none"
    assert set(texts) == set(KEYS)


@pytest.mark.parametrize(
    ("key", "typed", "written"),
    [
        ("url", "https://new.example/h?***", "https://new.example/h?token=abc"),
        ("url", "https://new.example/h", "https://new.example/h"),
        ("events", "invoice.paid,vat.return_filed  invoice.paid", ["invoice.paid", "vat.return_filed"]),
        ("description", "", None),
        ("active", "no", False),
        ("timeout_seconds", "2.5", 2.5),
        ("retry_schedule", "1, 2 30", [1, 2, 30]),
        ("retry_schedule", "", None),
        ("endpoint_concurrency", "4", 4),
        ("headers", "X-Tenant: ***\nX-New: a: b", {"X-Tenant": "42", "X-New": "a: b"}),
        ("headers", "", None),
        ("ca_file", "ca.pem", "ca.pem"),
    ],
)
def test_only_what_was_typed_is_written(key: str, typed: str, written: object) -> None:
    values, problems = judge(**{key: typed})
    assert problems == {}
    assert values == ({} if written is None and key not in TABLE else {key: written})


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("url", "", "this is no URL; write it as https://host/path"),
        ("url", "http://acme.example/", "the URL is http, and https_only is on"),
        ("events", "", "is empty; name at least one"),
        ("events", "invoice.pai", "did you mean invoice.paid?"),
        ("timeout_seconds", "soon", "'soon' is no number; write it as 5 or 2.5"),
        ("timeout_seconds", "61", "must be from 0.1 to 60, is 61"),
        ("endpoint_concurrency", "2.5", "must be a whole number"),
        ("retry_schedule", "1, x", "'x' is no number"),
        ("headers", "X-Tenant", "line 1 is no header; write it as Name: value"),
        ("headers", "X-Other: ***", "line 1: X-Other is new; give its value"),
        ("headers", "X-A: 1\nX-A: 2", "line 2: X-A stands twice"),
        ("headers", "Host: here", "Host is a header that hookconsole sets itself"),
        ("headers", "\x1b]0;x: y", "is no header name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(key: str, typed: str, said: str) -> None:
    problems = judge(**{key: typed}).problems
    assert list(problems) == [key]
    assert said in problems[key]
    assert "\x1b" not in problems[key]


def test_a_new_one_needs_name_url_and_events() -> None:
    assert set(judge_new(name="A b").problems) == {"name", "url", "events"}
    good = judge_new(url="https://a.example/", events="*", active="no")
    assert good == ({"url": "https://a.example/", "events": ["*"], "active": False}, {})
    both = judge_new(url="https://a.example/", events="*", secret_file="a", secret_env="B")
    assert list(both.problems) == ["secret_file"]


def test_a_form_loaded_anew_keeps_what_was_typed_where_the_file_didnt_change() -> None:
    old = Sheet(Opened("acme", Config(), "/", TABLE))
    new = Sheet(Opened("acme", Config(), "/", {**TABLE, "events": ["*"], "description": "theirs"}))
    typed = {**old.before, "description": "mine", "timeout_seconds": "5"}
    texts = rebased(typed, old, new)
    assert (texts["description"], texts["timeout_seconds"], texts["events"]) == ("theirs", "5", "*")


TYPES = {"invoice.paid": "Paid", "invoice.sent": "Sent", "a.b.c": "Deep", "a.b": "Flat"}


def test_families_stand_before_their_members() -> None:
    found = [offer.pattern for offer in offers(TYPES)]
    assert found == ["*", "a.*", "a.b", "a.b.*", "a.b.c", "invoice.*", "invoice.paid", "invoice.sent"]


def test_a_search_finds_all_words_in_name_or_description() -> None:
    assert [offer.pattern for offer in matching(offers(TYPES), "INVOICE pai")] == ["invoice.paid"]
    assert [offer.pattern for offer in matching(offers(TYPES), "deep")] == ["a.b.c"]


def test_a_wider_pattern_takes_the_place_of_what_it_covers() -> None:
    assert toggled(["a.b", "invoice.paid"], "invoice.*") == ["a.b", "invoice.*"]
    assert toggled(["a.b", "invoice.*"], "*") == ["*"]
    assert toggled(["a.b", "*"], "a.b") == ["*"]
    assert toggled(["unknown.x"], "a.b") == ["unknown.x", "a.b"]


def test_what_is_covered_and_how_many_types_that_are() -> None:
    assert covered(["a.*"], "a.b.*")
    assert not covered(["a.b.*"], "a.b")
    assert subscribed(["a.b.*", "invoice.paid"], TYPES) == 2
    assert subscribed(["*"], TYPES) == 4
    assert patterns(" a.b,, c.d\ta.b ") == ["a.b", "c.d"]
