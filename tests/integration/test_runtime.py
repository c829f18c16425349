"""The sender's thread: what it must not take from the main thread."""

import signal
import threading
from pathlib import Path

from hookconsole.delivery.runtime import Runtime
from hookconsole.paths import Home


def test_signals_come_to_the_main_thread_alone(tmp_path: Path) -> None:
    """One that another thread took would wait until the main thread wakes up, in an hour."""
    blocked: list[set[signal.Signals | int]] = []
    ready = threading.Event()

    def on_ready() -> None:
        blocked.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        ready.set()

    runtime = Runtime(Home(tmp_path / "config.toml", tmp_path / "state"), "daemon", on_ready)
    runtime.start()
    assert ready.wait(20)
    runtime.stop()
    assert runtime.join(20)
    assert blocked[0] >= {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
