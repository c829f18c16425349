"""The settings of the config file: their bounds and defaults, and that all problems are said at once."""

from typing import Any

import pytest
from judging import endpoint, problem, problems

from hookconsole.config.model import Config, DeliveryPolicy
from hookconsole.config.schema import KEYS, validate

NAN = float("nan")
INFINITY = float("inf")


def test_an_empty_document_is_the_defaults() -> None:
    config = validate({}, "/")
    assert config == Config()
    assert config.policy == DeliveryPolicy(10, (1, 2, 4, 8, 16), 8)
    assert (config.concurrency, config.signing_header) == (64, "AccBooks-Signature")
    assert (config.standard_webhooks, config.retention_days, config.https_only) == (True, 7, True)
    assert (config.console.theme, config.console.frames_per_second) == ("textual-dark", 12)


def test_every_setting_arrives() -> None:
    config = validate(
        {
            "delivery": {
                "timeout_seconds": 2.5,
                "retry_schedule": [],
                "concurrency": 3,
                "endpoint_concurrency": 2,
            },
            "signing": {"header": "X-Sign", "standard_webhooks": False},
            "journal": {"retention_days": 0.5},
            "security": {"https_only": False, "allow_networks": ["10.20.0.0/16"]},
            "console": {"theme": "nord", "frames_per_second": 5, "keys": {"retry": "R"}},
            "event_types": {"stock.low": "Low"},
        },
        "/",
    )
    assert config.policy == DeliveryPolicy(2.5, (), 2)
    assert (config.concurrency, config.signing_header, config.standard_webhooks) == (
        3,
        "X-Sign",
        False,
    )
    assert (config.retention_days, config.https_only) == (0.5, False)
    assert [str(network) for network in config.allow_networks] == ["10.20.0.0/16"]
    assert config.console.keys == {"retry": "R"}
    assert config.event_types == {"stock.low": "Low"}


@pytest.mark.parametrize(
    ("section", "key", "bad"),
    [
        ("delivery", "timeout_seconds", [True, NAN, INFINITY, -1, 0, 60.1, "5", [], {}, None]),
        ("delivery", "retry_schedule", [5, "1", [True], [NAN], [-1], ["1"], [86_401], [1] * 21]),
        ("delivery", "concurrency", [0, 1025, 1.0, True, "8", 10**5000]),
        ("delivery", "endpoint_concurrency", [0, 1025, 1.5, False]),
        (
            "signing",
            "header",
            ["", "a b", "X:", "Host", "webhook-id", "é", 5, "X" * 129, "content-LENGTH"],
        ),
        ("signing", "standard_webhooks", [0, "true", None]),
        ("journal", "retention_days", [0, -1, 0.00001, 366, True, NAN, "7"]),
        ("security", "https_only", [1, "yes"]),
        ("security", "allow_networks", ["10.0.0.0/8", [5], ["x"], ["169.254.169.254/32"]]),
        ("console", "theme", ["", 5, "a\x1b[31m", "x" * 65]),
        ("console", "frames_per_second", [0, 61, 12.0, True]),
        ("console", "keys", [[], "r", 5]),
    ],
)
def test_a_bad_setting_is_refused_by_its_key(section: str, key: str, bad: list[object]) -> None:
    for value in bad:
        assert problem({section: {key: value}}).path == (section, key)


@pytest.mark.parametrize(
    ("section", "key", "good"),
    [
        ("delivery", "timeout_seconds", [0.1, 60, 60.0]),
        ("delivery", "retry_schedule", [[], [0, 86_400], [0.5] * 20]),
        ("delivery", "concurrency", [1, 1024]),
        ("journal", "retention_days", [1 / 24, 365]),
        ("console", "frames_per_second", [1, 60]),
    ],
)
def test_the_bounds_themselves_are_accepted(section: str, key: str, good: list[object]) -> None:
    for value in good:
        validate({section: {key: value}}, "/")


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("stock", "one word"),
        ("Stock.low", "capital"),
        ("stock..low", "empty word"),
        ("stock.low ", "space"),
        ("invoice.paid", "built in"),
        ("webhook.mine", "reserved"),
        ("a." + "x" * 127, "long"),
        ("stock.low", 5),
    ],
)
def test_a_bad_event_type_is_refused(name: str, description: object) -> None:
    assert problem({"event_types": {name: description}}).path == ("event_types", name)


@pytest.mark.parametrize(
    ("document", "near"),
    [
        ({"endpoints": {"a": endpoint(secret=None, secrect="x")}}, "did you mean secret?"),
        ({"endpoints": {"a": endpoint(url=None, ulr="https://a.example")}}, "did you mean url?"),
        ({"endpoints": {"a": endpoint(event="x", concurrency=3)}}, "events"),
        ({"delivery": {"timeout": 5}}, "timeout_seconds"),
        ({"delivry": {}}, "did you mean delivery?"),
        ({"journal": {"zzz": 5}}, "the keys are retention_days"),
        ({"endpoints": {"a": endpoint(events=["webhook.test"])}}, "needs no subscription"),
        ({"endpoints": {"a": endpoint(events=["invoice.payd"])}}, "did you mean invoice.paid?"),
        ({"endpoints": {"a": endpoint(events=["bank_fed.*"])}}, "did you mean bank_feed.*?"),
    ],
)
def test_what_isnt_known_is_refused_with_the_near_one(document: dict[str, Any], near: str) -> None:
    assert near in problems(document)[0].what


@pytest.mark.parametrize("section", [*KEYS, "event_types"])
def test_a_section_is_a_table(section: str) -> None:
    values: list[object] = [5, "x", [], [{}], True]
    for value in values:
        assert problem({section: value}).path == (section,)


def test_all_problems_are_said_at_once() -> None:
    found = problems(
        {
            "delivery": {"timeout_seconds": True, "concurrency": 0},
            "typo": {},
            "endpoints": {
                "a": endpoint(events=["x.y", "invoice.paid", "z.*"], headers={"Host": "x", "A": 5}),
                "b": {},
            },
        }
    )
    assert [problem.path for problem in found] == [
        ("typo",),
        ("delivery", "timeout_seconds"),
        ("delivery", "concurrency"),
        ("endpoints", "a", "events"),
        ("endpoints", "a", "events"),
        ("endpoints", "a", "headers", "Host"),
        ("endpoints", "a", "headers", "A"),
        ("endpoints", "b"),
        ("endpoints", "b"),
        ("endpoints", "b"),
    ]


def test_a_type_with_a_bad_description_is_one_problem_not_two() -> None:
    document = {
        "event_types": {"stock.low": 5},
        "endpoints": {"a": endpoint(events=["stock.low"])},
    }
    assert problem(document).path == ("event_types", "stock.low")


def test_there_can_be_too_many_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hookconsole.config.schema.ENDPOINTS_AT_MOST", 2)
    document = {"endpoints": {name: endpoint() for name in "ab"}}
    validate(document, "/")
    document["endpoints"]["c"] = endpoint()
    assert problem(document).path == ("endpoints",)
