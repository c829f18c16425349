"""A receiver that echoes the request puts nothing private into the journal."""

import json

import pytest

from hookconsole.config.model import Endpoint
from hookconsole.config.secrets import SecretSource
from hookconsole.delivery.masking import masked, private_texts

ENDPOINT = Endpoint(
    name="acme",
    url="https://acme.example/hook?token=s3cr%2Ft&n=1",
    events=("*",),
    secret=SecretSource("inline", "whsec_canary"),
    headers=(("X-Tenant", 'can"ary'), ("X-Short", "42")),
    previous_secret="whsec_before",
)


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
    kept = masked(f"you sent {echo}, thanks", private_texts(ENDPOINT, "whsec_canary", "whsec_before"))
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
    assert masked(f"key {echo}!", private_texts(endpoint, "whsec_a/b+c=&d")) in ("key ***!", "key whsec_***!")


def test_the_beginning_of_one_at_a_cut_is_not_kept_either() -> None:
    private = private_texts(ENDPOINT, "whsec_canary", "whsec_before")
    assert masked("you sent whsec_can", private, cut_off=True) == "you sent ***"
    assert masked("you sent whsec_can", private) == "you sent whsec_can"


def test_what_is_too_short_to_tell_stays() -> None:
    assert masked("42 apples", private_texts(ENDPOINT, "whsec_canary", "whsec_before")) == "42 apples"
