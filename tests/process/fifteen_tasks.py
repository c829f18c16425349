"""What an operator does with a console, each task with the keys that it may cost: fifteen in three acts."""

import re
from collections.abc import Callable
from pathlib import Path
from threading import Event

from running import SECRET, Receiver
from stage import CTRL_S, ENTER, ESCAPE, Stage

WHOLE_SECRET = r"whsec_[A-Za-z0-9+/]{43}="
UMBRELLA, INITECH = "/umbrella", "/initech"


def looking(stage: Stage) -> None:
    """How it goes, what is wrong, what happened: nothing is changed."""
    with stage.task(1, keys=0):  # deliveries flow, who fails, the backlog, the oldest overdue
        stage.is_at("initech-bank")
        stage.sees("● this console sends", "✗ 2 failing", "● ok", "waiting 1", "overdue 0s")
        stage.sees_like(r"Last hour .*✗ 61 failed attempts")
    with stage.task(15, keys=1):  # each endpoint's volume, success and latency over the week
        for name in ("acme-erp", "umbrella-pay", "initech-bank"):
            stage.sees_like(rf"(?m)^.{name} .* [▁▂▃▄▅▆▇█✗]{{7,}}")
        stage.press(ENTER)
        stage.sees("Last 7 days", "p95")
        stage.sees_like(r"attempts +[▁▂▃▄▅▆▇█]{7,}")
        stage.sees_like(r"success +[▁▂▃▄▅▆▇█✗ ]{7,}")
    stage.leave("Its deliveries")
    with stage.task(2, keys=2):  # why the worst endpoint fails
        stage.press(ENTER)
        stage.sees("initech-bank", "✗ status 500", '│ {"error":"the upstream is out of paper"}')
    stage.leave("Its deliveries")
    with stage.task(9, keys=1):  # find a delivery: / and a text
        stage.press("/")
        stage.sees("filter: words")
        stage.free(f"umbrella state:failed code:5xx vat.* event:{stage.failed[0]}", ENTER)
        stage.sees_like(r"Deliveries 1  ")
        stage.is_at_the_first_row()
        stage.sees("✗ failed", "503")
    stage.free(ESCAPE)
    stage.sees("Deliveries 62  following", "umbrella-pay")
    with stage.task(10, keys=1):  # follow; stop by moving; see what is new; back to the end
        stage.free("j")
        stage.lacks("following")
        for _ in range(3):
            stage.emit("invoice.paid")
        stage.sees("+3 new")
        stage.press("f")
        stage.sees("following", "acme-erp", "● delivered")
        stage.emit("invoice.sent")
        stage.sees_like(r"(?m)^>.*invoice\.sent +● delivered")  # while it waits it is among what waits
    stage.free("W")  # what waits
    stage.sees("state:waiting")
    stage.is_at_the_first_row()
    with stage.task(11, keys=1):  # one delivery whole
        stage.press(ENTER)
        stage.sees_like(r"↻ retrying  next attempt in 5\dm [0-5]\ds")
        stage.reads("1 attempt", "500", "first byte", "Request of attempt")
        stage.reads("POST http://127.0.0.1", "AccBooks-Signature: sha256=", "webhook-id", '"net": 2500.00')
        stage.reads("umbrella-pay", "not subscribed")
    with stage.task(12, keys=2):  # copy
        stage.press("y")
        stage.sees("Copy of", "e  event id", "u  URL", "b  body", "c  curl")
        stage.press("e")
        stage.lacks("Copy of")
        stage.copies(stage.waiting)
    for key, part in (("u", INITECH), ("b", '"net":2500.00'), ("c", "AccBooks-Signature: sha256=")):
        with stage.task(12, keys=2):
            stage.press("y")
            stage.sees("Copy of")
            stage.press(key)
            stage.lacks("Copy of")
            stage.copies(part)


def sending_again(stage: Stage) -> None:
    """One delivery, all that failed since the outage, what an endpoint missed while it was off."""
    stage.is_at("initech-bank")
    stage.free("j", ENTER)
    stage.sees("umbrella-pay  ✗ failing", "Its deliveries", "✗ failed")
    del stage.receiver.answers[UMBRELLA]
    with stage.task(3, keys=1):  # retry one, see its attempt arrive
        stage.press("r")
        stage.sees_like(r"● delivered +2 200")
    assert len(stage.receiver.events(UMBRELLA, status=200)) == 1
    stage.leave("Its deliveries")
    stage.is_at("umbrella-pay")
    stage.receiver.held[UMBRELLA] = Event()
    with stage.task(4, keys=4):  # retry what failed: count and causes first, then progress, and an early end
        stage.press("R")
        shown = stage.sees("Retry what failed at umbrella-pay", "59 deliveries to send again")
        assert re.search("59 umbrella-pay +status 503", shown), shown
        stage.press(ENTER)
        stage.sees("Bulk retries 1", "↻ running", "to start")
        stage.press("c")
        stage.sees("Cancel", "haven't begun")
        stage.press("y")
        stage.sees("- canceled")
    stage.receiver.held[UMBRELLA].set()
    stage.sees_like(r"59: \d+ delivered, 0 failed, 0 left alone, 0 under way, \d+ not begun")
    stage.free("1")
    stage.is_at("umbrella-pay")
    stage.free("g")
    stage.is_at("initech-bank")
    with stage.task(5, keys=1):  # off, which cancels what waits
        stage.press("x")
        stage.sees("Switch initech-bank off?", "1 delivery waits and will be canceled")
        stage.free("y")
        stage.sees("initech-bank is inactive; 1 delivery", "‖ inactive")
    missed = stage.emit("payroll.run_finalised")
    stage.stands(missed, "initech-bank", "skipped")
    del stage.receiver.answers[INITECH]
    with stage.task(5, keys=1):  # on, with the offer of what it missed
        stage.press("x")
        stage.sees("Replay the 2 deliveries that initech-bank missed while it was off?")
        stage.free("y")
        stage.sees("replaying 2 deliveries")
    stage.comes(INITECH, missed)
    stage.comes(INITECH, stage.waiting)


