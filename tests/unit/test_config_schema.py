"""Every key of the config file: what it may be, what it may not, and that all problems are said at once."""

from typing import Any

import pytest

from hookconsole.config.endpoint import ENDPOINT_KEYS
from hookconsole.config.model import Config, DeliveryPolicy, Endpoint, SecretSource
from hookconsole.config.rules import Problem
from hookconsole.config.schema import KEYS, InvalidConfigError, validate

NAN = float("nan")
INFINITY = float("inf")


def endpoint(**changes: Any) -> dict[str, Any]:
    table: dict[str, Any] = {
        "url": "https://erp.acme.example/hooks",
        "events": ["invoice.paid"],
        "secret": "s3cret",
    }
    table.update(changes)
    return {key: value for key, value in table.items() if value is not None}


def judged(**changes: Any) -> Endpoint:
    config = validate({"endpoints": {"acme": endpoint(**changes)}}, "/etc/hookconsole")
    return config.endpoints["acme"]


def problems(document: dict[str, Any]) -> list[Problem]:
    with pytest.raises(InvalidConfigError) as raised:
        validate(document, "/etc/hookconsole")
    assert raised.value.problems
    return raised.value.problems


def problem(document: dict[str, Any]) -> Problem:
    (only,) = problems(document)
    return only


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


def test_an_endpoint_arrives_whole() -> None:
    judged_one = judged(
        active=False,
        description="ACME's ERP\nsecond line",
        timeout_seconds=3,
        headers={"X-Tenant": "42"},
        ca_file="ca.pem",
        previous_secret="old",
        previous_secret_until="2026-04-15T14:32:00Z",
    )
    assert judged_one == Endpoint(
        name="acme",
        url="https://erp.acme.example/hooks",
        events=("invoice.paid",),
        secret=SecretSource("inline", "s3cret"),
        active=False,
        description="ACME's ERP\nsecond line",
        policy=DeliveryPolicy(3, (1, 2, 4, 8, 16), 8),
        headers=(("X-Tenant", "42"),),
        ca_file="/etc/hookconsole/ca.pem",
        previous_secret="old",
        previous_secret_until=1776263520.0,
    )


def test_an_endpoint_has_the_policy_of_the_file_unless_it_says_otherwise() -> None:
    config = validate(
        {
            "delivery": {"timeout_seconds": 7, "retry_schedule": [3]},
            "endpoints": {"a": endpoint(), "b": endpoint(retry_schedule=[])},
        },
        "/",
    )
    assert config.endpoints["a"].policy is config.policy
    assert config.endpoints["b"].policy == DeliveryPolicy(7, (), 8)


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
        ("journal", "retention_days", [0, -1, 0.04, 366, True, NAN, "7"]),
        ("security", "https_only", [1, "yes"]),
        ("security", "allow_networks", ["10.0.0.0/8", [5], ["x"], ["169.254.169.254/32"]]),
        ("console", "theme", ["", 5, "a\x1b[31m", "x" * 65]),
        ("console", "frames_per_second", [0, 61, 12.0, True]),
        ("console", "keys", [[], {"retry": 5}, "r"]),
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
    ("key", "bad"),
    [
        ("url", [5, "", "ftp://x/", "http://a.example/", "https://127.0.0.1/", "https://u:pw@h/"]),
        ("events", [[], "*", [5], ["webhook.test"], ["webhook.*"], ["nope.*"], ["invoice.payd"]]),
        ("events", [["invoice.*.x"], ["*.*"], ["invoice*"], ["INVOICE.PAID"], ["x" * 10_000]]),
        ("secret", ["", 5, "two\nlines", "esc\x1b", "x" * 5000, ["x"]]),
        ("active", [1, "true", "no"]),
        ("description", [5, "x" * 1001]),
        ("timeout_seconds", [True, 0, "5"]),
        ("retry_schedule", [[-1], 5]),
        ("endpoint_concurrency", [0, 2.0]),
        ("headers", [[], "X: 1", 5]),
        ("ca_file", ["", 5, "a\0b"]),
    ],
)
def test_a_bad_key_of_an_endpoint_is_refused_by_its_key(key: str, bad: list[object]) -> None:
    for value in bad:
        found = problem({"endpoints": {"acme": endpoint(**{key: value})}})
        assert found.path == ("endpoints", "acme", key)
        assert "pw" not in found.what


@pytest.mark.parametrize("value", ["", 5, "A B", "1A", "é", "x=1", "a\0b"])
def test_a_variable_has_a_name(value: object) -> None:
    found = problem({"endpoints": {"a": endpoint(secret=None, secret_env=value)}})
    assert found.path[2] == "secret_env"


