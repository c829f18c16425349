"""Power lost on a real ext4, again and again: what was accepted and what was saved are there afterwards."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from audit import Audit
from mounting import image_at, lose_power, make_image, needs_ext4
from running import Hookconsole, Receiver, stop, wait_until

from hookconsole.config.load import load
from hookconsole.journal.segments import Appender

ROUNDS = 5
EMITTERS = 2

_EMIT = """
while read -r line; do printf '%s\\n' "$line"; sleep 0.01; done < LINES | EMIT
"""


def _emitting(console: Hookconsole, lines: Path, out: Path) -> "subprocess.Popen[bytes]":
    """A process that has events accepted one by one, and writes their ids where power isn't lost."""
    emit = " ".join(f"'{part}'" for part in console.command("emit", "--batch", "-"))
    script = _EMIT.replace("LINES", str(lines)).replace("EMIT", emit)
    with out.open("ab") as ids:
        return subprocess.Popen(
            ["/bin/sh", "-c", script], stdout=ids, stderr=subprocess.DEVNULL, start_new_session=True
        )


@needs_ext4()
def test_what_was_accepted_or_saved_is_there_after_every_power_loss(
    tmp_path: Path, receiver: Receiver, record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    image, lines = tmp_path / "image", tmp_path / "lines"
    make_image(image)
    lines.write_text('{"type":"invoice.paid","data":{"amount":2500.00}}\n' * 1000)
    promised: set[str] = set()
    saved = 0
    for round_ in range(ROUNDS):
        with image_at(tmp_path / "disk", image) as disk:
            console = Hookconsole(disk)
            if round_ == 0:
                console.add("acme", receiver.url("/acme"), '["*"]\ndescription = "0"')
            else:
                _assert_is_there(console, promised, saved)
            daemon = console.daemon()
            outs = [tmp_path / f"ids-{round_}-{number}" for number in range(EMITTERS)]
            emitters = [_emitting(console, lines, out) for out in outs]
            try:
                wait_until(lambda outs=outs: len(_printed(outs)) > 10, "events")  # type: ignore[misc]
                if chance.random() < 0.5:
                    appender = Appender(console.state / "journal")
                    appender.rotate()
                    appender.close()
                console.run("endpoints", "edit", "acme", "--description", str(saved + 1))
                saved += 1
                time.sleep(chance.random() * 0.3)
            finally:
                # What is printed later is said by a machine that is off already.
                promised |= _printed(outs)
                lose_power(disk)
                daemon.kill()
                daemon.wait()
                for emitter in emitters:
                    os.killpg(emitter.pid, signal.SIGKILL)
                    emitter.wait()
    with image_at(tmp_path / "disk", image) as disk:
        console = Hookconsole(disk)
        _assert_is_there(console, promised, saved)
        daemon = console.daemon()
        try:
            wait_until(console.drained, "an empty backlog")
            assert stop(daemon) == 0
        finally:
            console.close()
        audit = Audit(console.state)
        assert promised <= set(audit.accepted)
        assert audit.delivered >= {(event, "acme") for event in audit.accepted}
        assert set(audit.accepted) <= set(receiver.events("/acme"))
    record_property("figure", f"{ROUNDS} power losses, {len(promised)} events accepted, none lost")


def _printed(outs: list[Path]) -> set[str]:
    """The ids in these files, whole lines of them."""
    return {line.strip() for out in outs for line in out.read_text().splitlines(True) if line.endswith("\n")}


def _assert_is_there(console: Hookconsole, accepted: set[str], saved: int) -> None:
    audit = Audit(console.state)
    assert accepted <= set(audit.accepted), "accepted and lost"
    for line in audit.torn:
        assert line.count(b'{"kind":') <= 1, f"glued: {line!r}"
    assert load(console.config).endpoints["acme"].description == str(saved), "saved and lost"
