"""However a request comes to be made, it passes the guard: a listener on loopback gets no connection."""

import ast
import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import wait_until
from sending import PATIENCE_SECONDS, SECRET
from untouched import Untouched, untouched

import hookconsole
from hookconsole.cli.main import main
from hookconsole.delivery.runtime import Runtime
from hookconsole.journal import records as r
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store
from hookconsole.paths import Home


class Site:
    """A registry of one endpoint whose name leads to the trap, and those who use it."""

    def __init__(self, folder: Path, trap: Untouched) -> None:
        self.trap = trap
        self.home = Home(folder / "config.toml", folder / "state")
        self.settings = "[security]\nhttps_only = false\n[delivery]\nretry_schedule = []\n"
        self.home.config.touch(0o600)
        self.write(acme=trap.url)

    def write(self, *, active: bool = True, **urls: str) -> None:
        """Edit the file by hand."""
        text = self.settings
        for name, url in urls.items():
            text += f'[endpoints.{name}]\nurl = "{url}"\nevents = ["*"]\nsecret = "{SECRET}"\n'
            text += "" if active else "active = false\n"
        self.home.config.write_text(text)

    def run(self, *arguments: str) -> int:
        """Run a command; its exit code."""
        return main(["--config", str(self.home.config), "--state", str(self.home.state), *arguments])

    def emit(self) -> None:
        """Have an event accepted."""
        assert self.run("emit", "invoice.paid", "--id", "evt_1") == 0

    def records(self) -> list[r.AnyRecord]:
        """All that the journal has."""
        store = Store(self.home.journal)
        found = [record for _, record, _ in store.forward(START)]
        store.close()
        return found

    def attempts(self, trigger: str) -> list[r.Attempt]:
        """What the journal has of a kind."""
        return [x for x in self.records() if isinstance(x, r.Attempt) and x.trigger == trigger]

    def wait_for(self, trigger: str, count: int = 1) -> list[r.Attempt]:
        """Wait for attempts to end."""
        wait_until(lambda: len(self.attempts(trigger)) >= count, f"{count} attempts by {trigger}")
        return self.attempts(trigger)

    def wait_for_intake(self) -> None:
        """Wait until the sender has seen what was emitted."""
        wait_until(lambda: any(isinstance(x, r.Intake) for x in self.records()), "the intake")

    @contextlib.contextmanager
    def sending(self) -> Iterator[Runtime]:
        """While a sender runs."""
        ready = threading.Event()
        runtime = Runtime(self.home, "daemon", ready.set)
        runtime.start()
        try:
            assert ready.wait(PATIENCE_SECONDS)
            yield runtime
        finally:
            runtime.stop()
            assert runtime.join(PATIENCE_SECONDS)
            assert runtime.error is None


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with untouched(monkeypatch) as trap:
        yield Site(tmp_path, trap)


def by_event(site: Site) -> str:
    with site.sending():
        site.emit()
        site.wait_for("event")
    return "event"


def by_the_schedule(site: Site) -> str:
    site.settings = site.settings.replace("[]", "[0.01, 0.01]")
    site.write(acme=site.trap.url)
    with site.sending():
        site.emit()
        site.wait_for("retry", 2)
    return "retry"


def by_retry(site: Site) -> str:
    by_event(site)
    with site.sending():
        assert site.run("retry", "evt_1") == 0
        site.wait_for("manual")
    return "manual"


def by_retry_and_waiting_with_a_sender(site: Site) -> str:
    by_event(site)
    with site.sending():
        assert site.run("retry", "evt_1", "--wait") == 1
    return "manual"


def by_retry_and_waiting_without_one(site: Site) -> str:
    by_event(site)
    assert site.run("retry", "evt_1", "--wait") == 1
    return "manual"


def by_replay(site: Site) -> str:
    by_event(site)
    with site.sending():
        assert site.run("replay", "--since", "1h", "--yes") == 0
        site.wait_for("replay")
    return "replay"


def by_enabling_and_replaying(site: Site) -> str:
    site.write(acme=site.trap.url, active=False)
    with site.sending():
        site.emit()
        site.wait_for_intake()
        assert site.run("endpoints", "enable", "acme", "--replay") == 0
        site.wait_for("replay")
    return "replay"


def by_add_without_a_sender(site: Site) -> str:
    url = site.trap.url
    assert site.run("endpoints", "add", "bolt", "--url", url, "--events", "*") == 0
    return "test"


def by_add_with_a_sender(site: Site) -> str:
    with site.sending():
        return by_add_without_a_sender(site)


def by_edit_without_a_sender(site: Site) -> str:
    with site.sending():
        pass
    assert site.run("endpoints", "edit", "acme", "--url", site.trap.url + "/new") == 0
    return "test"


