"""Writes that the kernel cuts short at every byte of a line: RLIMIT_FSIZE is a disk with so much room."""

import resource
from collections import Counter
from collections.abc import Callable

import pytest
from audit import Audit
from running import Hookconsole, Receiver, stop, wait_until
from writing import python

from hookconsole.delivery.lock import Note, sender_note
from hookconsole.emitter import Emitter

EMITS = """
import os, resource, sys
import hookconsole.cli.emit, hookconsole.journal.ids
from hookconsole.cli.main import main

config, state, killed = sys.argv[1], sys.argv[2], sys.argv[3] == "killed"
here = ["--config", config, "--state", state, "emit", "invoice.paid", "--data", '{"amount":2500.00}', "--id"]
path = state + "/journal/000000000001.jsonl"
write = os.write

def written_and_killed(fd, data):
    done = write(fd, data)
    if done < len(data):
        os.kill(os.getpid(), 9)
    return done

def emit(name):
    child = os.fork()
    if not child:
        os._exit(main([*here, name]))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def size():
    return os.stat(path).st_size

assert emit("before") == 0
before = size()
assert emit("f0000") == 0
for room in range(size() - before):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size() + room, resource.RLIM_INFINITY))
    if killed:
        os.write = written_and_killed
    assert emit(f"e{room:04}") == (-9 if killed and room else 1), room
    os.write = write
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert emit(f"g{room:04}") == 0
"""


@pytest.mark.parametrize("how", ["refused", "killed"])
def test_an_emit_cut_short_at_any_byte_isnt_accepted_and_costs_only_itself(
    console: Hookconsole, record_property: Callable[[str, object], None], how: str
) -> None:
    script = python(EMITS, console.config, console.state, how)
    out, err = script.communicate(timeout=120)
    assert script.returncode == 0, err
    accepted = set(out.split())
    cuts = sum(name.startswith("g") for name in accepted)
    audit = Audit(console.state)
    audit.assert_sound(torn=cuts)
    assert accepted <= set(audit.accepted)
    # All but the newline was written in one of them: its line is whole once that is sealed.
    assert set(audit.accepted) - accepted == {f"e{cuts - 1:04}"}
    assert set(audit.accepted.values()) == {1}
    refusals = [line for line in err.splitlines() if "not accepted" in line and "EFBIG" in line]
    assert len(refusals) == len(err.splitlines()) == (cuts if how == "refused" else 1)
    record_property("figure", f"{cuts} short writes of `emit`, none glued")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="this system has no prlimit")
def test_a_sender_cut_short_at_any_byte_halts_sends_nothing_and_goes_on(
    console: Hookconsole, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    console.add("acme", receiver.url("/acme"), '["*"]')
    daemon = console.daemon()
    path = console.state / "journal" / "000000000001.jsonl"
    emitter = Emitter(config=console.config, state=console.state)

    def emitted(name: str) -> None:
        emitter.emit("invoice.paid", b'{"amount":2500.00}', id=name)

    def room(left: int) -> None:
        """How many bytes the daemon may still write, of the journal as it is now."""
        limit = resource.RLIM_INFINITY if left < 0 else path.stat().st_size + left
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def ended(name: str) -> bool:
        return (
            b'"event":"%b","endpoint":"acme","attempt":1,"trigger"' % name.encode()
            in path.read_bytes()[-4096:]
        )

    def note() -> Note:
        return sender_note(console.state) or Note()

    before = path.stat().st_size
    emitted("e000")
    wait_until(lambda: ended("e000"), "a first delivery")
    event, *own = path.read_bytes()[before:].splitlines(keepends=True)
    group = own[0] + own[1]
    assert b'"intake"' in own[0]
    assert b'"start"' in own[1]
    for byte in range(len(group)):
        name = f"e{byte + 1:03}"
        room(len(event) + byte)
        emitted(name)
        wait_until(lambda: "EFBIG" in note().halted, "the halt")
        assert name not in receiver.events("/acme")
        room(-1)
        wait_until(lambda name=name: ended(name), "the delivery, once there is room")  # type: ignore[misc]
    emitter.close()
    wait_until(lambda: note().halted == "", "the end of the halt")
    assert stop(daemon) == 0
    audit = Audit(console.state)
    audit.assert_sound(torn=len(group), rewritten=1)
    assert receiver.events("/acme") == [f"e{n:03}" for n in range(len(group) + 1)]
    assert set(audit.accepted) == set(receiver.events("/acme"))
    taken = Counter(one["event"] for record in audit.of("intake") for one in record["events"])
    assert sum(times > 1 for times in taken.values()) == 1  # of it, too, only the newline was missing once
    record_property("figure", f"{len(group)} short writes of the sender, none glued, nothing sent twice")
