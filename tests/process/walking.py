"""A walk through every screen of the console, over a hookconsole in which all text is hostile."""

import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grammar import Stream
from poisoned import FIELDS, Poisoned
from running import wait_until
from terminal import Terminal

SIZE = (128, 60)
"""Below the width from which a list has its detail beside it."""

PAGE = "d Differences"
"""In the footer of a delivery's page alone."""

_EDITOR = """#!{python}
import sys
with open(sys.argv[-1], "a", encoding="utf-8") as file:
    file.write({broken!r})
"""


class Walk:
    """What was seen: the fields on each screen by its name, what was copied, what strayed to the terminal."""

    def __init__(self, poisoned: Poisoned, folder: Path, *, whole: bool = True) -> None:
        """A walk that isn't whole leaves out dialogs that show what others show, too."""
        self.seen: dict[str, set[str]] = {}
        self.copies: list[str] = []
        self.strays: list[str] = []
        self._console = poisoned.console
        self._whole = whole
        self._folder = folder
        self._terminal: Terminal

    @property
    def fields(self) -> set[str]:
        """All that was seen anywhere."""
        return set().union(*self.seen.values())

    def run(self) -> None:
        """Walk, from the opening to the end, which must be an orderly one."""
        environment = {"PAGER": "cat", "EDITOR": self._editor()}
        self._terminal = terminal = Terminal(self._console.command(), environment, SIZE)
        try:
            with self._somebody_sends():
                terminal.process.poll()
                self._overview()
                self._endpoints()
                self._deliveries()
                if self._whole:
                    self._reading()
                    self._config()
            self._nobody_sends()
            terminal.send("q")
            code = terminal.end()
        finally:
            stream = Stream(terminal.written, SIZE[0])
            self.copies, self.strays = stream.copies, stream.strays
            terminal.close()
        assert code == 0, stream.text[-2000:]

    @contextmanager
    def _somebody_sends(self) -> Iterator[None]:
        """Hold the sender's lock, on which a hostile note stands: the console attaches."""
        fd = os.open(self._console.state / "sender.lock", os.O_RDONLY)
        fcntl.flock(fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(fd)

    def _editor(self) -> str:
        broken = f'\n[endpoints.acme.headers]\n[endpoints."{"<key>"}\\u001b]52;c;aGk=\\u0007"]\nurl = "x"\n'
        path = self._folder / "editor"
        path.write_text(_EDITOR.format(python=sys.executable, broken=broken))
        path.chmod(stat.S_IRWXU)
        return str(path)

    def _go(self, screen: str, keys: str, wait: str) -> None:
        self._terminal.send(keys)
        self._look(screen, self._terminal.until(wait))

    def _look(self, screen: str, shown: str) -> None:
        found = self.seen.setdefault(screen, set())
        found |= {field for field in FIELDS if f"<{field}>" in shown}

    def _back(self, title: str) -> None:
        self._terminal.escape_from(title)

    def _overview(self) -> None:
        self._look("overview", self._terminal.until("1 failing"))
        self._look("banner", self._terminal.until("sending is halted"))
        self._look("notification", self._terminal.until("[console.keys]"))

    def _endpoints(self) -> None:
        terminal = self._terminal
        self._go("endpoints", "2", "[2 Endpoints]")
        self._go("filter of endpoints", "/", "failing 503 timeout")
        terminal.send("acme\r")
        terminal.until_gone("failing 503 timeout")
        self._go("endpoint", "\r", "Last 7 days")
        self._look("endpoint", terminal.until("<about>"))
        self._go("copy of an endpoint", "y", "Copy of acme")
        terminal.send("u")
        self._look("notification", terminal.until("copied: URL"))
        self._go("form", "e", "Edit acme")
        self._go("picker", "\t\r", "<type_about>")
        self._back("Event types")
        self._back("Edit acme")
        if self._whole:
            self._dialogs()
        self._back("Its deliveries")

    def _dialogs(self) -> None:
        self._go("rotate", "K", "Give acme a new secret?")
        self._back("Give acme a new secret?")
        self._go("bulk retry", "R", "to send again")
        self._back("Retry what failed at acme")
        self._go("switch", "x", "acme off?")
        self._back("acme off?")
        self._go("remove", "D", "Remove acme")
        self._back("Remove acme")

    def _deliveries(self) -> None:
        terminal = self._terminal
        self._go("deliveries", "3", "[3 Deliveries]")
        self._filter("code:zz", "'zz'")
        terminal.send("\x15")
        terminal.until("words, of which all must hold")
        terminal.send("endpoint:acme\r")
        terminal.until("filter endpoint:acme")
        terminal.until("Deliveries 4 ")  # enter opens nothing before there is a row
        # The newest first: evt_again, evt_off, the one with a hostile id, evt_plain.
        for number in range(4):
            terminal.send("\r")
            terminal.until(PAGE)
            self._look("delivery", terminal.until(" from cli"))
            self._go("delivery", "G", PAGE)
            if number == 0 and self._whole:
                self._go("cancel", "c", "Cancel this delivery")
                self._back("Cancel this delivery")
            if number == 3:
                self._delivery()
            self._back(PAGE)
            terminal.send("j")
        self._go("replays", "4", "PROGRESS")

    def _filter(self, text: str, wait: str) -> None:
        self._go("filter of deliveries", "/", "code:5xx,timeout")
        self._go("filter of deliveries", f"{text}\r", wait)

    def _delivery(self) -> None:
        terminal = self._terminal
        self._go("differences", "d", "≠ ")
        self._back("Differences between")
        self._go("copy of a delivery", "y", "Copy of evt_plain")
        terminal.send("b")
        self._look("notification", terminal.until("copied: body"))
        before = len(terminal.written)
        terminal.send("v")
        wait_until(lambda: b"\x1b[?1049h" in terminal.written[before:], "the console after the pager")
        terminal.until(PAGE)
        self._look("pager", terminal.written[before:].decode("utf-8", "replace"))

    def _reading(self) -> None:
        self._go("help", "?", "esc closes")
        self._back("esc closes")
        self._go("log lines", "L", "Log lines of this console")
        self._back("Log lines of this console")
        self._go("palette", ":", "Search for commands")
        self._go("palette", "acme", "Endpoint acme")
        self._terminal.send("\x1b")
        self._terminal.until_gone("Endpoint acme")

    def _config(self) -> None:
        before = self._console.config.read_bytes()
        self._go("refused config", "E", "Edit it again?")
        self._console.config.write_bytes(before)
        self._back("Edit it again?")

    def _nobody_sends(self) -> None:
        self._look("banner", self._terminal.until("nobody sends: "))
        self._go("take over", "T", "Deliver from this console?")
        self._back("Deliver from this console?")