def by_edit_with_a_sender(site: Site) -> str:
    with site.sending():
        assert site.run("endpoints", "edit", "acme", "--url", site.trap.url + "/new") == 0
    return "test"


def by_test_without_a_sender(site: Site) -> str:
    assert site.run("endpoints", "test", "acme") == 1
    return "test"


def by_test_with_a_sender(site: Site) -> str:
    with site.sending():
        assert site.run("endpoints", "test", "--all") == 1
    return "test"


def by_enabling(site: Site) -> str:
    with site.sending():
        assert (
            site.run("endpoints", "add", "bolt", "--url", site.trap.url, "--events", "*", "--inactive") == 0
        )
        assert site.run("endpoints", "enable", "bolt") == 0
        site.wait_for("test")
    return "test"


def by_a_hand_edit_while_a_sender_runs(site: Site) -> str:
    with site.sending() as runtime:
        site.write(acme=site.trap.url + "/new")
        runtime.reload()
        site.wait_for("test")
    return "test"


def by_a_hand_edit_between_two_runs(site: Site) -> str:
    with site.sending():
        pass
    site.write(acme=site.trap.url + "/new")
    with site.sending():
        site.wait_for("test")
    return "test"


WAYS = [
    by_event,
    by_the_schedule,
    by_retry,
    by_retry_and_waiting_with_a_sender,
    by_retry_and_waiting_without_one,
    by_replay,
    by_enabling_and_replaying,
    by_add_without_a_sender,
    by_add_with_a_sender,
    by_edit_without_a_sender,
    by_edit_with_a_sender,
    by_test_without_a_sender,
    by_test_with_a_sender,
    by_enabling,
    by_a_hand_edit_while_a_sender_runs,
    by_a_hand_edit_between_two_runs,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_to_send_gets_past_the_guard(site: Site, way: Callable[[Site], str]) -> None:
    trigger = way(site)
    made = site.attempts(trigger)
    assert made
    for attempt in made:
        assert (attempt.error, attempt.status, attempt.remote) == ("blocked", None, None)
        refusal = "127.0.0.1 is loopback, and allow_networks does not have it"
        assert attempt.error_detail == f"lying.example: {refusal}"


LIES = {
    "a public address beside it": ["93.184.216.34", "127.0.0.1"],
    "behind a flood": [f"93.184.{n // 256}.{n % 256}" for n in range(5000)] + ["127.0.0.1"],
    "as IPv6": ["::ffff:127.0.0.1"],
    "translated": ["64:ff9b::7f00:1"],
    "in a tunnel": ["2002:7f00:1::"],
    "every address": ["0.0.0.0"],
    "metadata": ["169.254.169.254"],
    "private": ["10.0.0.5"],
}


@pytest.mark.parametrize("answers", LIES.values(), ids=LIES)
def test_no_answer_of_a_resolver_gets_past_the_guard(
    answers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with untouched(monkeypatch, lambda: answers) as trap:
        site = Site(tmp_path, trap)
        by_event(site)
        assert [(a.error, a.remote) for a in site.attempts("event")] == [("blocked", None)]


def test_a_name_that_is_sound_when_saved_and_by_turns_is_judged_at_every_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = itertools.cycle((["127.0.0.2"], ["127.0.0.1"]))
    with untouched(monkeypatch, lambda: next(turns)) as trap:
        site = Site(tmp_path, trap)
        site.settings = 'security = { https_only = false, allow_networks = ["127.0.0.2"] }\n'
        site.settings += "delivery = { retry_schedule = [0.01, 0.01, 0.01] }\n"
        site.write(acme=trap.url)
        with site.sending():
            site.emit()
            made = site.wait_for("event") + site.wait_for("retry", 3)
        assert [attempt.error for attempt in made] == ["connect", "blocked", "connect", "blocked"]


CALLS = {
    "connect",
    "connect_ex",
    "sock_connect",
    "create_connection",
    "open_connection",
    "sendto",
    "sock_sendto",
    "create_datagram_endpoint",
    "getaddrinfo",
    "gethostbyname",
    "urlopen",
    "Client",
    "AsyncClient",
    "HTTPConnection",
    "HTTPSConnection",
}


def test_there_is_one_place_that_connects_and_one_that_asks_for_names() -> None:
    source = Path(hookconsole.__file__).parent
    found = {
        (str(path.relative_to(source)), call.func.attr)
        for path in source.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CALLS
    }
    assert found == {
        ("network/dial.py", "sock_connect"),
        ("network/dial.py", "create_connection"),
        ("network/resolver.py", "getaddrinfo"),
        ("daemon.py", "sendto"),  # systemd's socket, no address
    }
