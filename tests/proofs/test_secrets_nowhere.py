"""A whole session with secrets, header values and URL queries that are canaries; then everything that was
written anywhere is searched for them.

They may stand in the config and in the files that it names, and where a command prints a new secret once.
"""

import os
import re
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import canaries
import pytest
from canaries import IN_VARIABLE, INLINE, NEEDLES, QUERY, TYPED, USERINFO, Session, echoing
from running import stop, wait_until
from terminal import Terminal

INJECTED = """
import sys
{patch}
from hookconsole.cli.main import main
sys.exit(main(sys.argv[1:]))
"""

BREAKS = {
    "a command": "import hookconsole.operating.health as m\nm.alarms = lambda *_: [].index({secret})",
    "the sender": (
        "from hookconsole.delivery.sender import Sender\n"
        "def fail(self):\n    raise KeyError(next(iter(self._config.endpoints.values())).secret.value)\n"
        "Sender._poll = fail"
    ),
    "the console": (
        "from hookconsole.console.screens.overview import OverviewView\n"
        "from hookconsole.config.load import load\n"
        "def fail(self, snapshot):\n"
        "    config = load(self.hub.home.config)\n    secret = config.endpoints['echo'].secret.value\n"
        "    raise ValueError(secret, config)\n"
        "OverviewView.show = fail"
    ),
}

BROKEN = (
    ('secret = "{INLINE}"', 'secret = "{INLINE}'),
    ('secret = "{INLINE}"', 'secret = {INLINE}"'),
    ('secret = "{INLINE}"', 'secret = ["{INLINE}"]'),
    ('secret = "{INLINE}"', 'secrect = "{INLINE}"'),
    ('secret = "{INLINE}"', 'secret = "{INLINE}\\n"'),
    ('secret = "{INLINE}"', 'secret = "{INLINE}"\nsecret = "{INLINE}"'),
    ('secret = "{INLINE}"', 'secret = "{INLINE}\\q"'),
    ('"X-Own" = "{HEADER}"', '"X-Own" = "{HEADER}\\t"'),
    ('"X-Own" = "{HEADER}"', '"X-Own" = {HEADER}'),
    ("?token={QUERY}", "?token={QUERY}\\u00e9"),
    ("http://127.0.0.1", "http://me:{USERINFO}@127.0.0.1"),
    ("previous_secret_until = ", "previous_secret_until = 1 #"),
)


def filled(text: str) -> str:
    return re.sub(r"\{([A-Z]+)\}", lambda name: str(getattr(canaries, name[1])), text)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with echoing() as port:
        running = Session(tmp_path, port)
        yield running
        running.console.close()


