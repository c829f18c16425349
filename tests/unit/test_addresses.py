"""Every form of address against the rule: public unicast, or opened by the allow list, or refused."""

from ipaddress import ip_address, ip_network

import pytest

from hookconsole.network.addresses import (
    allows_loopback,
    judge_address,
    judge_answers,
    parse_network,
)


def words(text: str) -> list[str]:
    return text.split()


PUBLIC = words("""
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255
128.0.0.1 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0
191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0
198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255
2000::1 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::1 2003::1 2606:4700::1111
2a00:1450:4001::1 3ffe::1 3fff:1000::1 ::ffff:8.8.8.8 ::ffff:101:101
""")

OPENABLE = words("""
10.0.0.0 10.0.0.5 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 100.64.0.0
100.127.255.255 127.0.0.1 127.255.255.255 ::1 fc00::1 fd12:3456::1 fdff:ffff::1
::ffff:127.0.0.1 ::ffff:10.0.0.5 ::ffff:100.64.0.1 ::ffff:7f00:1
""")

NEVER = words("""
0.0.0.0 0.0.0.1 0.255.255.255 169.254.0.1 169.254.169.254 169.254.255.255 100.100.100.200
168.63.129.16 224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 254.0.0.1
192.0.0.1 192.0.0.9 192.0.0.170 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9
:: fe80::1 febf::1 fec0::1 ff00::1 ff02::1 ff0e::1 fd00:ec2::254 ::127.0.0.1 ::7f00:1
::ffff:169.254.169.254 ::ffff:0.0.0.0 ::ffff:224.0.0.1 ::ffff:168.63.129.16 ::ffff:a9fe:a9fe
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 1fff::1 4000::1 5f00::1 8000::1
2001::1 2001:0:7f00:1::1 2001:1::1 2001:1ff:ffff::1 2001:db8::1 2001:db8:ffff::1
2002:7f00:1:: 2002:a9fe:a9fe::1 3fff::1 3fff:fff::1 ::ffff:0:127.0.0.1
""")

EVERYTHING = [ip_network("0.0.0.0/0"), ip_network("::/0")]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_unicast_may_be_called(text: str) -> None:
    assert judge_address(text) is None
    assert judge_address(ip_address(text)) is None


@pytest.mark.parametrize("text", OPENABLE)
def test_private_and_loopback_only_when_the_allow_list_has_them(text: str) -> None:
    reason = judge_address(text)
    assert reason is not None
    assert "allow_networks does not have it" in reason
    assert judge_address(text, [ip_network("10.99.0.0/16"), ip_network("fd99::/16")]) == reason
    assert judge_address(text, EVERYTHING) is None


@pytest.mark.parametrize("text", NEVER)
def test_the_rest_never_whatever_the_allow_list_has(text: str) -> None:
    assert judge_address(text) is not None
    allow = [*EVERYTHING, ip_network("100.64.0.0/10"), ip_network("fd00::/8")]
    assert judge_address(text, allow) is not None


@pytest.mark.parametrize("text", ["fe80::1%eth0", "2606:4700::1111%1", "::1%lo", "fd00::1%\x1b[2J"])
def test_zones_are_refused(text: str) -> None:
    reason = judge_address(text, EVERYTHING)
    assert reason is not None
    assert "zone" in reason
    assert "\x1b" not in reason


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert judge_address(text, EVERYTHING) == f"{text} is no IP address"


def test_one_bad_answer_is_the_verdict_on_all() -> None:
    assert judge_answers("h.example", ["1.1.1.1", "2606:4700::1111"]) is None
    assert judge_answers("h.example", ["1.1.1.1", "10.0.0.5"]) == (
        "h.example: 10.0.0.5 is private; allow_networks does not have it"
    )
    assert judge_answers("10.0.0.5", ["10.0.0.5"]) == ("10.0.0.5 is private; allow_networks does not have it")


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


@pytest.mark.parametrize(
    "text",
    [
        "10.20.0.0/16",
        "10.0.0.5",
        "127.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/8",
        "8.8.8.0/24",
        "fd00::/8",
        "fc00::/7",
        "fd00:ec2::/32",
        "::1",
        "2606:4700::/32",
    ],
)
def test_ranges_that_may_be_named(text: str) -> None:
    assert parse_network(text) == ip_network(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("169.254.169.254", "metadata"),
        ("169.254.0.0/16", "link-local"),
        ("169.0.0.0/8", "link-local"),
        ("100.100.100.200/32", "metadata"),
        ("168.63.129.16", "metadata"),
        ("fd00:ec2::254/128", "metadata"),
        ("224.0.0.0/4", "multicast"),
        ("239.1.2.3", "multicast"),
        ("0.0.0.0/0", "unspecified"),
        ("0.0.0.0", "unspecified"),
        ("::/0", "unspecified"),
        ("::", "unspecified"),
        ("fe80::/10", "link-local"),
        ("fe80::/64", "link-local"),
        ("ff02::/16", "multicast"),
        ("::ffff:10.0.0.0/104", "write it as an IPv4 range"),
        ("64:ff9b::/96", "neither private nor loopback"),
        ("198.18.0.0/15", "neither private nor loopback"),
        ("240.0.0.0/4", "neither private nor loopback"),
        ("10.20.0.1/16", "write 10.20.0.0/16 or 10.20.0.1/32"),
        ("fd12::1/64", "write fd12::/64 or fd12::1/128"),
        ("10.0.0.0/33", "no IP network"),
        ("10.0.0.0/255.0.0.0", "no IP network"),
        ("10.0.0.0/0.255.255.255", "no IP network"),
        ("10.0.0.0/-1", "no IP network"),
        ("10.0.0.0/٨", "no IP network"),
        ("fe80::%eth0/64", "no IP network"),
        ("010.0.0.0/8", "no IP network"),
        ("localhost", "no IP network"),
        ("10.0.0.0/8 ", "no IP network"),
        ("", "no IP network"),
        ("x\x1b[2J", "no IP network"),
    ],
)
def test_ranges_that_may_not_be_named(text: str, expected: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_network(text)
    assert expected in str(refusal.value)
    assert str(refusal.value).isprintable()
