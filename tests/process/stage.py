"""A console on a terminal over a prepared state directory and a real receiver, and a count of the keys.

Every key that is pressed within a task counts; text in a field doesn't, nor does an answer to a question, nor
the way back to where the next task begins.
"""

import base64
import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

from running import SECRET, Hookconsole, Receiver, wait_until
from terminal import Terminal

from hookconsole import Emitter
from hookconsole.journal.records import Hours
from hookconsole.journal.segments import Appender
from hookconsole.journal.store import Store
from hookconsole.journal.totals import duration_bucket
from hookconsole.journal.trimming import write_checkpoint

ENTER, ESCAPE, CTRL_S = "\r", "\x1b", "\x13"

CONFIG = """\
[delivery]
timeout_seconds = 60

[endpoints.acme-erp]
url = "{receiver}/acme"
events = ["invoice.*"]
secret = "{secret}"

[endpoints.umbrella-pay]
url = "{receiver}/umbrella"
events = ["vat.*"]
secret = "{secret}"
retry_schedule = []
endpoint_concurrency = 1

[endpoints.initech-bank]
url = "{receiver}/initech"
events = ["payroll.*"]
secret = "{secret}"
retry_schedule = [3600]
"""

EDITOR = """\
#!/bin/sh
# Appends what the test has put beside it.
cat "$(dirname "$0")/addition" >> "$1"
"""


class Stage:
    """`acme-erp` is well; all to `umbrella-pay` have failed, one to `initech-bank` waits for an hour."""

    def __init__(self, folder: Path, receiver: Receiver, size: tuple[int, int], failed: int) -> None:
        where = receiver.url("")
        self.folder, self.receiver = folder, receiver
        self.console = Hookconsole(folder, CONFIG.format(receiver=where, secret=SECRET))
        receiver.answers |= {"/umbrella": 503, "/initech": 500}
        receiver.bodies |= {"/initech": b'{"error":"the upstream is out of paper"}'}
        _write_week(self.console.state / "journal")
        self._emitter = Emitter(config=self.console.config, state=self.console.state)
        self.delivered = self.emit("invoice.paid")
        self.failed = [self.emit("vat.return_filed") for _ in range(failed)]
        self.waiting = self.emit("payroll.run_finalised", b'{"run":"march","net":2500.00}')
        self.addition = folder / "addition"
        editor = folder / "editor"
        editor.write_text(EDITOR)
        editor.chmod(0o700)
        self.terminal = Terminal(self.console.command(), {"EDITOR": str(editor), "VISUAL": ""}, size)
        self.played: list[int] = []
        self._pressed: list[str] = []

    def emit(self, event_type: str, data: bytes = b"{}") -> str:
        """Accept one more event."""
        return self._emitter.emit(event_type, data)

    def close(self) -> None:
        """End the console."""
        self._emitter.close()
        self.terminal.close()
        self.console.close()

    def end(self) -> int:
        """Leave the console by its key; its exit code."""
        self.terminal.send("q")
        return self.terminal.end()

    # The keyboard

    @contextlib.contextmanager
    def task(self, number: int, *, keys: int) -> Iterator[None]:
        """One of the tasks, which may cost so many keys."""
        self._pressed = []
        yield
        self.played.append(number)
        assert len(self._pressed) <= keys, f"{len(self._pressed)} keys, {keys} at most: {self._pressed}"

    def press(self, *keys: str) -> None:
        """Press keys, which count."""
        self._pressed += keys
        self.free(*keys)

    def free(self, *keys: str) -> None:
        """Press keys that don't count: text in a field, an answer, the way back to where a task begins."""
        for key in keys:
            self.terminal.send(key)

    def leave(self, text: str) -> None:
        """Close what is in front; it is gone when its text is."""
        self.free(ESCAPE)
        self.lacks(text)

    def fill(self, label: str, typed: str, holds: str = "") -> None:
        """Type into a form's field, see it there, and go on to the next."""
        self.free(typed)
        self.sees_like(rf"{label} +{re.escape(holds or typed)}")
        self.free(ENTER)

    # The screen

    @property
    def text(self) -> str:
        """What is on the screen."""
        return self.terminal.screen.text

    def sees(self, *texts: str) -> str:
        """Wait until all of these are on the screen together; the screen."""
        return self.terminal.until_so(lambda shown: all(text in shown for text in texts), str(texts))

    def sees_like(self, pattern: str) -> str:
        """Wait until something like this is on the screen; the screen."""
        return self.terminal.until_so(lambda shown: re.search(pattern, shown), pattern)

    def lacks(self, text: str) -> str:
        """Wait until a text isn't there any more; the screen."""
        return self.terminal.until_so(lambda shown: text not in shown, f"no {text}")

    def reads(self, *texts: str) -> None:
        """Page down until each of these was on the screen."""
        left = set(texts)
        for _ in range(20):
            left -= {text for text in left if text in self.text}
            if not left:
                return
            before = self.text
            self.free("\x04")  # ctrl+d, half a page
            with contextlib.suppress(AssertionError):  # it may be the last one
                wait_until(lambda before=before: self.text != before, "the next page", 10)  # type: ignore[misc]
        raise AssertionError(f"{left} nowhere on:\n{self.text}")

    def is_at(self, name: str) -> None:
        """Wait until the cursor is at a row."""
        self.sees_like(rf"(?m)^>{re.escape(name[:9])}")

    def is_at_the_first_row(self) -> None:
        """Wait until the cursor is at the first row of the deliveries."""
        self.sees_like(r"\A(?:.*\n){3}>\d\d:")

    def copies(self, text: str) -> None:
        """Wait until what was last put into the terminal's clipboard has a text."""
        wait_until(lambda: text in self._copied(), f"{text} in the clipboard")

    def _copied(self) -> str:
        found = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", self.terminal.written)
        return base64.b64decode(found[-1]).decode() if found else ""

    def stands(self, event: str, endpoint: str, state: str) -> None:
        """Wait until the journal says so of a delivery."""
        wait_until(
            lambda: self.console.states("--event", event).get((event, endpoint)) == state,
            f"{event} to {endpoint} {state}",
        )

    def comes(self, path: str, event: str) -> None:
        """Wait until an event has been delivered at a path."""
        wait_until(lambda: event in self.receiver.events(path, status=200), f"{event} at {path}")


def _write_week(folder: Path) -> None:
    """A journal that begins with a week's totals: an endpoint has failed for the last hours."""
    appender, store = Appender(folder), Store(folder)
    try:
        fold = store.fold()
        hour = int(time.time()) // 3600
        bucket = duration_bucket(40.0)
        hours = {
            name: Hours(
                [(one, 0, 9, 9) if fails and hour - one < 3 else (one, 20 + one % 24, 0, 0) for one in week],
                [(one, {bucket: 20}) for one in week[-23:]],
            )
            for name, fails in (("acme-erp", False), ("umbrella-pay", True), ("initech-bank", False))
            if (week := range(hour - 160, hour))
        }
        fold.totals.load(hours)
        write_checkpoint(fold, appender)
        appender.sync()
    finally:
        appender.close()
        store.close()
