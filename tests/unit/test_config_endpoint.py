"""Every key of an endpoint: what it may be, what it may not, and what it means."""

import pytest
from judging import endpoint, judged, problem, problems

from hookconsole.config.endpoint import ENDPOINT_KEYS
from hookconsole.config.model import DeliveryPolicy, Endpoint, SecretSource
from hookconsole.config.schema import validate
from url_table import JUDGED_URLS


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


def test_an_endpoint_is_a_table() -> None:
    assert problem({"endpoints": {"a": 5}}).path == ("endpoints", "a")


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


def test_no_url_that_is_refused_gets_into_the_registry_and_none_is_repeated() -> None:
    for url, verdict in JUDGED_URLS:
        if verdict == "accepted":
            assert judged(url=url).url == url
            continue
        found = problem({"endpoints": {"acme": endpoint(url=url)}})
        assert found.path == ("endpoints", "acme", "url")
        assert verdict in found.what
