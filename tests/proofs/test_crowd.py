"""Eight emitters, two daemons that both want to send, readers and an editor at once, killed at random.

What was accepted is what is delivered, no line is glued, one sends at a time, and every request that was seen
is in the journal.
"""

import contextlib
import random
import time
from collections.abc import Callable
from pathlib import Path

from audit import Audit
from crowd import Edits, Emits, Follows, Kills, Member, Sends
from running import Hookconsole, Receiver, stop, wait_until

from hookconsole.observing.watch import JournalHub
from hookconsole.paths import Home

SECONDS = 60.0
DRAIN_SECONDS = 180.0
"""Patience: what is left when the kills end takes some seconds, and many times that on a busy machine."""

NAMES = ("acme", "beta", "core")


def _tables(console: Hookconsole, receiver: Receiver) -> list[str]:
    """The config in pieces that end where a table does: cut between them, it is valid."""
    tables = [console.config.read_text()]
    for name in NAMES:
        before = len(console.config.read_text())
        console.add(name, receiver.url(f"/{name}"), '["*"]')
        tables.append(console.config.read_text()[before:])
    return tables


def test_a_crowd_under_random_kills_loses_nothing(
    console: Hookconsole,
    receiver: Receiver,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    receiver.fails_first.add("/core")
    tables = _tables(console, receiver)
    with console.daemon() as first:  # from now on the journal knows the registry
        assert stop(first) == 0
    emitters = [Emits(console, seed + number) for number in range(8)]
    daemons = [Sends(console, seed + 10 + number, tmp_path / f"log{number}") for number in range(2)]
    reader, editor = Follows(console, seed + 20), Edits(console, seed + 21, tables)

    def look() -> None:
        sending = sum(" ready: " in _of_last_start(daemon) for daemon in daemons)
        assert sending <= 1, "two send at once"

    members: list[Member] = [*emitters, *daemons, reader, editor]
    killer = Kills(console, seed + 22, look, *members, *daemons, *daemons)
    hub = JournalHub(Home(console.config, console.state))
    with contextlib.ExitStack() as stack:
        stack.callback(hub.close)
        for member in (*members, killer):
            member.start()
            stack.callback(member.end)
        until = time.monotonic() + SECONDS
        wait_until(
            lambda: time.monotonic() > until or any(m.error for m in (*members, killer)),
            "the end",
            SECONDS * 2,
        )
        killer.end()
        for one in (*emitters, editor):
            one.end()
        console.config.write_text("".join(tables))
        try:
            wait_until(console.drained, "an empty backlog", DRAIN_SECONDS)
        except AssertionError as error:
            error.add_note(console.run("status", code=None).stdout)
            error.add_note("".join(daemon.log.read_text()[-2000:] for daemon in daemons))
            raise
        wait_until(lambda: hub.snapshot().backlog == 0, "the hub's empty backlog")
        for daemon in daemons:
            daemon.end()
        reader.end()

    accepted = {event for emitter in emitters for event in emitter.accepted}
    audit = Audit(console.state)
    audit.assert_sound(torn=sum(member.kills for member in members))
    audit.assert_has_requests(receiver.seen())
    assert accepted <= set(audit.accepted)
    assert set(audit.accepted.values()) == {1}
    assert audit.delivered == {(event, name) for event in audit.accepted for name in NAMES}
    for name in NAMES:
        assert set(receiver.events(f"/{name}", status=200)) == set(audit.accepted)
    assert reader.seen <= audit.delivered
    assert len(reader.seen) > 100
    assert all(request.signature_holds for request in receiver.requests)
    assert {3, -9} <= {code for daemon in daemons for code in daemon.codes} <= {0, 2, 3, -9}
    kills, of_senders = (sum(member.kills for member in some) for some in (members, daemons))
    record_property(
        "figure",
        f"{kills} SIGKILLs survived, {of_senders} of them of daemons; {len(accepted)} events accepted,"
        f" {len(receiver.requests)} requests, {editor.edits} edits, none lost (seed {seed})",
    )


def _of_last_start(daemon: Sends) -> str:
    """What the running daemon has logged; nothing while none runs."""
    process = daemon.process
    if process is None or process.poll() is not None or not daemon.log.exists():
        return ""
    lines = [
        line for line in daemon.log.read_text().splitlines(keepends=True) if f"pid {process.pid}" in line
    ]
    return "".join(lines[-1:])
