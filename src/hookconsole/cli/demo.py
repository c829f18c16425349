"""`demo`: a throwaway store, a receiver of four moods, live traffic, and at the end what it proved."""

import argparse
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hookconsole.cli.output import deliveries, flush, say, table, warn
from hookconsole.errors import InputError
from hookconsole.paths import Home

if TYPE_CHECKING:
    from hookconsole.demo.report import Line, Report
    from hookconsole.demo.run import Demo, Ended

_SEED = 20260415
_HEADLESS_SECONDS = 30.0
_COLUMNS = "{:<12}  {:<14}  {:<23}  {:>3}  {:<9}  {:<7}  {:>9}  {}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--headless", action="store_true", help="plain lines, as when piped")
    parser.add_argument(
        "--seconds",
        type=_seconds,
        metavar="N",
        help="how long events are emitted (30; in the console until q)",
    )
    parser.epilog = (
        "Nothing of it stays, and your config and state are not touched. It ends when\n"
        "every delivery has ended, at most 60 s after the last event; Ctrl-C ends it\n"
        "sooner. Exit 0 when every event came to its end and every signature was right.\n\n"
        "example:\n  hookconsole demo --seconds 10"
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Show it; 1 when an event is lost or a signature wrong."""
    if args.config_file is not None or args.state_folder is not None:
        raise InputError("demo makes a throwaway store of its own: leave out --config and --state")
    import os

    from hookconsole.console.terminal import unfit

    if args.headless or unfit(os.environ):
        return _headless(_HEADLESS_SECONDS if args.seconds is None else args.seconds)
    return _in_the_console(args.seconds)


def _in_the_console(seconds: float | None) -> int:
    from hookconsole.console.demo import PACE, show
    from hookconsole.demo.run import Demo

    with Demo(_SEED, pace=PACE, week=True) as demo:
        code = show(demo, seconds)
        report = demo.report()
        return max(code, _summary(demo, report))


def _headless(seconds: float) -> int:
    import logging
    import signal

    from hookconsole.daemon import log_to_stderr
    from hookconsole.demo.run import DRAIN_SECONDS, Demo

    log_to_stderr()
    logging.getLogger("hookconsole").setLevel(logging.ERROR)
    demo = Demo(_SEED)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup's
            signal.signal(number, lambda *_: demo.interrupt())
    with demo:
        _print(_header(demo, seconds))
        _print(map(_line, demo.live(seconds)))
        waits = f"waiting for {demo.unfinished()} deliveries to end, {DRAIN_SECONDS:.0f} s at most"
        _print(["", f"{demo.accepted} events accepted, no more come; {waits}", ""])
        _print(map(_line, demo.drain()))
        report = demo.report()
    say("")
    return _summary(demo, report)


def _summary(demo: "Demo", report: "Report") -> int:
    table(_rows(report))
    _print(_verdict(report))
    if demo.interrupted:
        warn("ended early")
    return 0 if report.succeeded else 1


def _print(lines: Iterator[str] | list[str]) -> None:
    for line in lines:
        say(line)
        flush()


def _header(demo: "Demo", seconds: float) -> Iterator[str]:
    import shlex

    from hookconsole.demo.store import ROLES

    config, state = (shlex.quote(str(path)) for path in (demo.home.config, demo.home.state))
    yield f"hookconsole demo: {seconds:g} s of events, receivers of four moods; all of it goes at the end"
    yield ""
    yield f"  journal   {demo.home.journal}"
    yield f"  receiver  http://127.0.0.1:{demo.port}/"
    width = max(len(", ".join(role.events)) for role in ROLES.values())
    for name, role in ROLES.items():
        yield f"            /{name:<14} {', '.join(role.events):<{width}}  {role.description}"
    yield ""
    yield "Look at it from another shell while it runs:"
    yield f"  hookconsole --state {state} --config {config} logs"
    yield ""
    yield _COLUMNS.format("TIME (UTC)", "ENDPOINT", "TYPE", "TRY", "OUTCOME", "ANSWER", "TOOK", "").rstrip()


def _line(ended: "Ended") -> str:
    from hookconsole.cli.present import milliseconds
    from hookconsole.clock import parse_rfc3339, rfc3339
    from hookconsole.text import safe

    attempt, event_type = ended
    at = parse_rfc3339(attempt.at)
    end = at + attempt.duration_ms / 1000
    again = ""
    if attempt.next_attempt_at is not None:
        again = f"again in {max(parse_rfc3339(attempt.next_attempt_at) - end, 0):.0f} s"
    return _COLUMNS.format(
        rfc3339(end)[11:23],
        attempt.endpoint,
        safe(event_type, 40),
        attempt.attempt,
        attempt.outcome,
        attempt.error or str(attempt.status),
        milliseconds(attempt.duration_ms),
        again,
    ).rstrip()


def _rows(report: "Report") -> Iterator[tuple[str, ...]]:
    yield "ENDPOINT", "EVENTS", "ATTEMPTS", "DELIVERED", "FAILED", "VERIFIED", "WRONG", "P95"
    for line in report.lines:
        yield _cells(line)
    yield _cells(report.total)


def _cells(line: "Line") -> tuple[str, ...]:
    from hookconsole.cli.present import milliseconds

    name, *counts, p95_ms = line
    return (name, *map(str, counts), milliseconds(p95_ms))


def _verdict(report: "Report") -> Iterator[str]:
    yield ""
    if report.incomplete:
        yield f"{report.accepted} events accepted; {deliveries(report.incomplete)} did not come to an end"
    else:
        yield f"{report.accepted} events accepted, every one came to its end at each of its endpoints"
    if report.total.wrong:
        yield f"{report.total.wrong} requests were not signed right, {report.total.verified} were"
    else:
        yield f"{report.total.verified} requests signed right, each as AccBooks and as Standard Webhooks"
    if report.differences:
        yield f"journal and receiver differ: {'; '.join(report.differences)}"
    else:
        again = report.requests - report.total.attempts
        if again > 0:
            yield f"{again} requests were made again at once: a kept connection had hung up"
        yield f"journal and receiver agree: {report.requests} requests, {report.answered} deliveries"


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no number of seconds; give 1 to 86400")
    return seconds
