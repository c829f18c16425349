"""Every form of URL against the rule, and what is shown of one."""

from ipaddress import ip_network

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.network.url import judge_url, mask_url

LOOPBACK = [ip_network("127.0.0.0/8")]

ACCEPTED = [
    "https://erp.acme.example/hooks",
    "https://erp.acme.example",
    "https://erp.acme.example?token=s3cret",
    "https://erp.acme.example/?a=1&b=@x:y",
    "https://erp.acme.example:8443/a/b?c=d",
    "HTTPS://ERP.Acme.Example:443/Hooks",
    "https://h/",
    "https://h/@scope/hook",
    "https://h/a%20b/{c}|d",
    "https://1.1.1.1/",
    "https://1.1.1.1:65535/",
    "https://[2606:4700::1111]/",
    "https://[2606:4700::1111]:8443/x",
    "https://[::ffff:1.1.1.1]/",
    "https://xn--fiqs8s.example/",
    "https://www.xn--bcher-kva.example/",
    "https://a1-b2.example/",
    "https://123.example/",
    "https://0x7f.example/",
    f"https://{'a' * 63}.example/",
    "https://h/" + "a" * 2038,
]

REFUSED = [
    "",
    "h",
    "/x",
    "//host/x",
    "https:",
    "https:/h",
    "https:h/x",
    "https:///x",
    "https://",
    "https://?x",
    "https://:443/",
    "http://h/",
    "ftp://h/",
    "ws://h/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https+unix://h/",
    " https://h/",
    "https://h/ ",
    "https://h/a b",
    "https://h/a\tb",
    "https://h/\n",
    "https://h\r\n/",
    "https://h/\x1b[2J",
    "https://h/\x00",
    "https://h/\x7f",
    "https://h/é",
    "https://bücher.example/",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "https://h:\uff1443/",
    "https://h/\ud800",
    "https://h/#",
    "https://h/#fragment",
    "https://h?x#y",
    "https://good.com\\@evil.com/",
    "https://good.com\\.evil.com/",
    "https://good.com%2f.evil.com/",
    "https://good.com%00.evil.com/",
    "https://h%2e/",
    "https://a_b.example/",
    "https://-a.example/",
    "https://a-.example/",
    "https://a..b/",
    "https://.a/",
    "https://a.example./",
    "https://localhost./",
    "https://*.example/",
    "https://a,b/",
    "https://a;b/",
    "https://a'b/",
    f"https://{'a' * 64}.example/",
    "https://" + "a." * 127 + "example/",
    "https://h/" + "a" * 2039,
    "https://localhost/",
    "https://LOCALHOST/",
    "https://app.localhost/",
    "https://127.0.0.1/",
    "https://127.0.0.1:443/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0x/",
    "https://127.1/",
    "https://0/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://1.2.3/",
    "https://1.2.3.4.5/",
    "https://1.2.3.256/",
    "https://a.example.1/",
    "https://a.0x1f/",
    "https://0.0.0.0/",
    "https://10.0.0.5/",
    "https://100.64.0.1/",
    "https://169.254.169.254/",
    "https://168.63.129.16/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[2606:4700::1111%25x]/",
    "https://[1.1.1.1]/",
    "https://[v1.x]/",
    "https://[]/",
    "https://[::1/",
    "https://::1/",
    "https://2606:4700::1111/",
    "https://[2606:4700::1111]x/",
    "https://[2606:4700::1111]:/",
    "https://x[2606:4700::1111]/",
    "https://xn--zz99999/",
    "https://a.xn--zz99999.example/",
    "https://xn--.example/",
    "https://XN--ZZ99999/",
    "https://h:/",
    "https://h:0/",
    "https://h:-1/",
    "https://h:+1/",
    "https://h:1_0/",
    "https://h:0443/",
    "https://h:65536/",
    "https://h:99999/",
    "https://h:443:443/",
    "https://h:x/",
]

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


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    url = judge_url(text, https_only=True)
    assert url == httpx.URL(text)
    assert url.scheme == "https"
    assert url.host  # httpx decodes punycode here, and raises for what it can't


@pytest.mark.parametrize("text", REFUSED, ids=[ascii(text)[:60] for text in REFUSED])
def test_refused_with_one_line(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        judge_url(text, https_only=True)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("text", SECRETS, ids=[ascii(text) for text in SECRETS])
def test_a_refusal_and_a_mask_repeat_no_secret(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        judge_url(text, https_only=True)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert "hunter2" not in mask_url(text)


def test_a_user_and_password_are_told_apart_from_a_bad_host() -> None:
    for text in ("https://user:pw@h/", "https://good.com\\@evil.com/"):
        with pytest.raises(ValueError, match="user or password before @: remove it"):
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
