"""`--daemon`: the sender without a screen. Signals and systemd on the main thread, delivering on its own.

SIGTERM and SIGINT: attempts in flight finish, nothing new starts, exit 0; a second one ends it at once.
SIGHUP: the config file is read again.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

from hookconsole.config.file import loose_mode
from hookconsole.delivery.runtime import Runtime
from hookconsole.errors import HookconsoleError
from hookconsole.mishaps import take_over, told
from hookconsole.paths import Home
from hookconsole.text import safe

log = logging.getLogger("hookconsole")


def notify(message: str) -> None:
    """Tell systemd, if it started us (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(message.encode(), address)
    except OSError as error:
        log.warning("systemd could not be told %s: %s", message, error.strerror or error)


def watchdog_seconds() -> float | None:
    """How often systemd wants a sign of life, None for not at all (sd_watchdog_enabled(3))."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    text = os.environ.get("WATCHDOG_USEC", "")
    return int(text) / 2_000_000 if text.isdecimal() and int(text) > 0 else None


def log_to_stderr() -> None:
    """One safe line for each log record of this process, whoever logs it, with the time in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_SafeFormatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().handlers[:] = [handler]
    logging.raiseExceptions = False  # a stderr that is full or gone is no reason to write there what failed
    log.setLevel(logging.INFO)
    take_over()


class _SafeFormatter(logging.Formatter):
    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        return safe(super().formatMessage(record), 2000)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return told(ei[1]).rstrip()


def run(home: Home) -> int:
    """Deliver until a signal ends it; the exit code."""
    log_to_stderr()
    stopping = threading.Event()
    runtime = Runtime(home, "daemon", on_ready=lambda: _ready(home))

    def on_stop(signum: int, _frame: object) -> None:
        if stopping.is_set():
            log.warning("ended at once; attempts in flight will be made again")
            os._exit(1)
        log.info("%s: attempts in flight finish, nothing new starts", signal.Signals(signum).name)
        stopping.set()
        notify("STOPPING=1")
        runtime.stop()

    def on_reload(_signum: int, _frame: object) -> None:
        log.info("SIGHUP: reading the config file")
        runtime.reload()

    signal.signal(signal.SIGTERM, on_stop)
    signal.signal(signal.SIGINT, on_stop)
    signal.signal(signal.SIGHUP, on_reload)
    runtime.start()
    _say_if_loose(home)
    interval = min(watchdog_seconds() or 3600.0, 3600.0)
    while not runtime.join(interval):
        if runtime.progressing:
            notify("WATCHDOG=1")
    if runtime.error is not None:
        if isinstance(runtime.error, HookconsoleError):
            raise runtime.error
        log.error("the sender ended: %s", type(runtime.error).__name__, exc_info=runtime.error)
        return 1
    log.info("stopped")
    return 0


def _say_if_loose(home: Home) -> None:
    """Others may read secrets or payloads: that is worth a line at every start."""
    mode = loose_mode(home.config)
    if mode is not None:
        log.warning("%s has mode %04o; make it private: chmod 600", home.config, mode)
    mode = home.state.stat().st_mode & 0o777
    if mode & 0o077:
        log.warning("%s has mode %04o; make it private: chmod 700", home.state, mode)


def _ready(home: Home) -> None:
    log.info("ready: delivering for %s with %s, pid %d", home.state, home.config, os.getpid())
    notify("READY=1")
