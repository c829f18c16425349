"""Keys that make no sense, in any order and at any speed: no console ends of them, each still answers.

A console that ends takes its deliveries with it, so a key that nobody expected is no small thing.
"""

import random
import time
from collections.abc import Callable

import pytest
from running import Hookconsole, Receiver, wait_until
from terminal import Terminal

BURSTS = 150
SIZES = ((60, 15), (80, 24), (120, 40), (200, 60))
KEYS = (
    *"1234" * 4,
    *"jkgGtxRraeKDyYdcvnNfFwWsSmMzZuUpPiIoObBhHlLE/?:.,[]{}<> -+=0596789!@#$%^&*()'\"\\`~|",
    *("\r",) * 8,
    *("\x1b",) * 10,
    *("\t",) * 4,
    *(f"\x1b[{key}" for key in ("Z", "A", "B", "C", "D", "H", "F", "5~", "6~")),
    *"\x7f\x01\x05\x0c\x0e\x10\x12\x13\x15",
    *("acme", "state:failed\r", "http://127.0.0.1:9/"),
)  # fmt: skip
"""All but those that end it, or set it aside."""


def to_do(console: Hookconsole, receiver: Receiver) -> None:
    """Some deliveries that arrive, that fail and that wait."""
    receiver.answers["/corp"] = 503
    console.add("acme", receiver.url("/acme"), '["*"]')
    console.add("corp", receiver.url("/corp"), '["invoice.*"]\nretry_schedule = [0.1]')
    console.add("bolt", "http://127.0.0.1:9/", '["invoice.*"]\nretry_schedule = [0.1, 600]')
    console.run("emit", "--batch", "-", stdin='{"type":"invoice.paid","data":{}}\n' * 100)


def typed(terminal: Terminal, chance: random.Random) -> int:
    """Type for a while; how many keys."""
    count = 0
    for _ in range(BURSTS):
        keys = "".join(chance.choices(KEYS, k=chance.choice((1, 1, 1, 2, 3, 6))))
        terminal.send(keys)
        count += len(keys)
        time.sleep(chance.choice((0, 0, 0.01, 0.03, 0.1, 0.2)))
    return count


def left(terminal: Terminal) -> bool:
    """Take another step out of whatever is open, to the end."""
    for key in ("\x1b", "q"):
        if terminal.process.poll() is None:
            terminal.send("y" if "Close without saving" in terminal.screen.text else key)
            time.sleep(0.2)
    return terminal.process.poll() is not None


@pytest.mark.parametrize("size", SIZES)
def test_random_keys_end_no_console(
    console: Hookconsole,
    receiver: Receiver,
    size: tuple[int, int],
    record_property: Callable[[str, object], None],
) -> None:
    to_do(console, receiver)
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    terminal = Terminal(console.command(), {"PAGER": "cat", "EDITOR": "true"}, size)
    try:
        terminal.until("Endpoints 3")
        count = typed(terminal, random.Random(seed))
        wait_until(lambda: left(terminal), "the end of the console")
        assert terminal.end() == 0, terminal.screen.text
    finally:
        terminal.close()
    assert list(console.state.glob("console-crash*")) == []
    record_property("figure", f"{count} keys, none that ended it (seed {seed})")
