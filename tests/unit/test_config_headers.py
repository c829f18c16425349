"""Headers that a config may name: nothing that breaks a request or passes for one of ours."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.config.headers import judge_headers, why_no_name, why_no_value

SIGNATURE = "AccBooks-Signature"
CHARACTERS = [*map(chr, range(256)), "\u2028", "\uff21", "\ud800"]


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type"),
        *("User-Agent", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Content-Encoding"),
        *("Proxy-Authorization", "proxy-connection", "webhook-id", "Webhook-Anything"),
        *("accbooks-SIGNATURE", "", " ", "X A", "X:", "X\n", "X\x1b", "é", "X\0", "(x)", "x" * 129),
    ],
)
def test_a_name_that_is_refused(name: str) -> None:
    headers, problems = judge_headers({name: "1"}, SIGNATURE)
    assert not headers
    assert len(problems) == 1


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        " x",
        "x ",
        "\tx",
        "a\nb",
        "a\r\nX: y",
        "a\0b",
        "\x1b[31m",
        "é",
        "\x7f",
        5,
        True,
        None,
    ],
)
def test_a_value_that_is_refused(value: object) -> None:
    headers, problems = judge_headers({"X-A": value}, SIGNATURE)
    assert not headers
    assert [name for name, _ in problems] == ["X-A"]


def test_usual_headers_are_accepted_in_order() -> None:
    table: dict[str, object] = {
        "X-Tenant": "42",
        "Authorization": "Bearer a.b-c_d==",
        "X_Odd!": "two words\tand a tab",
        "X-Long": "x" * 4096,
    }
    assert judge_headers(table, SIGNATURE) == (tuple(table.items()), [])


def test_a_value_may_be_four_kibibytes_and_no_more() -> None:
    assert why_no_value("x" * 4096) is None
    assert why_no_value("x" * 4097)


def test_a_name_twice_in_other_case_is_refused() -> None:
    headers, problems = judge_headers({"X-Tenant": "1", "x-tenant": "2"}, SIGNATURE)
    assert headers == (("X-Tenant", "1"),)
    assert problems == [("x-tenant", "stands twice, as X-Tenant too; remove one")]


def test_there_can_be_too_many() -> None:
    table: dict[str, object] = {f"X-{number}": "1" for number in range(33)}
    assert [name for name, _ in judge_headers(table, SIGNATURE)[1]] == [""]
    del table["X-0"]
    assert judge_headers(table, SIGNATURE)[1] == []


@given(name=st.text(CHARACTERS, max_size=12), value=st.text(CHARACTERS, max_size=12))
def test_what_is_accepted_h11_accepts(name: str, value: str) -> None:
    if why_no_name(name) or why_no_value(value):
        return
    h11.Request(method="POST", target="/", headers=[("Host", "h"), (name, value)])
    assert value.isprintable() or "\t" in value
