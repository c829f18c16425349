"""One delivery whole, from a journal that a sender wrote; its request made again, without what is private."""

import os
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from sending import SECRET, Site, run, settled, until

from hookconsole.errors import InputError
from hookconsole.observing.detail import DeliveryDetail, Happening, detail, know, sent_body, signed
from hookconsole.observing.request import Request, curl
from hookconsole.observing.values import EndpointRow, Key
from hookconsole.observing.watch import OPENING
from hookconsole.operating import steering

KEY = Key("evt_1", "acme")
PRIVATE = 'url = "https://acme.example/hooks?token=canary-query"\nheaders = { "X-Tenant" = "canary-header" }'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.save(acme="")
    return made


def told(site: Site, key: Key = KEY) -> DeliveryDetail:
    desk = site.desk()
    try:
        return detail(desk, key, time.time())
    finally:
        desk.close()


def sent(site: Site, *names: str) -> None:
    """Have events emitted and sent until they have ended."""

    async def scenario() -> None:
        async with site.sending():
            for name in names:
                site.emit(name)
            await settled(site, *names)

    run(scenario)


def request_of(site: Site) -> Request:
    request = told(site).request
    assert isinstance(request, Request)
    return request


def test_every_attempt_is_told_with_what_was_answered(site: Site) -> None:
    busy = httpx.Response(503, headers={"Retry-After": "0", "X-Trace": "abc"}, content=b'{"busy":true}')
    site.receivers.answer("acme.example", busy, httpx.ConnectError("refused"), 200)
    sent(site, "evt_1")
    found = told(site)
    assert [(a.number, a.trigger, a.outcome, a.status, a.error) for a in found.attempts] == [
        (1, "event", "retrying", 503, None),
        (2, "retry", "retrying", None, "connect"),
        (3, "retry", "delivered", 200, None),
    ]
    first, second, last = found.attempts
    assert first.headers["x-trace"] == "abc"
    assert first.body == '{"busy":true}'
    assert first.wait == pytest.approx(0.01, abs=0.002)
    assert second.error_detail
    assert last.wait is None
    assert (found.state, found.next_at) == ("delivered", None)
    assert (found.type, found.source) == ("invoice.paid", "api")


def test_who_interfered_stands_between_the_attempts(site: Site) -> None:
    site.receivers.answer("acme.example", 200, 200)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")
            user = site.desk().user
            steering.retry(site.desk(), *KEY)
            await until(lambda: len(site.attempts("evt_1")) == 2)
            shown = [s.what if isinstance(s, Happening) else s.number for s in told(site).steps]
            assert shown == ["taken in", 1, f"retry by {user}", 2]

    run(scenario)


def test_an_attempt_in_flight_is_told_with_its_begin(site: Site) -> None:
    gate = site.receivers.hang("acme.example")

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.receivers.got("acme.example"))
            found = told(site)
            assert found.state == "sending"
            assert found.began == pytest.approx(time.time(), abs=20)
            assert found.steps[-1] == Happening(found.began or 0.0, "attempt 1 started (event)")
            gate.set()
            await settled(site, "evt_1")
            assert not any(isinstance(s, Happening) and "started" in s.what for s in told(site).steps)

    run(scenario)


def test_a_waiting_one_says_when_its_next_attempt_is_due(site: Site) -> None:
    site.settings = "[delivery]\nretry_schedule = [600]\n"
    site.save(acme="")
    site.receivers.answer("acme.example", 503)

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await until(lambda: site.state("evt_1") == "retrying")

    run(scenario)
    found = told(site)
    assert (found.state, found.why) == ("retrying", "status 503")
    assert found.next_at == pytest.approx(found.attempts[0].at + 600, abs=20)


# The request


def test_the_request_is_what_the_newest_attempt_sent(site: Site) -> None:
    site.receivers.answer("acme.example", 503, 200)
    sent(site, "evt_1")
    got = site.receivers.requests[-1]
    request = request_of(site)
    assert request.body == got.body == sent_body(site.desk(), KEY)
    assert {h.name.lower(): h.value for h in request.headers} == dict(got.headers)
    assert request.url == "https://acme.example/hooks"


def test_nothing_private_is_told(site: Site) -> None:
    site.save(acme=PRIVATE)
    sent(site, "evt_1")
    found = told(site)
    request = request_of(site)
    assert [(h.name, h.value) for h in request.headers if h.own] == [("X-Tenant", "***")]
    assert request.url == "https://acme.example/hooks?***"
    everything = msgspec.json.encode(found).decode() + repr(found) + curl(request)
    for private in ("canary", SECRET, SECRET.removeprefix("whsec_")):
        assert private not in everything


