"""`hookconsole listen`: a local receiver that verifies and prints what comes.

One thread prints, so requests never run into each other; all outside text is made safe first.
"""

import argparse
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hookconsole.cli.output import flush, json_line, say, warn
from hookconsole.cli.secret_option import ChosenSecret, add_secret_option, chosen_secret
from hookconsole.clock import rfc3339, rfc3339_seconds
from hookconsole.errors import BusyError, RefusedError
from hookconsole.paths import Home
from hookconsole.text import safe, safe_bytes

if TYPE_CHECKING:
    from hookconsole.cli.listener import Listener, Received, TurnedAway

DEFAULT_PORT = 8787
LINES_AT_MOST = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of `listen`."""
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, metavar="N", help="default: %(default)s")
    add_secret_option(parser, required=False)
    parser.add_argument(
        "--status",
        type=_status,
        default=200,
        metavar="CODE",
        help="what to answer where the signature is right (default: 200); a wrong one gets 400",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.epilog = (
        "The sender calls it once the config has https_only = false and\n"
        'allow_networks = ["127.0.0.0/8"] under [security]. Example:\n'
        "  hookconsole listen --port 8787 --secret-file secret.txt"
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Receive until Ctrl-C."""
    import threading

    chosen = chosen_secret(args, home)
    with _listener(args, chosen) as listener:
        threading.Thread(target=listener.serve_forever, args=(0.1,), daemon=True).start()
        try:
            unchecked = "" if chosen else "; without a secret no signature is checked"
            warn(f"listening on http://127.0.0.1:{listener.port}/, Ctrl-C ends{unchecked}")
            while True:
                _print(listener.received.get(), args, checked=chosen is not None)
        except KeyboardInterrupt:
            return 0
        finally:
            listener.shutdown()


def _print(received: "Received | TurnedAway", args: argparse.Namespace, checked: bool) -> None:
    from hookconsole.cli.listener import TurnedAway

    if isinstance(received, TurnedAway):
        lines, record = _turned_away_lines(received), _turned_away_record(received)
    else:
        lines, record = _lines(received, checked), _record(received, checked)
    if args.json:
        json_line(record)
    else:
        for line in lines:
            say(line)
    flush()


def _listener(args: argparse.Namespace, chosen: ChosenSecret | None) -> "Listener":
    import errno

    from hookconsole.cli.listener import Listener

    try:
        return Listener(args.port, chosen, args.status)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BusyError(f"port {args.port} of 127.0.0.1 is taken; --port N takes another") from None
        raise RefusedError(
            f"port {args.port} of 127.0.0.1: {error.strerror}; --port N takes another"
        ) from None


def _verdict(received: "Received", checked: bool) -> str:
    if not checked:
        return "not checked"
    return "right" if received.why_wrong is None else f"wrong: {safe(received.why_wrong, 1000)}"


def _lines(received: "Received", checked: bool) -> Iterator[str]:
    from itertools import islice

    yield "  ".join(
        (
            rfc3339_seconds(received.at),
            safe(received.type or "(no type)", 100),
            safe(received.id or "(no id)", 100),
            _verdict(received, checked),
            f"duplicate: {'yes' if received.duplicate else 'no'}",
            f"answered {received.status}",
        )
    )
    pretty = _pretty(received.body)
    for line in islice(pretty, LINES_AT_MOST):
        yield "    " + safe_bytes(line)
    left = len(pretty) - LINES_AT_MOST
    if left > 0:
        yield f"    … and {left} lines more"


def _pretty(body: bytes) -> list[bytes]:
    """The body's lines, indented where it is JSON: its numbers stay as they are."""
    import msgspec

    try:
        return msgspec.json.format(body, indent=2).split(b"\n")
    except (msgspec.DecodeError, RecursionError):
        return body.split(b"\n")


def _record(received: "Received", checked: bool) -> dict[str, object]:
    return {
        "at": rfc3339(received.at),
        "event": received.id,
        "type": received.type,
        "right": received.why_wrong is None if checked else None,
        "reason": received.why_wrong,
        "duplicate": received.duplicate,
        "status": received.status,
        "body": received.body.decode("utf-8", "backslashreplace"),
    }


def _turned_away_lines(request: "TurnedAway") -> Iterator[str]:
    what = safe(request.request or "(no request line)", 200)
    yield f"{rfc3339_seconds(request.at)}  {what}  {safe(request.why, 200)}  answered {request.status}"


def _turned_away_record(request: "TurnedAway") -> dict[str, object]:
    """With the keys of one that was judged."""
    return {
        "at": rfc3339(request.at),
        "event": None,
        "type": None,
        "right": None,
        "reason": f"{request.request}: {request.why}",
        "duplicate": False,
        "status": request.status,
        "body": "",
    }


def _port(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"'{safe(text, 20)}' is no port; give 1 to 65535")


def _status(text: str) -> int:
    if re.fullmatch(r"[2-5][0-9]{2}", text):
        return int(text)
    raise argparse.ArgumentTypeError(f"'{safe(text, 20)}' is no status; give 200 to 599")
