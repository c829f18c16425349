"""`hookconsole verify`: is this signature right, and if not, why. Sends and writes nothing."""

import argparse
import sys
import time

from hookconsole.cli.output import say, warn
from hookconsole.cli.secret_option import add_secret_option, chosen_secret
from hookconsole.errors import InputError
from hookconsole.paths import Home

BODY_BYTES_AT_MOST = 1 << 20
"""Four times what hookconsole sends."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of `verify`."""
    add_secret_option(parser, required=True)
    parser.add_argument("--signature", metavar="H", help="the AccBooks-Signature header's value")
    parser.add_argument("--id", metavar="I", help="the webhook-id header's value")
    parser.add_argument("--timestamp", metavar="T", help="the webhook-timestamp header's value")
    parser.add_argument("--standard", metavar="S", help="the webhook-signature header's value")
    parser.epilog = (
        "Without --signature and --standard it prints the right signature. Example:\n"
        "  hookconsole verify --secret-file secret.txt --signature sha256=80ec… < body.json"
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Exit code 0 for a right signature, 1 for a wrong one, with the reason."""
    if args.secret_file == "-":  # noqa: S105  (a file's name)
        raise InputError("verify reads the body from stdin: give --secret-file a file's name")
    if (args.id is None) != (args.timestamp is None):
        raise InputError("--id and --timestamp belong together; give both or neither")
    if args.standard is not None and args.id is None:
        raise InputError("--standard needs --id and --timestamp, which are signed with the body")
    for option, value in (("--id", args.id), ("--timestamp", args.timestamp)):
        if value is not None and not (value.isascii() and value.isprintable()):
            raise InputError(f"{option} must be printable ASCII, as every header is; correct it")
    chosen = chosen_secret(args, home)
    assert chosen is not None  # noqa: S101  (argparse requires one of the two)
    if sys.stdin.isatty():
        warn("reading the body from the terminal; Ctrl-D ends it")
    body = sys.stdin.buffer.read(BODY_BYTES_AT_MOST + 1)
    if len(body) > BODY_BYTES_AT_MOST:
        raise InputError(f"the body on stdin is over {BODY_BYTES_AT_MOST >> 20} MiB; is it the right file?")
    if args.signature is None and args.standard is None:
        return _print_expected(args, chosen.secret, body)

    from hookconsole.verifying.verification import StandardHeaders, why_standard_wrong, why_wrong

    reasons = {}
    if args.signature is not None:
        reasons["signature"] = why_wrong(chosen.secret, body, args.signature, chosen.previous)
    if args.standard is not None:
        headers = StandardHeaders(args.id, args.timestamp, args.standard)
        reasons["standard"] = why_standard_wrong(chosen.secret, body, headers, time.time(), chosen.previous)
    for name, reason in reasons.items():
        say(f"{name}: wrong: {reason}" if reason else f"{name}: right")
    return 1 if any(reasons.values()) else 0


def _print_expected(args: argparse.Namespace, secret: str, body: bytes) -> int:
    from hookconsole.delivery.signing import body_signature, decode_standard, standard_signature

    say(body_signature(secret.encode(), body))
    if args.id is not None:
        key = decode_standard(secret)
        if key is None:
            raise InputError(
                "this secret isn't whsec_ and the base64 of 24 to 64 bytes, so it makes no"
                " webhook-signature; leave out --id and --timestamp"
            )
        say(standard_signature(key, args.id, args.timestamp, body))
    return 0
