"""A site on a simulated machine: emitters, operators and a sender at work, and what they were promised.

`moments` has the disk after each thing that a crash could follow, with the promises of that time. What must
be true of what is found after the crash is in `crash_checks`.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

import httpx
from msgspec import Raw
from sending import SECRET, Receivers, Running

from crash_promises import Key, Promises
from hookconsole.config.load import parse
from hookconsole.emitter import Emission, Emitter
from hookconsole.errors import HookconsoleError, RefusedError
from hookconsole.journal import records as r
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store
from hookconsole.operating import registry, replaying, steering
from hookconsole.operating.desk import Desk
from hookconsole.paths import Home
from simulated_disk import Disk
from simulated_machine import PLACE, Machine
from simulated_time import Clock, run

_T = TypeVar("_T")


class Moment(NamedTuple):
    """A point at which the machine may crash."""

    after: str
    disk: Disk
    promises: Promises
    wall: float


class _Answering(Receivers):
    def __init__(self, promises: Callable[[], Promises]) -> None:
        super().__init__()
        self._promises = promises

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        key = request.headers.get("webhook-id", ""), request.url.host.split(".")[0]
        self._promises().requests.append(key)
        response = await super().handle_async_request(request)
        if response.is_success:
            self._promises().answered.add(key)
        return response


class Site:
    """One config file and one state directory on a machine, in folders that don't exist yet."""

    def __init__(self, machine: Machine | None = None, promises: Promises | None = None) -> None:
        self.machine = machine or Machine(Clock(1_800_000_000.0))
        self.promises = promises or Promises()
        self.home = Home(f"{PLACE}/home/.config/hookconsole/config.toml", f"{PLACE}/home/.state/hookconsole")
        self.receivers = _Answering(lambda: self.promises)
        self.transport: httpx.AsyncBaseTransport = self.receivers
        self.running: Running | None = None
        self.moments: list[Moment] = []
        self.recording = False
        self._reopened_after: dict[Key, int] = {}
        self._in_doubt: set[Key] = set()
        self._added: frozenset[str] = frozenset()

    def begin(self) -> None:
        """Make the user's folder."""
        for path in (PLACE, f"{PLACE}/home"):
            self.machine.disk.make(path, 0o755, folder=True)
        for node in self.machine.disk.nodes.values():
            node.settle()

    def records(self, kind: type[Any]) -> list[Any]:
        """All records of a kind."""
        store = Store(self.home.journal)
        found = [record for _, record, _ in store.forward(START) if isinstance(record, kind)]
        store.close()
        return found

    def record(self) -> None:
        """From now on keep each moment."""
        self.recording = True
        self.machine.disk.stepped = self.note

    def note(self, after: str) -> None:
        """A crash may come now."""
        self.confirm()
        if self.recording:
            moment = Moment(after, self.machine.disk.copy(), self.promises.copy(), self.machine.clock.wall)
            self.moments.append(moment)

    def confirm(self) -> None:
        """What the sender has recorded and synced is promised."""
        if self.running is not None and self.running.sender._outbox.settled:
            ended = self.running.sender._fold._ended.items()
            again = self._reopened_after
            self.promises.ended.update(
                key
                for key, one in ended
                if one.state in ("delivered", "failed") and one.attempts > again.get(key, 0)
                if key not in self._in_doubt
            )

    # Emitters

    def emitter(self) -> Emitter:
        """Another process that emits."""
        return Emitter(config=self.home.config_name, state=self.home.state_name)

    def emit(
        self,
        *names: str,
        to: Iterable[str] = (),
        by: Emitter | None = None,
        known: bool = False,
        between: Callable[[], object] = lambda: None,
    ) -> bool:
        """Have events accepted, with one sync; whether they were. If `known` their ids are looked up.

        `between` happens when they are written and not yet synced.
        """
        emitter = by or self.emitter()
        for name in names:
            self.promises.emitted[name] = data_of(name)
        try:
            if known:
                emitter.accept([Emission("invoice.paid", data_of(name), name) for name in names])
            else:
                lines = b"".join(map(event_line, names))
                emitter._appender.append(lines)
                between()
                emitter._make_durable(lines)
        except RefusedError:
            return False
        finally:
            if by is None:
                emitter.close()
        self.accepted(*names, to=to)
        return True

    def accepted(self, *names: str, to: Iterable[str]) -> None:
        """Their ids were given back."""
        self.promises.accepted.update(dict.fromkeys(names, self._added.intersection(to)))
        self.note("accepted")

    # Operators

    def operate(self, act: Callable[[Desk], _T]) -> _T | None:
        """An operator does something; what came of it, None for a refusal."""
        desk = Desk(self.home)
        try:
            return act(desk)
        except HookconsoleError:
            return None
        finally:
            desk.close()

    def cancel(self, event: str, endpoint: str) -> None:
        """Cancel a delivery."""
        key = event, endpoint
        self.promises.dropped.add(key)
        done = self.operate(lambda desk: steering.cancel(desk, event, endpoint).done)
        if done:
            self.promises.canceled.add(key)
        self.note("canceled")

    def retry(self, event: str, endpoint: str) -> None:
        """Retry a delivery."""

        def act(desk: Desk) -> None:
            self._reopened((event, endpoint), desk.fold.attempts_known(event, endpoint))
            steering.retry(desk, event, endpoint)

        self.operate(act)
        self.note("retried")

    def replay(self, *states: str) -> None:
        """Replay what is in these states."""

        def act(desk: Desk) -> None:
            choice = replaying.Choice(None, states, (), desk.horizon, None)
            chosen = replaying.choose(desk, choice)
            for item in chosen.items:
                self._reopened((item.event, item.endpoint), item.attempts)
            self.promises.replays.add(replaying.begin(desk, choice, chosen, 100.0).replay)

        self.operate(act)
        self.note("replayed")

    def _reopened(self, key: Key, attempts: int) -> None:
        self._reopened_after[key] = attempts
        self.promises.ended.discard(key)
        self.promises.canceled.discard(key)

    def edit(self, act: Callable[[Desk], Any]) -> None:
        """Change the registry: until it is done the file may be the old one or the new one."""
        done = self.operate(lambda desk: (act(desk),))
        new = self.machine.disk.read(self.home.config_name)
        self.promises.configs.append(new)
        if done is None:
            return
        self.promises.configs = [new]
        self._added |= parse(new or b"", self.home.config).endpoints.keys()
        if isinstance(done[0], registry.Saved) and done[0].test is not None:
            self.promises.accepted[done[0].test[0]] = frozenset()
        self.note("edited")

    def add(self, name: str, *events: str) -> None:
        """Add an endpoint to the registry."""
        values = {"url": f"https://{name}.example/", "events": list(events) or ["*"], "secret": SECRET}
        self.edit(lambda desk: registry.add(desk, name, values, test=True))

    # The sender

    def start(self) -> None:
        """A sender begins. In a loop."""
        self.running = Running(self)
        self._in_doubt.clear()
        if self.machine.disk.doubtful:
            # A sync failed on a sender that was killed before it heard of it: what it wrote is read, no more.
            self._in_doubt.update(self.running.sender._fold._ended)

    async def kill(self) -> None:
        """The sender is killed."""
        if self.running is not None:
            self.confirm()
            running, self.running = self.running, None
            with suppress(OSError):
                await running.kill()

    async def stop(self) -> None:
        """The sender ends as on SIGTERM."""
        assert self.running is not None
        await self.running.stop()
        self.confirm()
        self.running = None

    async def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Let time pass until something is true, but not for longer."""
        for _ in range(int(seconds * 4)):
            if condition():
                return True
            assert self.running is not None
            if self.running.task.done():
                self.running.task.result()
            await asyncio.sleep(0.25)
        return bool(condition())

    @property
    def idle(self) -> bool:
        """Whether the sender has nothing left to do for endpoints of the registry."""
        assert self.running is not None
        sender = self.running.sender
        config = sender._config
        known = config.endpoints if config is not None else {}
        waits = any(one.endpoint in known for one in sender._fold.unfinished())
        return config is not None and not waits and not sender._fold.untaken and sender._outbox.settled

    def run(self, work: Any) -> Any:
        """Run a coroutine on this machine's loop."""
        return run(self.machine.clock, work)


def data_of(name: str) -> bytes:
    """An event's data: each has its own."""
    return b'{"invoice":"%s","total":2500.00,"lines":[1,2,3]}' % name.encode()


def event_line(name: str) -> bytes:
    """An event's line as an emitter writes it."""
    at = "2027-01-15T08:00:00.000000Z"
    fields: dict[str, Any] = {"event": name, "type": "invoice.paid", "created_at": at, "source": "cli"}
    return r.to_line(r.Event(at, data=Raw(data_of(name)), **fields))