def test_no_secret_is_written_anywhere(session: Session, tmp_path: Path) -> None:
    run, port = session.run, session.port
    good = session.console.config.read_text()

    # A daemon over receivers that echo, fail and garble.
    os.environ["HC_CANARY"] = IN_VARIABLE
    try:
        daemon = session.console.daemon()
    finally:
        del os.environ["HC_CANARY"]
    run("endpoints", "test", "--all")
    run("endpoints", "test", "--all", "--json")
    event = run("emit", "invoice.paid", "--data", '{"x":1}').strip()
    session.look_at_processes()
    wait_until(session.console.drained, "the ends of all deliveries")

    # What commands show.
    for line in (
        "status", "status --json", "logs", "logs --json", "endpoints list", "endpoints list --json", "check",
        "check --json", f"trace {event}", f"trace {event} --json", "replay --since 1h --dry-run",
        "replay --since 1h --yes", "replay list --json", f"retry {event} --wait", f"logs --event {event}",
    ):  # fmt: skip
        run(*line.split())
    for name in ("echo", "rotating", "filed", "enved", "tls"):
        run("endpoints", "show", name)
        run("endpoints", "show", name, "--json")
        run("verify", "--endpoint", name, "--signature", "sha256=00", stdin="{}")

    # What operators do.
    url = f"http://127.0.0.1:{port}/new?token={QUERY}"
    run("endpoints", "add", "new", "--url", url, "--events", "*", prints=True)
    run("endpoints", "add", "json", "--url", url, "--events", "*", "--json", prints=True)
    run("endpoints", "add", "typed", "--url", url, "--events", "*", "--secret-file", "-", stdin=TYPED)
    run("endpoints", "edit", "new", "--url", f"{url}2")
    run("endpoints", "rotate-secret", "echo", prints=True)
    run("endpoints", "rotate-secret", "new", "--json", prints=True)
    run("endpoints", "rotate-secret", "filed")
    run("endpoints", "disable", "typed", "--yes")
    run("endpoints", "enable", "typed")
    run("endpoints", "remove", "json", "--yes")

    # What operators do wrong.
    userinfo = f"http://me:{USERINFO}@127.0.0.1/"
    run("endpoints", "edit", "new", "--url", userinfo)
    run("endpoints", "add", "bad", "--url", userinfo, "--events", "*")
    run(
        "endpoints",
        "add",
        "bad",
        "--url",
        url,
        "--events",
        "*",
        "--secret-file",
        "-",
        stdin=f"{TYPED}\n{TYPED}",
    )
    run("verify", "--secret-file", str(tmp_path / "config.toml"), stdin="{}")
    changed = session.console.config.read_text()
    for old, new in BROKEN:
        assert filled(old) in good
        session.console.config.write_text(good.replace(filled(old), filled(new)))
        run("check")
        run("endpoints", "test", "echo")
        daemon.send_signal(signal.SIGHUP)
    wait_until(lambda: "config refused" in session.console.daemon_log(), "the refusal")

    # The console, over a file that is refused and over a good one.
    terminal = Terminal(session.console.command(), session.environment, (128, 60))
    try:
        terminal.until("is refused")
        session.console.config.write_text(changed)
        terminal.until_gone("is refused")
        terminal.send("2")
        terminal.until("[2 Endpoints]")
        terminal.send("\r")
        terminal.until("Its deliveries")
        terminal.send("e")
        terminal.until("ctrl+s save")
        terminal.escape_from("ctrl+s save")
        terminal.send("3")
        terminal.until("[3 Deliveries]")
        terminal.send("\r")
        terminal.until("Request")
        terminal.send("y")
        terminal.until("Copy of")
        terminal.send("c")
        terminal.until_gone("Copy of")
        terminal.send("L")
        terminal.until("Log lines of")
        terminal.escape_from("Log lines of")
        terminal.send("q")
        assert terminal.end() == 0
        session.written.append(("the console's terminal", terminal.written))
    finally:
        terminal.close()

    # What nobody expected.
    assert stop(daemon) == 0
    for what, patch in BREAKS.items():
        # Python shows this source in a traceback, so it is no place for the secret.
        hidden = f"bytes.fromhex('{INLINE.encode().hex()}').decode()"
        command = [sys.executable, "-c", INJECTED.format(patch=patch.replace("{secret}", hidden))]
        rest = session.console.command()[3:]
        if what == "the console":
            terminal = Terminal([*command, *rest], session.environment)
            assert terminal.end() == 1
            time_out = b"the console crashed"
            wait_until(lambda: time_out in terminal.written, "the crash")  # noqa: B023
            session.written.append(("a crash", terminal.written.replace(patch.encode(), b"")))
            terminal.close()
        else:
            session.process(what, [*command, *rest, "status" if what == "a command" else "--daemon"])
    assert b"KeyError" in dict(session.written)["the sender"]

    assert session.leaks() == []
    assert len(session.printed) == 4
    journal = b"".join(path.read_bytes() for path in (tmp_path / "state" / "journal").iterdir())
    assert journal.count(b"***") > 100  # what was echoed was kept, without what is secret
    assert b'"x-***":"1"' in journal
    for path in [tmp_path / "state", *(tmp_path / "state").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert os.listdir(tmp_path / "tmp") == []
    searched = sum(len(content) for _, content in session.written)
    print(f"{len(session.written)} outputs and files, {searched:,} bytes, {len(NEEDLES)} needles: 0 found")


CHILD = """#!{python}
import os, pathlib, sys, time
told = pathlib.Path(__file__ + ".told")
given = repr((sys.argv, dict(os.environ))) + (sys.stdin.read() if {reads} else "")
told.with_suffix(".new").write_text(given)
told.with_suffix(".new").rename(told)
parent = os.getppid()
while {stays} and os.getppid() == parent:
    time.sleep(0.05)
"""
"""A program that a console starts: it tells all that it was given, and may stay until the console is gone."""


def child(folder: Path, name: str, *, reads: bool, stays: bool) -> Path:
    path = folder / name
    path.write_text(CHILD.format(python=sys.executable, reads=reads, stays=stays))
    path.chmod(0o700)
    return path


def test_a_console_that_rotates_and_is_killed_leaves_no_secret(session: Session, tmp_path: Path) -> None:
    editor = child(tmp_path, "editor", reads=False, stays=False)
    pager = child(tmp_path, "pager", reads=True, stays=True)
    environment = {**session.environment, "EDITOR": str(editor), "VISUAL": "", "PAGER": str(pager)}
    event = session.run("emit", "invoice.paid", "--data", '{"x":1}').strip()
    terminal = Terminal(session.console.command(), environment, (128, 60))
    try:
        terminal.until("[1 Overview]")
        wait_until(session.console.drained, "the ends of all deliveries")
        terminal.send("2")
        terminal.until("[2 Endpoints]")
        terminal.send("/")
        terminal.until("failing 503 timeout")
        terminal.send("echo\r")
        terminal.until("filter echo")
        terminal.send("K")
        terminal.until("Give echo a new secret?")
        before = len(terminal.written)
        terminal.send("\r")
        terminal.until("shown once")
        (secret,) = re.findall("whsec_[A-Za-z0-9+/=]+", terminal.until("whsec_"))
        session.printed.append(secret)
        terminal.escape_from("shown once")
        terminal.until_gone(secret)
        after = len(terminal.written)
        terminal.send("E")
        terminal.until("the config file is unchanged")
        terminal.send("3")
        terminal.until("[3 Deliveries]")
        terminal.send("/")
        terminal.until("code:5xx,timeout")
        terminal.send(f"event:{event} endpoint:echo\r")
        terminal.until("Deliveries 1 ")
        terminal.send("\r")
        terminal.until(" from cli")
        terminal.send("v")
        wait_until((tmp_path / "pager.told").exists, "the pager")
        session.look_at_processes()
        terminal.process.kill()
        terminal.process.wait()
        written = terminal.written
        session.written += [("before the secret", written[:before]), ("behind it", written[after:])]
    finally:
        terminal.close()
    daemon = session.console.daemon()
    for line in ("status", "logs", f"trace {event}", "endpoints show echo", "check"):
        session.run(*line.split())
    assert stop(daemon) == 0

    assert secret in session.console.config.read_text()
    assert "Request of attempt" in (tmp_path / "pager.told").read_text()
    assert "config.toml" in (tmp_path / "editor.told").read_text()
    assert session.leaks() == []
    assert os.listdir(tmp_path / "tmp") == []


def test_the_search_finds_what_is_there(session: Session) -> None:
    for number, needle in enumerate(NEEDLES):
        session.written.append((f"output {number}", b"x" + needle + b"y"))
    assert len({leak.split(":")[0] for leak in session.leaks()}) == len(NEEDLES)
