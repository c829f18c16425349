"""A daemon's memory stays flat while every receiver floods it: measured by the kernel, from outside."""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from floods import FLOODS
from hostile import Behaviour, Peer, Receiver
from running import SECRET, Hookconsole, wait_until
from trust import Trust

import hookconsole
from hookconsole.journal.records import Attempt
from hookconsole.journal.segments import START
from hookconsole.journal.store import Store

WARM_UP = 15
"""As many as bring it to its size: all slots taken, each with a body on its way."""

EVENTS = 30
GROWTH_AT_MOST_KB = 16_000
PATIENCE_SECONDS = 240


class Offered:
    """How much the receivers have sent, or tried to."""

    total = 0

    def flood(self, name: str) -> Behaviour:
        """A receiver that begins a response and never ends it."""
        first, ever, _ = FLOODS[name]

        async def behaviour(peer: Peer) -> None:
            await peer.request()
            await peer.send(first)
            while True:
                await peer.send(ever)
                self.total += len(ever)

        return behaviour


def peak_kb(pid: int) -> int:
    """The most memory that a process has ever had, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_daemon_under_floods_stays_as_small_as_it_was(
    console: Hookconsole, tmp_path: Path, trust: Trust
) -> None:
    offered = Offered()
    expected = 0

    def emit(count: int) -> None:
        nonlocal expected
        expected += count * len(FLOODS)
        with hookconsole.Emitter(config=console.config, state=console.state) as emitter:
            for _ in range(count):
                emitter.emit("invoice.paid", {"filler": "x" * 50_000})
        wait_until(lambda: attempts() == expected, "the end of all attempts", PATIENCE_SECONDS)

    def attempts() -> int:
        store = Store(console.state / "journal")
        try:
            return sum(isinstance(record, Attempt) for _, record, _ in store.forward(START))
        finally:
            store.close()

    async def scenario() -> tuple[int, int]:
        async with AsyncExitStack() as stack:
            with console.config.open("a") as file:
                file.write("[delivery]\nretry_schedule = []\n")
                for number, name in enumerate(FLOODS):
                    tls = number % 2 == 0
                    context = trust.context("127.0.0.1") if tls else None
                    receiver = await stack.enter_async_context(Receiver(offered.flood(name), context))
                    url = f"{'https' if tls else 'http'}://127.0.0.1:{receiver.port}/"
                    file.write(f'[endpoints.e{number}]\nurl = "{url}"\nevents = ["*"]\nsecret = "{SECRET}"\n')
                    file.write(f'ca_file = "{trust.ca_file}"\n')
            daemon = await asyncio.to_thread(console.daemon)
            await asyncio.to_thread(emit, WARM_UP)
            before = peak_kb(daemon.pid)
            await asyncio.to_thread(emit, EVENTS)
            return before, peak_kb(daemon.pid)

    before, after = asyncio.run(scenario())
    assert after - before < GROWTH_AT_MOST_KB, f"{before} KB became {after} KB"
    print(f"{expected} attempts, {offered.total:,} bytes offered; {before} KB before, {after} KB after")
