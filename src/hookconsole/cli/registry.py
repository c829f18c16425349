"""What the `endpoints` subcommands do."""

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from hookconsole.checking.of_files import check_config_mode
from hookconsole.cli.output import UnprintedError, confirmed, deliveries, flush, json_line, say, table, warn
from hookconsole.cli.present import answer_text, attempt_text, endpoint_lines
from hookconsole.cli.secret_option import read_secret
from hookconsole.clock import rfc3339_seconds
from hookconsole.config.file import shown
from hookconsole.config.secrets import generate
from hookconsole.config.views import endpoint_view
from hookconsole.delivery.lock import sender_note
from hookconsole.errors import InputError, RefusedError
from hookconsole.journal.records import Attempt
from hookconsole.operating import registry, replaying
from hookconsole.operating.desk import Desk
from hookconsole.operating.registry import Saved
from hookconsole.paths import Home
from hookconsole.text import safe


def _list(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    views = [endpoint_view(endpoint) for endpoint in desk.config.endpoints.values()]
    if args.json:
        for view in views:
            json_line(view)
    elif views:
        rows = [("NAME", "ACTIVE", "EVENTS", "URL")]
        rows += [
            (v["name"], "yes" if v["active"] else "no", ",".join(v["events"]), safe(v["url"])) for v in views
        ]
        table(rows)
    elif not desk.refusal:
        warn(f"no endpoints in {shown(home.config)}; hookconsole endpoints add NAME --url U --events a,b")
    _warn_if_lost(desk)
    return 0


def _warn_if_lost(desk: Desk) -> None:
    """Without an operator's consent a file that loses many endpoints isn't what is delivered by."""
    if desk.refusal:
        warn(f"{shown(desk.home.config)} isn't adopted: {desk.refusal}")


def _warn_if_loose(home: Home) -> None:
    """A secret was written into a file that others may read."""
    for found in check_config_mode(home.config):
        warn(f"{found.where}: {found.what}: {found.mend}")


def _show(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    endpoint = desk.endpoint(args.name)
    if args.json:
        json_line(endpoint_view(endpoint))
    else:
        for line in endpoint_lines(desk, endpoint):
            say(line)
    return 0


def _values(args: argparse.Namespace) -> dict[str, object]:
    values: dict[str, object] = {}
    if args.url is not None:
        values["url"] = args.url
    if args.events is not None:
        values["events"] = [event.strip() for event in args.events.split(",") if event.strip()]
    if args.description is not None:
        values["description"] = args.description
    return values


def _add(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    secret = generate() if args.secret_file is None else read_secret(args.secret_file)
    values = {**_values(args), "secret": secret}
    if args.inactive:
        values["active"] = False
    saved = registry.add(desk, args.name, values, test=not args.no_test)
    _warn_if_loose(home)
    if args.json:
        attempt = registry.result(desk, saved)
        shown = None if saved.test is None else _test_view(args.name, attempt)
        with _once(f"{args.name} is added", home):
            json_line(
                {"endpoint": args.name, "secret": secret if args.secret_file is None else None, "test": shown}
            )
        return 0
    with _once(f"{args.name} is added", home):
        say(f"added {args.name} to {home.config}")
        if args.secret_file is None:
            say(f"its secret, shown once: {secret}")
    _report_test(desk, args.name, saved)
    return 0


@contextlib.contextmanager
def _once(done: str, home: Home) -> Iterator[None]:
    """A secret that is shown once isn't lost unseen."""
    try:
        yield
        flush()
    except (BrokenPipeError, UnprintedError) as error:
        raise RefusedError(
            f"{done}, but the secret can't be printed: {error.strerror}; it stands in {home.config}"
        ) from None


def _report_test(desk: Desk, name: str, saved: Saved) -> None:
    if saved.test is None:
        return
    attempt = registry.result(desk, saved)
    if attempt is not None and attempt.outcome == "delivered":
        say(f"test: {attempt_text(attempt)}")
    else:
        why = answer_text(attempt) if attempt is not None else "no result came in time"
        warn(f"saved, but the test failed: {why}; again with: hookconsole endpoints test {name}")


def _edit(args: argparse.Namespace, home: Home) -> int:
    values = _values(args)
    if not values:
        raise InputError("nothing to change: give --url, --events or --description (or edit the file)")
    desk = Desk(home)
    before = desk.endpoint(args.name).url
    saved = registry.change(desk, args.name, values, test=not args.no_test)
    say(f"changed {args.name}")
    if desk.config.endpoints[args.name].url != before:
        _report_test(desk, args.name, saved)
    return 0


def _remove(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    desk.endpoint(args.name)
    ends = []
    if held := registry.unfinished(desk, args.name):
        ends.append(f"{deliveries(held)} to {args.name} unfinished, to be held")
    if untaken := desk.untaken()[args.name]:
        ends.append(f"{untaken} accepted that no sender has taken in yet, not to be made")
    question = f"{'; '.join(ends)}. Remove {args.name}?"
    if ends and not confirmed(question, yes=_unasked(args), count=held + untaken):
        return 1
    held = registry.remove(desk, args.name)
    say(f"removed {args.name}" + (f"; {deliveries(held)} held until it returns, or cancel" if held else ""))
    return 0


def _unasked(args: argparse.Namespace) -> bool:
    """A script that says what it wants isn't asked whether it means it."""
    return args.yes or not sys.stdin.isatty()


def _enable(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    desk.endpoint(args.name)
    since = registry.off_since(desk, args.name)
    saved = registry.switch(desk, args.name, active=True)
    if saved is None:
        say(f"{args.name} is active already")
    else:
        say(f"{args.name} is active")
        registry.await_adoption(desk, args.name)
        _report_test(desk, args.name, saved)
    asked = args.replay or saved is not None
    found = registry.missed(desk, args.name, since) if asked and since is not None else None
    if found is None or not found[1].items:
        if args.replay:
            warn("nothing that it missed while it was off is left to replay")
        return 0
    choice, missed = found
    count = len(missed.items)
    if args.replay or (
        sys.stdin.isatty()
        and confirmed(
            f"{deliveries(count)} canceled or skipped while it was off. Replay them?", yes=False, count=count
        )
    ):
        begun = replaying.begin(desk, choice, missed, replaying.DEFAULT_RATE)
        say(f"replaying {deliveries(begun.total)} that it missed: {begun.replay}")
    else:
        say(
            f"{deliveries(count)} canceled or skipped while it was off; to send them:"
            f" hookconsole endpoints enable {args.name} --replay"
        )
    return 0


def _disable(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    desk.endpoint(args.name)
    waiting = registry.waiting(desk, args.name)
    if waiting and not confirmed(
        f"{deliveries(waiting)} to {args.name} waiting, to be canceled. Switch it off?",
        yes=_unasked(args),
        count=waiting,
    ):
        return 1
    if registry.switch(desk, args.name, active=False) is None:
        say(f"{args.name} is inactive already")
        return 0
    registry.await_adoption(desk, args.name)
    say(f"{args.name} is inactive" + (f"; {deliveries(waiting)} canceled" if waiting else ""))
    return 0


def _test(args: argparse.Namespace, home: Home) -> int:
    if (args.name is None) != args.all:
        raise InputError("give the NAME of an endpoint, or --all")
    desk = Desk(home)
    if args.all:
        names = [e.name for e in desk.config.endpoints.values() if e.active]
    elif desk.endpoint(args.name).active:
        names = [args.name]
    else:
        raise RefusedError(f"{args.name} is inactive; first: hookconsole endpoints enable {args.name}")
    failed = 0
    for name, attempt in registry.test(desk, names).items():
        ok = attempt is not None and attempt.outcome == "delivered"
        failed += not ok
        if args.json:
            json_line(_test_view(name, attempt))
        else:
            say(f"{name}: {attempt_text(attempt) if attempt else 'no result came in time'}")
    if args.all and not names:
        warn("no active endpoints")
        _warn_if_lost(desk)
    return 1 if failed else 0


def _test_view(name: str, attempt: Attempt | None) -> dict[str, object]:
    if attempt is None:
        return {"endpoint": name, "event": None, "outcome": None, "status": None, "error": "timeout"}
    return {
        "endpoint": name,
        "event": attempt.event,
        "outcome": attempt.outcome,
        "status": attempt.status,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
    }


def _rotate(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    earlier = desk.endpoint(args.name).previous_secret_until
    secret = registry.rotate(desk, args.name, args.overlap)
    _warn_if_loose(home)
    if earlier is not None and earlier > time.time():
        until = rfc3339_seconds(earlier)
        warn(
            f"the overlap before is cut short: the older secret was to sign until {until} and signs no more;"
            " the config has room for one"
        )
    with _once(f"the secret of {args.name} is changed", home):
        if args.json:
            json_line({"endpoint": args.name, "secret": secret, "overlap_hours": args.overlap})
            return 0
        say(f"the new secret of {args.name}, shown once: {secret}")
    if args.overlap:
        say(
            f"for {args.overlap:g} h webhook-signature carries both; {desk.config.signing_header} the new one"
        )
    if sender_note(home.state) is None:
        warn("no sender runs; the next one signs with it")
    return 0


def _accept_removals(args: argparse.Namespace, home: Home) -> int:
    desk = Desk(home)
    lost = registry.accept_removals(desk)
    if args.json:
        json_line({"removed": lost})
    else:
        say(f"accepted the removal of {len(lost)} endpoints: {', '.join(lost)}")
    return 0


ACTIONS: dict[str, Callable[[argparse.Namespace, Home], int]] = {
    "list": _list,
    "show": _show,
    "add": _add,
    "edit": _edit,
    "remove": _remove,
    "enable": _enable,
    "disable": _disable,
    "test": _test,
    "rotate-secret": _rotate,
    "accept-removals": _accept_removals,
}
