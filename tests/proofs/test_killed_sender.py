"""The daemon killed before every write, sync, request and answer, again and again on one journal.

After each kill: every line is whole, every request that left is in the journal, no attempt was begun twice.
In the end all that was accepted is delivered.
"""

from collections import Counter
from collections.abc import Callable
from itertools import count

from audit import Audit
from kernel import killed_at, needs_strace, run_sender
from running import Hookconsole, Receiver, stop, wait_until

from hookconsole.emitter import Emitter

pytestmark = needs_strace

CALLS = ("pwrite64", "write", "fdatasync", "fsync", "sendto", "recvfrom")
NAMES = ("acme", "flaky")


def _run_killed(console: Hookconsole, receiver: Receiver, call: str, number: int) -> bool:
    """A daemon that takes two events in, sends and retries, and is ended; whether a kill was sooner."""
    with Emitter(config=console.config, state=console.state) as emitter:
        events = {emitter.emit("invoice.paid", {"amount": 2500}) for _ in range(2)}

    def done() -> bool:
        return all(events <= set(receiver.events(f"/{name}", status=200)) for name in NAMES)

    return run_sender(killed_at(call, number, console.command("--daemon")), console.state, done)


def test_a_sender_that_is_killed_anywhere_loses_nothing_and_knows_every_request(
    console: Hookconsole, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    console.config.write_text("[delivery]\nretry_schedule = [0.02, 0.02]\n" + console.config.read_text())
    receiver.fails_first.add("/flaky")
    for name in NAMES:
        console.add(name, receiver.url(f"/{name}"), '["*"]')
    survived = 0
    for call in CALLS:
        for number in count(1):
            killed = _run_killed(console, receiver, call, number)
            audit = Audit(console.state)
            audit.assert_sound()
            audit.assert_has_requests(receiver.seen())
            if not killed:
                break
            survived += 1
    daemon = console.daemon()
    wait_until(console.drained, "an empty backlog")
    assert stop(daemon) == 0

    audit = Audit(console.state)
    accepted = set(audit.accepted)
    for name in NAMES:
        assert set(receiver.events(f"/{name}", status=200)) == accepted
    assert audit.delivered == {(event, name) for event in accepted for name in NAMES}
    assert all(request.signature_holds for request in receiver.requests)
    interrupted = [a for made in audit.attempts.values() for a in made if a["outcome"] == "interrupted"]
    # What was begun and has no end is what the next sender puts down.
    ended = Counter((a["event"], a["endpoint"], a["attempt"]) for a in audit.of("attempt"))
    assert audit.begun == ended
    again = sum(times - 1 for times in receiver.seen().values())
    assert again - len(accepted) <= len(interrupted), "requests were made again without a cause"
    assert interrupted
    assert survived > 20
    record_property("figure", f"{survived} SIGKILLs survived, {len(accepted)} events, none lost")
