"""Those who use one hookconsole at once, and whoever kills them: each is a thread that goes on until told.

A process that was killed is started again by its owner, as systemd or a cron job would.
"""

import contextlib
import json
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from running import Hookconsole


class Member:
    """One of the crowd. `step` is done again and again; what it raises is kept for the end."""

    def __init__(self, console: Hookconsole, seed: int) -> None:
        self.console = console
        self.chance = random.Random(seed)
        self.process: subprocess.Popen[bytes] | None = None
        self.kills = 0
        self.error: BaseException | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Do no more; what runs gets a signal."""
        self._ending.set()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
        self._thread.join(60)
        assert not self._thread.is_alive(), f"{type(self).__name__} doesn't end"
        if self.error is not None:
            raise self.error

    def kill(self) -> None:
        """SIGKILL what runs of it, if anything does."""
        process = self.process
        if process is not None and process.poll() is None:
            self.kills += 1
            process.kill()

    def pause(self, seconds: float) -> None:
        """Rest for about so long."""
        self._ending.wait(seconds * (0.5 + self.chance.random()))

    def step(self) -> None:
        """What it does."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                self.step()
        except BaseException as error:
            self.error = error


class Emits(Member):
    """Has events accepted one by one by `emit --batch`; `accepted` are the ids that were printed."""

    def __init__(self, console: Hookconsole, seed: int) -> None:
        super().__init__(console, seed)
        self.accepted: list[str] = []

    def step(self) -> None:
        """One process's life."""
        command = self.console.command("emit", "--batch", "-")
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, bufsize=0, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
        ) as process:
            self.process = process
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(BrokenPipeError):
                while not self._ending.is_set():
                    process.stdin.write(b'{"type":"invoice.paid","data":{"amount":2500.00}}\n')
                    printed = process.stdout.readline().split()
                    if not printed:
                        return
                    self.accepted.append(printed[0].decode())
                    self.pause(0.15)


class Sends(Member):
    """Runs a daemon; where another one sends, tries again."""

    def __init__(self, console: Hookconsole, seed: int, log: Path) -> None:
        super().__init__(console, seed)
        self.log = log
        self.codes: list[int] = []

    def step(self) -> None:
        """One daemon's life."""
        with self.log.open("ab") as stderr:
            self.process = subprocess.Popen(self.console.command("--daemon"), stderr=stderr)
        self.codes.append(self.process.wait())
        self.pause(0.5)


class Follows(Member):
    """Reads `logs --follow`; `seen` has every delivery that it was told to be delivered."""

    def __init__(self, console: Hookconsole, seed: int) -> None:
        super().__init__(console, seed)
        self.seen: set[tuple[str, str]] = set()

    def step(self) -> None:
        """One reader's life."""
        command = self.console.command("logs", "--follow", "--json", "--limit", "50")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            self.process = process
            assert process.stdout is not None
            for line in process.stdout:
                if not line.endswith(b"\n"):
                    break  # killed in the middle of it
                told = json.loads(line)
                if told["state"] == "delivered":
                    self.seen.add((told["event"], told["endpoint"]))
        self.pause(0.5)


class Edits(Member):
    """Edits the config as people do: in place and by bits, by renaming, wrongly, and with the program."""

    def __init__(self, console: Hookconsole, seed: int, tables: list[str]) -> None:
        super().__init__(console, seed)
        self.tables = tables
        self.edits = 0

    def step(self) -> None:
        """One edit."""
        self.edits += 1
        comment = f"# edit {self.edits}\n"
        self.chance.choice([self._in_place, self._renamed, self._wrong, self._by_program])(comment)
        self.pause(0.8)

    def _text(self, comment: str) -> str:
        return comment + "".join(self.tables)

    def _in_place(self, comment: str) -> None:
        first, *others = [comment, *self.tables]
        with self.console.config.open("w") as file:
            file.write(first)
            for part in others:
                file.flush()
                time.sleep(0.03)  # so long an editor takes: half a file can be read
                file.write(part)

    def _renamed(self, comment: str) -> None:
        new = self.console.config.with_name("config.toml~")
        new.write_text(self._text(comment))
        new.chmod(0o600)
        new.replace(self.console.config)

    def _wrong(self, comment: str) -> None:
        self.console.config.write_text(self._text(comment) + "[endpoints.acme")
        self.pause(0.5)
        self.console.config.write_text(self._text(comment))

    def _by_program(self, _comment: str) -> None:
        command = self.console.command("endpoints", "edit", "acme", "--description", str(self.edits))
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.process.wait(60)


class Kills(Member):
    """Kills the others at random, and looks that never two of them send."""

    def __init__(self, console: Hookconsole, seed: int, look: Callable[[], None], *victims: Member) -> None:
        super().__init__(console, seed)
        self.look = look
        self.victims = victims

    def step(self) -> None:
        """One kill."""
        self.pause(0.4)
        self.look()
        self.chance.choice(self.victims).kill()
