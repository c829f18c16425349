"""Every form of address against the rule: public unicast, or opened by the allow list, or refused."""

from ipaddress import IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from address_table import FORMS, OPENED, RANGES
from hookconsole.network.addresses import (
    Address,
    allows_loopback,
    judge_address,
    judge_answers,
    parse_network,
)


def near(form: tuple[str, str]) -> st.SearchStrategy[Address]:
    """Addresses beside one of the table, where the blocks begin and end."""
    try:
        address = ip_address(form[0])
    except ValueError:
        return st.ip_addresses()
    most = 2**address.max_prefixlen - 1
    steps = st.integers(-2, 2) | st.integers(0, 128).map(lambda bits: 2**bits)
    return steps.map(lambda step: type(address)(min(max(int(address) + step, 0), most)))


EVERYTHING = [ip_network(text) for text in ("0.0.0.0/0", "::/0", "100.64.0.0/10", "fd00::/8")]


@pytest.mark.parametrize(("text", "verdict"), FORMS, ids=ascii)
def test_every_form_of_address_has_its_verdict(text: str, verdict: str) -> None:
    reason = judge_address(text)
    if verdict == "public":
        assert reason is None
        assert judge_address(ip_address(text)) is None
    else:
        assert reason is not None
        assert verdict in reason
        assert reason.isprintable()


@pytest.mark.parametrize(("text", "verdict"), FORMS, ids=ascii)
def test_the_allow_list_opens_private_and_loopback_ranges_and_nothing_else(text: str, verdict: str) -> None:
    elsewhere = [ip_network("10.99.0.0/16"), ip_network("fd99::/16")]
    assert judge_address(text, elsewhere) == judge_address(text)
    may_be_called = verdict in ("public", *OPENED)
    assert (judge_address(text, EVERYTHING) is None) is may_be_called


def test_a_zone_is_shown_safely() -> None:
    assert "\x1b" not in (judge_address("fd00::1%\x1b[2J", EVERYTHING) or "")


def test_one_bad_answer_is_the_verdict_on_all() -> None:
    assert judge_answers("h.example", ["1.1.1.1", "2606:4700::1111"]) is None
    assert judge_answers("h.example", ["1.1.1.1", "10.0.0.5"]) == (
        "h.example: 10.0.0.5 is private, and allow_networks does not have it"
    )
    assert judge_answers("10.0.0.5", ["10.0.0.5"]) == (
        "10.0.0.5 is private, and allow_networks does not have it"
    )


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ([], False),
        (["10.0.0.0/8", "fd00::/8"], False),
        (["127.0.0.1"], True),
        (["::1"], True),
        (["127.0.0.0/8"], True),
    ],
)
def test_whether_loopback_is_allowed(networks: list[str], expected: bool) -> None:
    assert allows_loopback([ip_network(text) for text in networks]) is expected


@pytest.mark.parametrize(("text", "verdict"), RANGES, ids=ascii)
def test_every_range_that_is_named_has_its_verdict(text: str, verdict: str) -> None:
    if verdict == "accepted":
        assert parse_network(text) == ip_network(text)
        return
    with pytest.raises(ValueError) as refusal:
        parse_network(text)
    assert verdict in str(refusal.value)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("10.20.0.1/16", "write 10.20.0.0/16 or 10.20.0.1/32"),
        ("fd12::1/64", "write fd12::/64 or fd12::1/128"),
    ],
)
def test_a_range_with_host_bits_is_mended(text: str, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        parse_network(text)


def test_no_range_that_may_be_named_opens_what_is_never_called() -> None:
    allow = [parse_network(text) for text, verdict in RANGES if verdict == "accepted"]
    for text, verdict in FORMS:
        if verdict not in ("public", *OPENED):
            assert judge_address(text, allow) is not None, text


@given(st.ip_addresses() | st.sampled_from(FORMS).flatmap(near))
def test_nothing_that_python_calls_special_is_called(address: Address) -> None:
    plain = (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
    if judge_address(address) is None:
        assert plain.is_global
        assert not plain.is_multicast
        assert not plain.is_reserved
