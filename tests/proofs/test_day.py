"""A day's work: four emitters, a daemon killed again and again, a receiver that is down for a while."""

import signal
import subprocess

from running import SECRET, Hookconsole, Receiver, stop, wait_until

EVENTS = 1000
SHELLS = 4
KILLS = 5


def _emit_slowly(console: Hookconsole, shell: int) -> "subprocess.Popen[str]":
    per_shell = EVENTS // SHELLS
    data = f'{{"shell":{shell},"n":%d,"amount":2500.00}}'
    line = f'echo \'{{"type":"invoice.paid","data":{data}}}\'; sleep 0.005\n'
    script = "".join(line % n for n in range(per_shell))
    emit = " ".join(f"'{part}'" for part in console.command("emit", "--batch", "-"))
    pipe = subprocess.PIPE
    return subprocess.Popen(["/bin/sh", "-c", f"({script}) | {emit}"], stdout=pipe, stderr=pipe, text=True)


def test_nothing_is_lost_over_a_day_of_kills_and_an_outage(console: Hookconsole, receiver: Receiver) -> None:
    for name in ("alpha", "beta", "gamma"):
        secret = console.state.parent / "secret"
        secret.write_text(SECRET)
        url = receiver.url(f"/{name}")
        console.run(
            "endpoints", "add", name, "--url", url, "--events", "invoice.*", "--secret-file", str(secret)
        )
    receiver.answers["/gamma"] = 503

    daemon = console.daemon()
    shells = [_emit_slowly(console, number) for number in range(SHELLS)]
    for kill in range(1, KILLS + 1):
        wait_until(
            lambda kill=kill: (  # type: ignore[misc]
                sum(one.path == "/alpha" for one in receiver.requests) > kill * EVENTS // (KILLS + 3)
            ),
            f"enough deliveries for kill {kill}",
        )
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        daemon = console.daemon()
    accepted: list[str] = []
    for shell in shells:
        out, err = shell.communicate(timeout=180)
        assert shell.returncode == 0, err
        accepted += out.split()
    assert len(set(accepted)) == EVENTS

    # What was sent first fails for good, the rest is still being retried.
    first = receiver.events("/gamma")[0].encode()
    wait_until(
        lambda: sum(first in one.body for one in receiver.requests if one.path == "/gamma") >= 6,
        "all attempts of the first",
    )
    wait_until(lambda: "failed" in console.states("gamma").values(), "the end of a schedule")
    receiver.answers["/gamma"] = 200
    wait_until(console.drained, "an empty backlog", 90)

    for name in ("alpha", "beta"):
        assert set(receiver.events(f"/{name}", status=200)) == set(accepted)
    states = console.states()
    assert len(states) == 3 * EVENTS
    delivered = {event for (event, name), state in states.items() if name == "gamma" and state == "delivered"}
    failed = {event for (event, name), state in states.items() if name == "gamma" and state == "failed"}
    assert delivered == set(receiver.events("/gamma", status=200))
    assert delivered | failed == set(accepted)
    assert failed

    console.run("replay", "--endpoint", "gamma", "--since", "1h", "--rate", "500", "--yes")
    wait_until(lambda: set(receiver.events("/gamma", status=200)) == set(accepted), "the replay's end", 60)
    wait_until(console.drained, "an empty backlog after the replay")
    assert set(console.states().values()) == {"delivered"}

    assert all(request.signature_holds for request in receiver.requests)
    _assert_every_request_is_in_the_journal(console, receiver)
    assert stop(daemon) == 0


def _assert_every_request_is_in_the_journal(console: Hookconsole, receiver: Receiver) -> None:
    """Also those that a killed daemon had in flight: they are there as `interrupted`."""
    attempts: dict[tuple[str, str], int] = {}
    interrupted = 0
    for delivery in console.lines("logs"):
        key = (delivery["event"], delivery["endpoint"])
        attempts[key] = len(delivery["attempts"])
        interrupted += sum(attempt["outcome"] == "interrupted" for attempt in delivery["attempts"])
        numbers = [attempt["attempt"] for attempt in delivery["attempts"]]
        assert numbers == list(range(1, len(numbers) + 1))
    seen: dict[tuple[str, str], int] = {}
    for request in receiver.requests:
        key = (request.event, request.path.strip("/"))
        seen[key] = seen.get(key, 0) + 1
    for key, count in seen.items():
        assert count <= attempts[key], key
    assert sum(attempts.values()) - sum(seen.values()) <= interrupted
