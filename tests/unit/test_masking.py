"""A receiver that echoes the request puts nothing private into the journal."""

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.config.model import Endpoint
from hookconsole.config.secrets import SecretSource
from hookconsole.delivery.masking import SHORTEST, Private, private_of

ENDPOINT = Endpoint(
    name="acme",
    url="https://acme.example/hook?token=s3cr%2Ft&n=1",
    events=("*",),
    secret=SecretSource("inline", "whsec_canary"),
    headers=(("X-Tenant", 'can"ary'), ("X-Short", "42")),
    previous_secret="whsec_before",
)
PRIVATE = private_of(ENDPOINT, "whsec_canary", "whsec_before")


@pytest.mark.parametrize(
    "echo",
    [
        "/hook?token=s3cr%2Ft&n=1",
        "s3cr/t",
        json.dumps({"x": 'can"ary'}),
        "can%22ary",
        "whsec_canary",
        "whsec_before",
    ],
)
def test_no_spelling_of_it_is_kept(echo: str) -> None:
    kept = PRIVATE.masked(f"you sent {echo}, thanks")
    assert "***" in kept
    for private in ("s3cr", "ary", "canary", "before"):
        assert private not in kept
    assert kept.startswith("you sent ")
    assert kept.endswith(", thanks")


@pytest.mark.parametrize(
    "echo",
    [
        "a/b+c=&d",
        "a%2Fb%2Bc%3D%26d",
        "a%2fb%2bc%3d%26d",
        "a/b%2Bc%3D%26d",
        "a\\/b+c=&d",
        "a/b+c=&amp;d",
        "whsec_a/b+c=&d",
    ],
)
def test_other_languages_spell_it_otherwise(echo: str) -> None:
    endpoint = Endpoint("acme", "https://acme.example/", ("*",), SecretSource("inline", "whsec_a/b+c=&d"))
    private = private_of(endpoint, "whsec_a/b+c=&d")
    assert private.may_be_in(f"key {echo}!")
    assert private.masked(f"key {echo}!") in ("key ***!", "key whsec_***!")


VALUE = "k&y+'\"é<🔑"


@pytest.mark.parametrize(
    "echo",
    [
        r"""k\u0026y+'\"é\u003c🔑""",  # JSON by Go
        r"""k\u0026y+'\"\u00e9\u003c\ud83d\udd11""",  # by Ruby, ASCII only
        r"""k\u0026y\u002B\u0027\u0022\u00E9\u003C\uD83D\uDD11""",  # by .NET
        "k&amp;y&#43;&#39;&#34;é&lt;🔑",  # HTML by Go
        "k&amp;y+&#39;&quot;é&lt;🔑",  # by PHP, Ruby, JavaScript
        "k&amp;y+&#x27;&quot;é&lt;🔑",  # by Python
        VALUE.encode().decode("latin-1"),  # a header's bytes
    ],
)
def test_other_languages_escape_otherwise(echo: str) -> None:
    private = Private([VALUE])
    assert private.may_be_in(f"key {echo}!")
    assert private.masked(f"key {echo}!") == "key ***!"


def test_what_is_echoed_in_another_encoding_is_not_kept() -> None:
    body = "key schlüssel!".encode("latin-1").decode("utf-8", "backslashreplace")
    assert Private(["schlüssel"]).masked(body) == "key ***!"


def test_the_beginning_of_one_at_a_cut_is_not_kept_either() -> None:
    assert PRIVATE.masked("you sent whsec_can", cut_off=True) == "you sent ***"
    assert PRIVATE.masked("you sent whsec_can") == "you sent whsec_can"


def test_at_a_cut_as_much_is_told_as_elsewhere() -> None:
    assert Private(["canary"]).masked("you sent cana", cut_off=True) == "you sent ***"
    assert Private(["canary"]).masked("you sent can", cut_off=True) == "you sent can"


def test_of_one_that_is_within_another_nothing_is_left() -> None:
    assert Private(["canary", "canary-2"]).masked("canary-2 canary") == "*** ***"
    assert Private(["canary-2", "canary"]).masked("canary-2 canary") == "*** ***"


def test_what_is_too_short_to_tell_stays() -> None:
    assert PRIVATE.masked("42 apples") == "42 apples"


def test_a_text_without_it_is_known_at_a_look() -> None:
    assert not PRIVATE.may_be_in("server: nginx\nhsec_cana\ncontent-length: 42")
    assert not Private().may_be_in("anything")


@given(st.lists(st.text(max_size=12), max_size=3), st.text(max_size=12), st.text(max_size=12), st.data())
def test_the_look_misses_nothing(values: list[str], before: str, behind: str, data: st.DataObject) -> None:
    private = Private(values)
    value = data.draw(st.sampled_from([*values, ""]))
    for spelled in (value, quote(value), quote_plus(value), json.dumps(value)[1:-1], html.escape(value)):
        text = f"{before}{spelled}{behind}"
        if len(spelled) >= SHORTEST:
            assert private.may_be_in(text)
            assert private.may_be_in(text.upper()) or not text.isascii()
        if not private.may_be_in(text):
            assert private.masked(text) == text
            assert private.masked_name(text) == text
