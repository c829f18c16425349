"""What nobody expected is told by its type and its place, never by what it says: a secret may be in there."""

import asyncio
import logging
import resource
import threading
from collections.abc import Callable

import pytest

from hookconsole import daemon, mishaps
from hookconsole.cli.main import main

SECRET = "whsec_" + "canary\x1b[31m"


def failing() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        raise ValueError(SECRET) from None


def caught() -> ValueError:
    with pytest.raises(ValueError) as raised:
        failing()
    return raised.value


def is_told(text: str) -> bool:
    assert "canary" not in text.replace('"canary', "")
    assert text.replace("\n", "").isprintable()
    return "ValueError" in text and "in failing" in text


def test_an_error_is_its_type_and_place_and_those_of_what_it_came_from() -> None:
    text = mishaps.told(caught())
    assert is_told(text)
    assert "KeyError" in text


def test_a_command_that_meets_one_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hookconsole.cli.main._check_folder", lambda _: failing())
    assert main(["status"]) == 1
    assert is_told(capsys.readouterr().err)


def test_a_thread_that_it_ends_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threading, "excepthook", None)
    mishaps.take_over()
    thread = threading.Thread(target=failing)
    thread.start()
    thread.join()
    assert is_told(capsys.readouterr().err)


# In the daemon's log


def logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Callable[[], None]
) -> str:
    """What the daemon's log says when `log` logs."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging, "raiseExceptions", True)
    monkeypatch.setattr(threading, "excepthook", None)
    daemon.log_to_stderr()
    log()
    return capsys.readouterr().err


def test_what_ended_the_sender_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = caught()
    log = logging.getLogger("hookconsole")
    assert is_told(logged(monkeypatch, capsys, lambda: log.error("the sender ended", exc_info=error)))


def test_what_a_loop_meets_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(mishaps.on_loop_error)
        loop.call_soon(lambda _: failing(), SECRET)
        await asyncio.sleep(0)

    assert is_told(logged(monkeypatch, capsys, lambda: asyncio.run(scenario())))


def test_what_a_library_logs_is_safe_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logging.getLogger("asyncio")
    text = logged(monkeypatch, capsys, lambda: log.warning("a receiver said %s", "\x1b[2J\n\u202e"))
    assert text.endswith("WARNING a receiver said \\x1b[2J\\n\\u202e\n")


def test_no_image_of_the_memory_is_left_by_a_crash() -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    mishaps.take_over()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, before[1])