def registering(stage: Stage) -> None:
    """Endpoints: a new one, another address, a test, a new secret, the file by hand."""
    url = stage.receiver.url("/globex")
    stage.is_at("initech-bank")
    with stage.task(6, keys=1):  # add: a form; the test's result and the secret are shown there
        stage.press("a")
        stage.sees("New endpoint", "https://host/path")
        stage.fill("Name", "globex")
        stage.fill("URL", url)
        stage.free(ENTER)
        stage.sees("space takes", "bank_feed.*")
        stage.free("invoice")
        stage.sees_like(r">\[ \] invoice\.\* +all 4 of them")
        stage.free(" ")
        stage.sees(">[x] invoice.*", "4 of 11 types")
        stage.free(ENTER)
        stage.sees_like(r"Events +invoice\.\*")
        stage.free(CTRL_S)
        stage.sees("The secret of globex, shown once", "test: delivered, 200")
        stage.lacks("on its way")
    shown_once = re.search(WHOLE_SECRET, stage.sees_like(WHOLE_SECRET))
    assert shown_once
    assert shown_once[0] in stage.console.config.read_text()
    stage.free(ENTER)
    stage.lacks(shown_once[0])
    stage.leave("Edit globex")
    stage.is_at("initech-bank")
    with stage.task(8, keys=1):  # send a test event
        stage.press("t")
        stage.sees("Test of initech-bank", "the test failed:", "500", "out of paper")
    stage.leave("Test of")
    stage.is_at("initech-bank")
    with stage.task(7, keys=1):  # change a URL; save sends the test
        stage.press("e")
        stage.sees("Edit initech-bank")
        stage.fill("URL", "-anew", stage.receiver.url(f"{INITECH}-anew"))
        stage.free(CTRL_S)
        stage.sees("● saved; test: delivered, 200")
    assert f"{INITECH}-anew" in stage.console.config.read_text()
    stage.leave("Edit initech-bank")
    stage.is_at("initech-bank")
    with stage.task(13, keys=2):  # a new secret, shown once, and the overlap
        stage.press("K")
        stage.sees("Give initech-bank a new secret?", "for so many hours")
        stage.press(ENTER)
        stage.sees("The new secret of initech-bank, shown once", "For 24 h webhook-signature carries both")
    renewed = re.search(WHOLE_SECRET, stage.sees_like(WHOLE_SECRET))
    assert renewed
    assert renewed[0] in stage.console.config.read_text()
    assert f'previous_secret = "{SECRET}"' in stage.console.config.read_text()
    stage.leave(renewed[0])
    stage.addition.write_text("# by hand\n")
    with stage.task(14, keys=1):  # the file in $EDITOR: adopted
        stage.press("E")
        stage.sees("adopted: 4 endpoints")
    stage.addition.write_text("timeout = 3\n")
    with stage.task(14, keys=1):  # or refused, with the line
        stage.press("E")
        stage.sees("The config file is refused. Edit it again?")
    number = stage.console.config.read_text().count("\n")
    stage.sees(f"config.toml:{number}:", "did you mean timeout_seconds?")
    stage.leave("Edit it again?")
    stage.sees("the config on disk is refused")


Act = Callable[[Stage], None]

ACTS: dict[Act, tuple[int, ...]] = {
    looking: (1, 15, 2, 9, 10, 11, 12),
    sending_again: (3, 4, 5),
    registering: (6, 8, 7, 13, 14),
}
"""Each act, and the numbers of its tasks as they are played."""


def play(act: Act, folder: Path, receiver: Receiver, size: tuple[int, int]) -> None:
    """One act, from a console that opens to one that has ended."""
    stage = Stage(folder, receiver, size, failed=60)
    try:
        stage.sees("this console sends", "waiting 1 ")  # all that can end has ended
        act(stage)
        assert tuple(dict.fromkeys(stage.played)) == ACTS[act]
        assert stage.end() == 0
    finally:
        stage.close()
