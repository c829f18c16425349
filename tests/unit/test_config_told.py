"""What a file says wrong is told at its own line, by its own key, with the near one, and in bounded time."""

from pathlib import Path

import pytest

from hookconsole.config import event_types, rules
from hookconsole.config.load import ConfigError, parse

ENDPOINT = 'url = "https://a.example/"\nsecret = "s"\n'


def told(text: str) -> list[str]:
    """What is wrong with a file, its name left out."""
    with pytest.raises(ConfigError) as raised:
        parse(text.encode(), Path("/c.toml"))
    return [problem.removeprefix("/c.toml") for problem in raised.value.problems]


FORMS = [
    ("[endpoints.a]\n{}", 3),
    ('[endpoints."a"]\n{}', 3),
    ("[ endpoints . 'a' ]\n{}", 3),
    ('["\\u0065ndpoints".a]\n{}', 3),
    ("[endpoints]\n[endpoints.a]\n{}", 4),
    ("endpoints.a = {{ {inline} }}\n", 1),
    ("[endpoints]\n\na = {{ {inline} }}\n", 3),
    ("endpoints = {{ a = {{ {inline} }} }}\n", 1),
    ("[endpoints]\n{dotted}", 3),
    ("[event_types]\n[endpoints.b]\nurl = 5\n[endpoints.a]\n{}", 6),
]


@pytest.mark.parametrize(("form", "line"), FORMS)
def test_a_key_is_found_in_whatever_form_its_table_is_written(form: str, line: int) -> None:
    values = ["url = 'https://a.example/'", "secrect = 'canary'", "events = ['*']"]
    dotted = "\n".join(f"a.{value}" for value in values)
    problems = told(form.format("\n".join(values), inline=", ".join(values), dotted=dotted))
    assert f":{line}: endpoints.a.secrect: is no key here; did you mean secret?" in problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[endpoints.a]]\n", ":1: endpoints.a: must be a table, is an array; write it as [endpoints.a]"),
        ("\n[[endpoints]]\n", ":2: endpoints: must be tables, is an array; write each as [endpoints.NAME]"),
        ("endpoints = 5\n", ":1: endpoints: must be tables, is an integer"),
        ("endpoints = 2026-01-01\n", ":1: endpoints: must be tables, is a date"),
        ("[[delivery]]\n", ":1: delivery: must be a table, is an array; write it as [delivery]"),
        (
            "[console.keys]\nquit = 'x'\nretry = 5\n",
            ":3: console.keys.retry: must be a string, is an integer",
        ),
        ("[delivery]\n\nretry_schedule = [\n  1,\n  nan,\n]\n", ":3: delivery.retry_schedule: entry 2: must"),
        ("\n[Delivery]\n", ":2: Delivery: is no key here; did you mean delivery?"),
        ("[endpoint.a]\n", ":1: endpoint: is no key here; did you mean endpoints?"),
        ("[event_type]\n", ":1: event_type: is no key here; did you mean event_types?"),
        (
            "[delivery]\ntimeout-seconds = 5\n",
            ":2: delivery.timeout-seconds: is no key here; did you mean timeou",
        ),
        ("[signing]\nheadr = 'x'\n", ":2: signing.headr: is no key here; did you mean header?"),
        (
            "[security]\nallow_network = []\n",
            ":2: security.allow_network: is no key here; did you mean allow_n",
        ),
        ("timeout_seconds = 5\n", ":1: timeout_seconds: is no key here; write it under [delivery]"),
        ("https_only = true\n", ":1: https_only: is no key here; write it under [security]"),
        ("url = 'x'\n", ":1: url: is no key here; write it under [endpoints.NAME]"),
    ],
)
def test_what_stands_at_the_wrong_place_is_told_with_the_right_one(text: str, said: str) -> None:
    (problem,) = told(text)
    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("security", "said"),
    [
        ("allow_networks = ['10.20.0.0/16', '10.0.0.1/8']", "allow_networks: entry 2: it has host bits set"),
        ("allow_network = ['10.20.0.0/16']", "allow_network: is no key here"),
        ("https_only = 'no'\nallow_networks = ['10.20.0.0/16']", "https_only: must be true or false"),
    ],
)
def test_the_urls_that_hang_on_what_security_has_wrong_are_no_problems_besides(
    security: str, said: str
) -> None:
    scheme = "http" if "https_only" in security else "https"
    endpoint = f"[endpoints.a]\nurl = '{scheme}://10.20.0.1/'\nevents = ['*']\nsecret = 's'\n"
    text = f"[security]\n{security}\n{endpoint}"
    (problem,) = told(text)
    assert problem.startswith(f":2: security.{said}")
    assert len(told(text.replace("10.20.0.1", "0.0.0.1"))) == 2, "no setting opens that one"


def test_a_file_of_something_else_is_told_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The near key costs a comparison with every known one: it is looked for at the first hundred."""
    asked: list[str] = []
    monkeypatch.setattr(rules, "near_key", lambda key, _: asked.append(key))
    problems = told("".join(f"key{number} = 1\n" for number in range(500)))
    assert [problem.partition(": ")[0] for problem in problems] == [f":{line}" for line in range(1, 501)]
    assert len(asked) == rules.NEAR_KEYS_AT_MOST


def test_a_type_that_is_gone_is_compared_once_however_many_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def nearest(name: str, _: object) -> str:
        asked.append(name)
        return "invoice.paid"

    monkeypatch.setattr(event_types, "nearest", nearest)
    table = f'{ENDPOINT}events = ["stock.low", "stock.high"]\n'
    assert len(told("".join(f"[endpoints.a{number}]\n{table}" for number in range(50)))) == 100
    assert asked == ["stock.low", "stock.high"]
    asked.clear()
    monkeypatch.setattr(event_types, "_COMPARED_AT_MOST", 30)
    names = ",".join(f'"stock.x{number}"' for number in range(9))
    assert len(told(f"[endpoints.a]\n{ENDPOINT}events = [{names}]\n")) == 9
    assert len(asked) == 3  # of eleven types each