def test_it_is_said_when_secret_url_or_headers_may_have_changed(site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    site.save(acme=f'secret_file = "{secret}"')
    sent(site, "evt_1")
    for file in (secret, site.home.config):
        os.utime(file, (time.time() - 3600,) * 2)
    assert not told(site).changed
    for file in (secret, site.home.config):
        os.utime(file)
        assert told(site).changed
        os.utime(file, (time.time() - 3600,) * 2)


def test_without_a_secret_there_is_no_request(site: Site, tmp_path: Path) -> None:
    sent(site, "evt_1")
    site.save(acme=f'secret_file = "{tmp_path}/none"')
    found = told(site)
    assert isinstance(found.request, str)
    assert "secret_file" in found.request
    assert isinstance(signed(site.desk(), KEY, time.time()), str)


def test_a_refused_config_leaves_the_rest_to_be_told(site: Site) -> None:
    sent(site, "evt_1")
    site.write("[delivery\n")
    found = told(site)
    assert isinstance(found.request, str)
    assert "refused" in found.request
    assert found.state == "delivered"


# How it stands


def test_held_ones_skipped_ones_and_canceled_ones_say_why(site: Site) -> None:
    site.save(acme="", off="active = false")

    async def scenario() -> None:
        async with site.sending():
            site.emit("evt_1")
            await settled(site, "evt_1")

    run(scenario)
    found = told(site, Key("evt_1", "off"))
    assert (found.state, found.why) == ("skipped", "the endpoint was inactive when the event was taken in")
    assert found.attempts == []

    site.settings = "[delivery]\nretry_schedule = [600]\n"
    site.save(acme="")
    site.receivers.answer("acme.example", 503)

    async def waiting() -> None:
        async with site.sending():
            site.emit("evt_2")
            site.emit("evt_3")
            await until(lambda: {site.state("evt_2"), site.state("evt_3")} == {"retrying"})

    run(waiting)
    steering.cancel(site.desk(), "evt_2", "acme")
    canceled = told(site, Key("evt_2", "acme"))
    assert (canceled.state, canceled.why) == ("canceled", f"by {site.desk().user}")
    site.save(acme=None)
    held = told(site, Key("evt_3", "acme"))
    assert held.state == "held"
    assert "gone from the registry" in held.why
    assert held.next_at is None
    assert held.request == "its endpoint is gone from the registry"


def test_what_no_sender_took_in_says_so(site: Site) -> None:
    site.emit("evt_1")
    found = told(site)
    assert found.state == "pending"
    assert found.why == "no sender has taken the event in yet; nobody sends now"
    assert isinstance(found.request, Request)


def test_other_endpoints_that_didnt_get_it_are_named_with_the_reason(site: Site) -> None:
    site.save(acme="", bolt='events = ["payroll.*"]')
    sent(site, "evt_1")
    assert told(site).not_sent == {"bolt": "not subscribed"}


def test_an_event_that_the_journal_doesnt_know_is_an_error(site: Site) -> None:
    with pytest.raises(InputError, match="evt_none"):
        told(site, Key("evt_none", "acme"))


def test_what_is_known_of_the_registry_isnt_read_from_the_journal(site: Site) -> None:
    site.save(acme="", bolt='events = ["payroll.*"]')
    sent(site, "evt_1")
    rows = {name: EndpointRow(name, "ok") for name in ("acme", "bolt")} | {"old": EndpointRow("old", "gone")}
    desk = site.desk()
    know(desk, replace(OPENING, version=1, endpoints=rows))
    found = detail(desk, KEY, time.time())
    assert (found.state, found.not_sent) == ("delivered", {"bolt": "not subscribed"})
    assert "fold" not in vars(desk)
    know(desk, replace(OPENING, endpoints={}))  # before it is known
    assert set(desk.switches) == {"acme", "bolt"}


# The command that repeats it


def arguments(command: str, shell: str, **variables: str) -> tuple[list[str], bytes]:
    """What curl would be called with, and its input."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write("curl() { printf '%s\\0' \"$@\"; printf '\\0\\0'; cat; }\n" + command)
        script.flush()
        done = subprocess.run(
            [shell, script.name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            env={**os.environ, **variables},
        )
    given, _, piped = done.stdout.partition(b"\0\0\0")
    return given.decode().split("\0"), piped


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_command_makes_the_same_request(site: Site, shell: str) -> None:
    site.save(acme=PRIVATE)
    site.emit("evt_1", b'{"text":"it\'s $HOME `id` \\\\ \\"q\\" !x","amount":2500.00}')
    request = signed(site.desk(), KEY, time.time())
    assert isinstance(request, Request)
    given, _ = arguments(curl(request), shell, URL_QUERY="token=1", HEADER_X_TENANT="t 42")
    assert given[given.index("--data-binary") + 1].encode() == request.body
    assert given[-1] == "https://acme.example/hooks?token=1"
    headers = [value for option, value in pairwise(given) if option == "-H"]
    assert "X-Tenant: t 42" in headers
    for header in request.headers:
        if not header.own and header.name not in ("Host", "Content-Length", "Accept"):
            assert f"{header.name}: {header.value}" in headers


def test_a_body_that_a_terminal_might_obey_is_spelled_in_escapes(site: Site) -> None:
    data = '{"text":"\u009b2J \u202e \u3164\ufe0f it\'s \\\\ å"}'.encode()
    site.emit("evt_1", data)
    request = signed(site.desk(), KEY, time.time())
    assert isinstance(request, Request)
    command = curl(request)
    for hidden in "\u009b\u202e\u3164\ufe0f":
        assert hidden not in command
    given, _ = arguments(command, "bash")
    assert given[given.index("--data-binary") + 1].encode() == request.body


def test_a_long_body_is_piped(site: Site) -> None:
    site.emit("evt_1", b'{"text":"' + b"x" * 200_000 + b'"}')
    request = signed(site.desk(), KEY, time.time())
    assert isinstance(request, Request)
    given, piped = arguments(curl(request), "bash")
    assert given[given.index("--data-binary") + 1] == "@-"
    assert piped == request.body


def test_headers_that_make_one_variable_get_two(site: Site) -> None:
    site.save(acme='headers = { "X-A" = "1111", "X_A" = "2222" }')
    site.emit("evt_1")
    request = signed(site.desk(), KEY, time.time())
    assert isinstance(request, Request)
    given, _ = arguments(curl(request), "sh", HEADER_X_A="one", HEADER_X_A_="two")
    assert {"X-A: one", "X_A: two"} <= set(given)
