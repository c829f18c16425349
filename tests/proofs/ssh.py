"""A real sshd on loopback with keys of its own, and a console that is opened through it."""

import contextlib
import getpass
import json
import os
import select
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Hookconsole, wait_until
from terminal import Terminal

_SERVER = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
"""
_SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")


class Ssh:
    """The server; it ends with its folder."""

    def __init__(self, folder: Path) -> None:
        if _SSHD is None or not shutil.which("ssh"):
            pytest.skip("needs sshd and ssh (Debian: openssh-server)")
        folder.mkdir()
        self._folder = folder
        for name in ("host", "user"):
            keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(keygen, check=True)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # where root's sshd goes to be without rights
        while not self._listens():
            assert b"Address already in use" in self._log.read_bytes(), self._log.read_text()

    def _listens(self) -> bool:
        """Start a server at a port that is free; it isn't if somebody else takes that first."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        assert _SSHD is not None
        config, self._log = self._folder / "config", self._folder / "log"
        config.write_text(_SERVER.format(port=self._port, folder=self._folder))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([_SSHD, "-D", "-e", "-f", config], stderr=log)
        wait_until(lambda: b"listening" in self._log.read_bytes() or self._process.poll() is not None, "sshd")
        return self._process.poll() is None

    def command(self, command: list[str]) -> list[str]:
        """The command line that runs another over there, on a terminal."""
        ssh = shutil.which("ssh")
        assert ssh is not None
        options = {
            "IdentityFile": f"{self._folder}/user",
            "UserKnownHostsFile": f"{self._folder}/known",
            "StrictHostKeyChecking": "no",
            "IdentitiesOnly": "yes",
            "EscapeChar": "none",
            "LogLevel": "ERROR",
        }
        given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        where = [f"{getpass.getuser()}@127.0.0.1", "-p", str(self._port)]
        return [ssh, "-tt", "-F", "/dev/null", *given, *where, f"exec env LANG=C.UTF-8 {shlex.join(command)}"]

    def close(self) -> None:
        """End the server; sessions end with their clients."""
        self._process.terminate()
        self._process.wait()


@contextlib.contextmanager
def over_ssh(
    console: Hookconsole, folder: Path, size: tuple[int, int] = (80, 24)
) -> Iterator[tuple[Terminal, int]]:
    """A console that delivers at the other end of a connection, and its pid."""
    server = Ssh(folder / "ssh")
    try:
        terminal = Terminal(server.command(console.command()), size=size)
        try:
            terminal.until("this console sends")
            (status,) = map(json.loads, console.run("status", "--json", code=None).stdout.splitlines())
            yield terminal, status["sender"]["pid"]
        finally:
            terminal.close()
    finally:
        server.close()


def of_proc(pid: int, name: str) -> str:
    """A file of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def parent_of(pid: int) -> int:
    """Whose child it is."""
    return int(of_proc(pid, "stat").rpartition(")")[2].split()[1])


def takes_output(pid: int) -> bool:
    """Whether the terminal of a process takes what is written to it; it doesn't when it is full."""
    terminal = os.open(f"/proc/{pid}/fd/1", os.O_WRONLY | os.O_NOCTTY)
    try:
        ready = select.poll()
        ready.register(terminal, select.POLLOUT)
        return bool(ready.poll(500))
    finally:
        os.close(terminal)


def rests(pid: int) -> bool:
    """Whether a process uses less than a quarter of a processor for a second."""
    before, began = _cpu_seconds(pid), time.monotonic()
    wait_until(lambda: time.monotonic() - began > 1, "a second's end")
    return _cpu_seconds(pid) - before < (time.monotonic() - began) / 4


def _cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    user, system = of_proc(pid, "stat").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
