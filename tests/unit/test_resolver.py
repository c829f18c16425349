"""The resolver's bounds: hung lookups, shared ones, too many of them, and names that stay absolute."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hookconsole.network.errors import DnsError
from hookconsole.network.hosts import HostsFile, parse_hosts
from hookconsole.network.resolver import Resolver, SystemLookup


class Lookups:
    """A lookup that hangs for hosts that begin with `hung` until they are let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.began = threading.Semaphore(0)
        self.let_go = threading.Event()

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        self.began.release()
        if host.startswith("hung"):
            self.let_go.wait(30)
        if host.startswith("no"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if host.startswith("broken"):
            raise ZeroDivisionError("secret")
        return [] if host.startswith("empty") else ["192.0.2.1"]


@contextmanager
def hanging_lookups() -> Iterator[Lookups]:
    lookups = Lookups()
    try:
        yield lookups
    finally:
        lookups.let_go.set()


def test_an_answer() -> None:
    assert asyncio.run(Resolver(Lookups()).resolve("a")) == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("host", "detail"),
    [
        ("no", "no: Name or service not known"),
        ("empty", "empty: the name has no address"),
        ("broken", "broken: ZeroDivisionError"),
    ],
)
def test_no_answer_is_a_dns_error(host: str, detail: str) -> None:
    with pytest.raises(DnsError) as failure:
        asyncio.run(Resolver(Lookups()).resolve(host))
    assert str(failure.value) == detail


def test_lookups_of_one_host_share_one() -> None:
    with hanging_lookups() as lookups:

        async def many() -> list[list[str]]:
            resolver = Resolver(lookups)
            waiting = [asyncio.create_task(resolver.resolve("hung")) for _ in range(10)]
            await asyncio.sleep(0)
            waiting.pop().cancel()  # One that gives up takes nothing from the others.
            lookups.let_go.set()
            answers = await asyncio.gather(*waiting)
            await resolver.resolve("hung")
            return answers

        assert asyncio.run(many()) == [["192.0.2.1"]] * 9
        assert lookups.asked == ["hung", "hung"]


def test_a_hung_lookup_ends_at_the_limit_and_holds_up_no_other_host() -> None:
    with hanging_lookups() as lookups:

        async def beside_a_hung_one() -> list[str]:
            resolver = Resolver(lookups, seconds=0.5)
            with pytest.raises(DnsError, match=r"no answer from the resolver within 0\.5 s"):
                await resolver.resolve("hung")
            with pytest.raises(DnsError):
                await resolver.resolve("hung")
            return await resolver.resolve("other")

        assert asyncio.run(beside_a_hung_one()) == ["192.0.2.1"]
        assert sorted(lookups.asked) == ["hung", "other"]


def test_at_most_so_many_threads() -> None:
    with hanging_lookups() as lookups:

        async def more_than_that() -> None:
            resolver = Resolver(lookups, at_most=2, seconds=20)
            waiting = [asyncio.create_task(resolver.resolve(f"hung{n}")) for n in range(5)]
            await asyncio.sleep(0)
            for _ in range(2):
                assert lookups.began.acquire(timeout=20)
            assert sorted(lookups.asked) == ["hung0", "hung1"]
            lookups.let_go.set()
            await asyncio.gather(*waiting)

        asyncio.run(more_than_that())
        assert sorted(lookups.asked) == [f"hung{n}" for n in range(5)]


def test_lookups_that_hang_and_that_nobody_waits_for_hold_up_no_other_host() -> None:
    with hanging_lookups() as lookups:

        async def behind_hung_ones() -> list[str]:
            resolver = Resolver(lookups, at_most=2, seconds=0.1)
            for pair in (("hung0", "hung1"), ("hung2", "hung3")):
                answers = await asyncio.gather(*map(resolver.resolve, pair), return_exceptions=True)
                assert [type(answer) for answer in answers] == [DnsError, DnsError]
            return await resolver.resolve("other")

        assert asyncio.run(behind_hung_ones()) == ["192.0.2.1"]


def test_the_threads_that_hang_are_bounded_and_what_nobody_waits_for_never_begins() -> None:
    with hanging_lookups() as lookups:

        async def more_than_that() -> None:
            resolver = Resolver(lookups, at_most=1, seconds=0.1, left_at_most=2)
            for n in range(5):
                with pytest.raises(DnsError):
                    await resolver.resolve(f"hung{n}")

        asyncio.run(more_than_that())
        assert lookups.asked == ["hung0", "hung1", "hung2"]


def test_a_thread_that_cannot_start_is_a_dns_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def resolve_twice() -> list[str]:
        resolver = Resolver(Lookups())
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(DnsError, match="can't start new thread"):
                await resolver.resolve("a")
        return await resolver.resolve("a")

    assert asyncio.run(resolve_twice()) == ["192.0.2.1"]


def test_a_hung_lookup_does_not_keep_the_process() -> None:
    program = (
        "import asyncio, time\n"
        "from hookconsole.network.resolver import Resolver\n"
        "try:\n"
        "    asyncio.run(Resolver(lambda host: time.sleep(600), seconds=0.05).resolve('h'))\n"
        "except Exception as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert "no answer" in done.stdout
    assert done.stderr == ""


def test_names_are_looked_up_as_absolute_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def getaddrinfo(host: object, port: object, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        answer = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))
        return [answer, answer, (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    lookup = SystemLookup(HostsFile(tmp_path / "none"))
    assert lookup("erp.acme.example") == ["192.0.2.1", "2001:db8::1"]
    assert asked == [b"erp.acme.example."]


def test_the_hosts_file_comes_first_and_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("192.0.2.7 Erp.acme.example\n")
    lookup = SystemLookup(HostsFile(path))
    assert lookup("erp.acme.example") == ["192.0.2.7"]
    path.write_text("192.0.2.8 erp.acme.example # moved\n2001:db8::8 erp.acme.example\n")
    assert lookup("erp.acme.example") == ["192.0.2.8", "2001:db8::8"]


def test_hosts_lines() -> None:
    text = "\n# c\n127.0.0.1\tlocalhost vm\nnonsense h\n127.1 short\n ::1 localhost#x\n10.0.0.1\n"
    assert parse_hosts(text) == {"localhost": ["127.0.0.1", "::1"], "vm": ["127.0.0.1"]}
    assert parse_hosts("fe80::1%lo0 zoned") == {"zoned": ["fe80::1%lo0"]}
