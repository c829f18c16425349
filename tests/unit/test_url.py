"""Every form of URL against the rule, and what is shown of one."""

from ipaddress import ip_network

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from address_table import OPENED, RANGES
from hookconsole.network.addresses import parse_network
from hookconsole.network.url import judge_url, mask_url
from url_table import JUDGED_URLS

LOOPBACK = [ip_network("127.0.0.0/8")]

SECRETS = [
    "https://user:hunter2@h/",
    "https://hunter2@h/",
    "https://:hunter2@h/",
    "https://user:hunter2@127.0.0.1/",
    "https://user:hunter2/x@h/",
    "https:user:hunter2@h/",
    "https://h_/?token=hunter2",
    "https://127.0.0.1/?token=hunter2",
    "https://localhost?hunter2",
    "https://h:hunter2/",
    "https://h/#hunter2",
    "https://h/?hunter2\x1b",
    "https://h/?hunter2é",
    "https://[hunter2]/",
    "https://[::1%25hunter2]/",
    "hunter2://h/",
    "hunter2",
]


@pytest.mark.parametrize(("text", "verdict"), JUDGED_URLS, ids=lambda value: ascii(value)[:60])
def test_every_form_of_url_has_its_verdict(text: str, verdict: str) -> None:
    if verdict == "accepted":
        url = judge_url(text, https_only=True)
        assert url == httpx.URL(text)
        assert url.scheme == "https"
        assert url.host  # httpx decodes punycode here, and raises for what it can't
        return
    with pytest.raises(ValueError) as refusal:
        judge_url(text, https_only=True)
    assert verdict in str(refusal.value)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("url", "can"),
    [
        ("https://10.0.0.5/", True),
        ("https://[::1]/", True),
        ("https://localhost/", True),
        ("https://169.254.169.254/", False),
        ("https://224.0.0.1/", False),
    ],
)
def test_the_mend_names_allow_networks_where_that_can_open_it(url: str, can: bool) -> None:
    with pytest.raises(ValueError) as refusal:
        judge_url(url, https_only=True)
    _, _, mend = str(refusal.value).rpartition("; ")
    assert mend.startswith("name a public host")
    assert ("to security.allow_networks" in mend) == can


def test_no_setting_lets_in_what_is_refused_for_more_than_its_address() -> None:
    opened = {*OPENED, "localhost is loopback", "is http, and https_only is on", "accepted"}
    allow = [parse_network(text) for text, verdict in RANGES if verdict == "accepted"]
    for text, verdict in JUDGED_URLS:
        if verdict not in opened:
            with pytest.raises(ValueError):
                judge_url(text, https_only=False, allow=allow)


@pytest.mark.parametrize("text", SECRETS, ids=[ascii(text) for text in SECRETS])
def test_a_refusal_and_a_mask_repeat_no_secret(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        judge_url(text, https_only=True)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert "hunter2" not in mask_url(text)


def test_a_user_and_password_are_told_apart_from_a_bad_host() -> None:
    for text in ("https://user:pw@h/", "https://good.com\\@evil.com/"):
        with pytest.raises(ValueError, match="user or password before @; remove it"):
            judge_url(text, https_only=True)


def test_the_host_that_is_judged_is_the_host_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = httpx.URL("https://evil.example/")
    monkeypatch.setattr(httpx, "URL", lambda _: elsewhere)
    with pytest.raises(ValueError, match="two ways"):
        judge_url("https://good.example/", https_only=True)


def test_http_only_by_setting() -> None:
    assert judge_url("http://h/", https_only=False).scheme == "http"
    with pytest.raises(ValueError, match=r"security\.https_only = false"):
        judge_url("http://h/", https_only=True)
    with pytest.raises(ValueError, match="not https"):
        judge_url("ftp://h/", https_only=False)


@pytest.mark.parametrize(
    "text",
    ["http://localhost:8080/", "http://a.localhost/", "http://127.0.0.1/", "http://127.9.9.9:1/x"],
)
def test_loopback_by_setting(text: str) -> None:
    assert judge_url(text, https_only=False, allow=LOOPBACK) == httpx.URL(text)


def test_a_private_literal_by_setting() -> None:
    allow = [ip_network("10.20.0.0/16")]
    assert judge_url("https://10.20.0.1/", https_only=True, allow=allow).host == "10.20.0.1"
    with pytest.raises(ValueError, match=r"10\.21\.0\.1 is private"):
        judge_url("https://10.21.0.1/", https_only=True, allow=allow)
    with pytest.raises(ValueError, match="localhost"):
        judge_url("https://localhost/", https_only=True, allow=allow)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/p", "https://h/p"),
        ("https://h/p?token=x&y", "https://h/p?***"),
        ("https://h?x", "https://h?***"),
        ("https://h/p?", "https://h/p?***"),
        ("https://user:pw@h:1/p?q", "https://***@h:1/p?***"),
        ("https://h/p#secret", "https://h/p#***"),
        ("https://[::1]:8443/p?q", "https://[::1]:8443/p?***"),
        ("https://u@x@h/", "https://***@h/"),
        ("https://good.com\\@evil.com/", "https://***@evil.com/"),
        ("https://h/\x1b[2J\u202e?q", "https://h/\\x1b[2J\\u202e?***"),
        ("https://h:pw/", "***"),
        ("nonsense with pw", "***"),
        ("", "***"),
    ],
)
def test_the_mask(url: str, shown: str) -> None:
    assert mask_url(url) == shown


@given(st.text(max_size=80))
def test_nothing_breaks_either(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://h/{text}"):
        assert mask_url(candidate).isprintable()
        try:
            url = judge_url(candidate, https_only=True)
        except ValueError:
            continue
        assert url.raw_host
        assert not url.userinfo
