"""A bulk retry is the journal's: it is paused and resumed by keys, and goes on when its console has ended."""

from pathlib import Path
from threading import Event

from fifteen_tasks import UMBRELLA
from running import Receiver, wait_until
from stage import ENTER, Stage


def test_a_bulk_retry_outlives_the_console_that_began_it(tmp_path: Path, receiver: Receiver) -> None:
    stage = Stage(tmp_path, receiver, (120, 40), failed=60)
    try:
        stage.is_at("initech-bank")
        stage.free("j")
        stage.is_at("umbrella-pay")
        del receiver.answers[UMBRELLA]
        receiver.held[UMBRELLA] = Event()
        stage.free("R")
        stage.sees("60 deliveries to send again")
        stage.free(ENTER)
        stage.sees("↻ running", "ENDS IN", "1 under way")
        stage.free("p")
        stage.sees("‖ paused")
        stage.free("p")
        stage.sees("↻ running")
        stage.terminal.send("q")
        wait_until(lambda: b"finishing 1 attempt" in stage.terminal.written, "the console's end")
        receiver.held[UMBRELLA].set()
        assert stage.terminal.end() == 0
        begun = len(receiver.events(UMBRELLA, status=200))
        assert begun < len(stage.failed)
        stage.console.daemon()
        for event in stage.failed:
            stage.comes(UMBRELLA, event)
        assert len(receiver.events(UMBRELLA, status=200)) == len(stage.failed)
        (replay,) = stage.console.lines("replay", "list")
        assert (replay["state"], replay["delivered"]) == ("done", len(stage.failed))
    finally:
        stage.close()