def test_exactly_one_source_of_the_secret() -> None:
    assert judged(secret=None, secret_env="A_B").secret == SecretSource("env", "A_B")
    assert "has no secret" in problem({"endpoints": {"a": endpoint(secret=None)}}).what
    two = problem({"endpoints": {"a": endpoint(secret_env="A")}})
    assert two.what == "has secret and secret_env; keep one of them"


def test_a_secret_of_any_form_is_a_secret() -> None:
    for secret in ("x", "whsec_not base64!", "whsec_", "pässwörd"):
        assert judged(secret=secret).secret.read() == secret


def test_a_secret_file_is_taken_from_the_folder_of_the_config() -> None:
    for given, absolute in [
        ("s/acme", "/etc/hookconsole/s/acme"),
        ("../acme", "/etc/acme"),
        ("/run/acme", "/run/acme"),
    ]:
        assert judged(secret=None, secret_file=given).secret == SecretSource("file", absolute)


def test_a_previous_secret_needs_its_end_and_an_end_its_secret() -> None:
    for alone in ({"previous_secret": "x"}, {"previous_secret_until": "2026-04-15T14:32:00Z"}):
        found = problem({"endpoints": {"a": endpoint(**alone)}})
        assert "set both or neither" in found.what


@pytest.mark.parametrize("until", ["2026-04-15", "2026-04-15T14:32:00", "soon", 1776263520, True])
def test_the_end_of_a_previous_secret_is_a_moment(until: object) -> None:
    table = endpoint(previous_secret="x", previous_secret_until=until)
    assert problem({"endpoints": {"a": table}}).path[2] == "previous_secret_until"


@pytest.mark.parametrize("name", ["", "Acme", "a b", "a/b", "x" * 65, "é", "a\n"])
def test_a_bad_endpoint_name_is_refused(name: str) -> None:
    assert problem({"endpoints": {name: endpoint()}}).path == ("endpoints", name)


def test_a_good_endpoint_name_is_accepted() -> None:
    names = ["a", "acme.eu", "a-b_c.9", "x" * 64, "..", "-"]
    assert list(validate({"endpoints": dict.fromkeys(names, endpoint())}, "/").endpoints) == names


def test_a_name_with_a_dot_and_no_quotes_is_explained() -> None:
    found = problem({"endpoints": {"acme": {"eu": endpoint()}}})
    assert '[endpoints."acme.eu"]' in found.what
    found = problem({"event_types": {"stock": {"low": "Low"}}})
    assert '"stock.low"' in found.what


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


def test_own_event_types_can_be_subscribed_exactly_and_as_families() -> None:
    config = validate(
        {
            "event_types": {"stock.level.low": "Low"},
            "endpoints": {"a": endpoint(events=["stock.*", "stock.level.*", "stock.level.low"])},
        },
        "/",
    )
    assert config.endpoints["a"].subscribes("stock.level.low")


@pytest.mark.parametrize(
    ("events", "yes", "no"),
    [
        (["invoice.paid"], ["invoice.paid"], ["invoice.sent", "webhook.test", "invoice.paid.x"]),
        (["invoice.*"], ["invoice.paid", "invoice.sent"], ["vat.return_filed", "webhook.test"]),
        (["*"], ["invoice.paid", "stock.low"], ["webhook.test"]),
        (["vat.*", "invoice.paid"], ["invoice.paid", "vat.return_filed"], ["invoice.sent"]),
    ],
)
def test_what_a_subscription_matches(events: list[str], yes: list[str], no: list[str]) -> None:
    subscriber = judged(events=events)
    assert all(map(subscriber.subscribes, yes))
    assert not any(map(subscriber.subscribes, no))


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


def test_an_endpoint_is_a_table() -> None:
    assert problem({"endpoints": {"a": 5}}).path == ("endpoints", "a")


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


def test_no_secret_is_in_a_repr_or_a_problem() -> None:
    canary = "canary-7f3a"
    table = endpoint(
        url=f"https://a.example/?token={canary}",
        secret=canary,
        previous_secret=canary,
        previous_secret_until="2026-04-15T14:32:00Z",
        headers={"Authorization": canary},
    )
    config = validate({"endpoints": {"a": table}}, "/")
    assert canary not in repr(config)
    assert canary not in str(config)
    for key in ENDPOINT_KEYS:
        for bad in (canary + "\n", [canary + "\n"], {canary: canary + "\n"}):
            if key in ("events", "headers", "description") or isinstance(bad, dict):
                continue
            for found in problems({"endpoints": {"a": {**table, key: bad}}}):
                assert canary not in found.what
    bad_header = {**table, "headers": {"X-A": canary + "\n"}}
    assert canary not in str(problems({"endpoints": {"a": bad_header}}))
