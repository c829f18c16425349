"""Which secret `verify` and `listen` check with: a file's, or that of an endpoint in the config.

Invariant: a secret is never an argument and never in a message.
"""

import argparse
import sys
from dataclasses import dataclass, field

from hookconsole.cli.completers import completed, endpoint_names
from hookconsole.errors import InputError
from hookconsole.paths import Home
from hookconsole.text import safe


@dataclass(frozen=True, slots=True)
class ChosenSecret:
    """A secret, the one before it while a rotation overlaps, and the name of the signature's header."""

    secret: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)
    header: str = "AccBooks-Signature"


def add_secret_option(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """`--secret-file F` or `--endpoint NAME`."""
    choice = parser.add_mutually_exclusive_group(required=required)
    choice.add_argument("--secret-file", metavar="FILE", help="check with the secret in this file")
    endpoint = choice.add_argument(
        "--endpoint", metavar="NAME", help="check with the secret of this endpoint of the config"
    )
    completed(endpoint, endpoint_names)


def chosen_secret(args: argparse.Namespace, home: Home) -> ChosenSecret | None:
    """The secret that the options name, None if they name none; a HookconsoleError if it can't be had."""
    if args.secret_file is not None:
        return ChosenSecret(read_secret(args.secret_file))
    if args.endpoint is None:
        return None
    from hookconsole.config.load import load
    from hookconsole.config.lookup import endpoint_of

    config = load(home.config)
    endpoint = endpoint_of(config, args.endpoint)
    return ChosenSecret(endpoint.secret.read(), endpoint.previous_secret, config.signing_header)


def read_secret(path: str) -> str:
    """The secret in a file, or on stdin for `-`, without its line's end; InputError if it holds none."""
    from hookconsole.config.secrets import SECRET_BYTES_AT_MOST, why_no_secret

    shown = "stdin" if path == "-" else safe(path)
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(SECRET_BYTES_AT_MOST + 3)
        else:
            with open(path, "rb") as file:
                raw = file.read(SECRET_BYTES_AT_MOST + 3)
        secret = raw.removesuffix(b"\n").removesuffix(b"\r").decode()
    except OSError as error:
        raise InputError(f"--secret-file {shown}: {error.strerror}; name a readable file") from None
    except UnicodeDecodeError:
        raise InputError(f"--secret-file {shown} isn't UTF-8; save the secret as UTF-8") from None
    if reason := why_no_secret(secret):
        raise InputError(f"the secret in {shown} {reason}; put the secret alone into it")
    return secret
