"""A sender in this process, with real files, receivers without a network, and operators; it can be killed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx

from hookconsole.config.file import read
from hookconsole.config.load import parse
from hookconsole.config.model import Config
from hookconsole.config.watch import Watcher
from hookconsole.delivery.lock import SenderLock
from hookconsole.delivery.sender import Sender
from hookconsole.emitter import Emitter
from hookconsole.journal import records as r
from hookconsole.journal.history import Entry, of_event
from hookconsole.journal.segments import START, Position
from hookconsole.journal.store import Store
from hookconsole.operating.desk import Desk
from hookconsole.paths import Home

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
PATIENCE_SECONDS = 60.0


class Request(NamedTuple):
    """What a receiver got."""

    host: str
    event: str
    headers: httpx.Headers
    body: bytes


class Receivers(httpx.AsyncBaseTransport):
    """What receivers answer, by host: 200 unless told otherwise."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.before: Callable[[Request], None] = lambda _: None
        self._answers: dict[str, list[int | httpx.Response | Exception]] = {}
        self._gates: dict[str, asyncio.Event] = {}

    def answer(self, host: str, *answers: int | httpx.Response | Exception) -> None:
        """A status, a response or an error for each request to come; the last for all that follow."""
        self._answers[host] = list(answers)

    def hang(self, host: str) -> asyncio.Event:
        """Requests wait until the event is set."""
        self._gates[host] = asyncio.Event()
        return self._gates[host]

    def got(self, host: str) -> list[str]:
        """The ids of the events that a host got, tests left out."""
        return [one.event for one in self.requests if one.host == host and b"webhook.test" not in one.body]

    def tests(self, host: str) -> int:
        """How many tests a host got."""
        return sum(one.host == host and b'"type":"webhook.test"' in one.body for one in self.requests)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        seen = Request(request.url.host, request.headers.get("webhook-id", ""), request.headers, body)
        self.before(seen)
        self.requests.append(seen)
        if gate := self._gates.get(seen.host):
            await gate.wait()
        answers = self._answers.get(seen.host, [200])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(answer)


class Site:
    """A config file, a state directory, receivers, and those who use them."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "config.toml", folder / "state")
        self.receivers = Receivers()
        self.transport: httpx.AsyncBaseTransport = self.receivers
        self.settings = "[delivery]\nretry_schedule = [0.01, 0.02]\n"
        self._keys: dict[str, str] = {}

    def save(self, **endpoints: str | None) -> None:
        """Write the config file: more keys of each endpoint as TOML; None takes an endpoint out."""
        for name, keys in endpoints.items():
            self._keys[name] = keys or ""
            if keys is None:
                del self._keys[name]
        text = self.settings
        for name, keys in self._keys.items():
            text += f"[endpoints.{name}]\n"
            known = {"url": f"https://{name}.example/hooks", "secret": SECRET}
            given = [line.split(" = ")[0] for line in keys.split("\n")]
            if "secret_file" in given:
                del known["secret"]
            text += "".join(f'{key} = "{value}"\n' for key, value in known.items() if key not in given)
            text += keys + "\n" + ("" if "events" in given else 'events = ["*"]\n')
        self.write(text)

    def write(self, text: str) -> None:
        """Write the config file as an editor does."""
        new = self.home.config.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o600)
        new.replace(self.home.config)

    def emit(self, name: str, data: bytes = b"{}", event_type: str = "invoice.paid") -> str:
        """Have an event accepted."""
        with Emitter(config=self.home.config, state=self.home.state) as emitter:
            return emitter.emit(event_type, data, id=name)

    def desk(self) -> Desk:
        """An operator comes."""
        return Desk(self.home)

    def entry(self, name: str, endpoint: str = "acme") -> Entry | None:
        """What the journal says of a delivery now."""
        store = Store(self.home.journal)
        found = of_event(store, name)
        store.close()
        mine = [entry for entry in (found.entries if found else ()) if entry.delivery.endpoint == endpoint]
        return mine[0] if mine else None

    def state(self, name: str, endpoint: str = "acme") -> str:
        """Its state; empty while there is none."""
        entry = self.entry(name, endpoint)
        return entry.state if entry else ""

    def attempts(self, name: str, endpoint: str = "acme") -> list[r.Attempt]:
        """Its attempts that have ended."""
        entry = self.entry(name, endpoint)
        return entry.attempts if entry else []

    def places(self) -> list[tuple[Position, r.AnyRecord]]:
        """All records and where they are."""
        store = Store(self.home.journal)
        found = [(position, record) for position, record, _ in store.forward(START)]
        store.close()
        return found

    def records(self, kind: type[Any]) -> list[Any]:
        """All records of a kind."""
        return [record for _, record in self.places() if isinstance(record, kind)]

    @contextlib.asynccontextmanager
    async def sending(self, *, ready: bool = True) -> AsyncIterator["Running"]:
        """A sender, stopped at the end unless it was killed, or the test fails."""
        running = Running(self)
        try:
            if ready:
                await until(lambda: running.ready.is_set() or running.task.done(), "it isn't ready")
            yield running
        except BaseException as error:
            if running.task.done() and not running.task.cancelled():
                error.add_note(f"the sender had ended: {running.task.exception()!r}")
            await running.kill()
            raise
        await running.stop()


class HasSender(Protocol):
    """Where a sender can run."""

    home: Home
    transport: httpx.AsyncBaseTransport


class Running:
    """One sender that runs."""

    def __init__(self, site: HasSender) -> None:
        found = read(site.home.config)
        config = parse(found.raw, site.home.config) if found else Config()
        self.lock = SenderLock(site.home.state)
        self.lock.acquire("daemon")
        watcher = Watcher(site.home.config, found.raw if found else None)
        self.sender = Sender(site.home, self.lock, watcher, site.transport)
        self.ready, self._stop = asyncio.Event(), asyncio.Event()
        self._before = asyncio.all_tasks()
        self.task = asyncio.create_task(self.sender.run(config, self._stop, self.ready.set))
        self._ended = False

    async def stop(self) -> None:
        """As SIGTERM does."""
        if not self._ended:
            self._ended = True
            self._stop.set()
            await self.task
            self.lock.release()

    async def kill(self) -> None:
        """As `kill -9` does: what wasn't written is lost, nothing is finished."""
        if self._ended:
            return
        self._ended = True
        self.sender._dispatcher._cycle = lambda: None  # type: ignore[method-assign]  # timers are no tasks
        mine = asyncio.all_tasks() - self._before - {asyncio.current_task()}
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        self.sender._appender.close()
        self.sender._store.close()
        self.lock.release()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario in a loop of its own."""

    async def main() -> None:
        await scenario()

    asyncio.run(main())


async def until(
    condition: Callable[[], object], what: str | Callable[[], str] = "it didn't come true"
) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what() if callable(what) else what
        await asyncio.sleep(0.002)


async def settled(site: Site, *names: str, endpoint: str = "acme") -> None:
    """Wait until these deliveries have ended."""
    ends = ("delivered", "failed", "canceled", "skipped")
    await until(
        lambda: all(site.state(name, endpoint) in ends for name in names),
        lambda: f"not ended: {[(name, site.state(name, endpoint)) for name in names]}",
    )
