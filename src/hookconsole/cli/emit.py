"""`emit`: accept events. An id is printed once it is durable, one a line, in order."""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from hookconsole.cli.completers import completed, event_types
from hookconsole.cli.output import UnprintedError, flush, json_line, say
from hookconsole.emitter import Accepted, Emission, EmissionError, Emitter
from hookconsole.errors import InputError, RefusedError
from hookconsole.events.accept import BODY_BYTES_AT_MOST, parse_batch_line
from hookconsole.events.catalogue import BUILT_IN
from hookconsole.paths import Home

_READ_BYTES = 1 << 18
"""Lines that are read at once become durable with one sync."""

LINE_BYTES_AT_MOST = 4 * BODY_BYTES_AT_MOST
"""Of a batch's line, or of data, the spaces in it included."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    completed(
        parser.add_argument("type", metavar="TYPE", nargs="?", help="the event's type, such as invoice.paid"),
        event_types,
    )
    parser.add_argument("--data", metavar="JSON|@FILE|-", help="its data; default {}; - reads stdin")
    parser.add_argument("--id", metavar="ID", help="your own id, 1 to 64 of A-Z a-z 0-9 _ -; accepted once")
    parser.add_argument("--created-at", metavar="T", help="when it happened (RFC 3339); default now")
    parser.add_argument(
        "--batch", metavar="FILE|-", help='JSON lines {"type","data","id"?,"created_at"?}; an id a line'
    )
    parser.add_argument("--json", action="store_true", help='print {"event","duplicate"} a line')
    types = list(BUILT_IN)
    parser.epilog = (
        "types: "
        + "\n       ".join(" ".join(types[at : at + 3]) for at in range(0, len(types), 3))
        + "\n       and those of [event_types] in the config file\n\n"
        + "examples:\n"
        + '  hookconsole emit invoice.paid --data \'{"invoice":"inv_1","amount":2500.00}\'\n'
        + "  hookconsole emit --batch events.jsonl"
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Accept what the arguments say."""
    with Emitter(config=home.config_name, state=home.state_name, source="cli") as emitter:
        if args.batch is not None:
            return _batch(args, emitter)
        if args.type is None:
            raise InputError("emit needs a TYPE, or --batch FILE; see hookconsole emit --help")
        emission = Emission(args.type, _data(args.data), args.id, args.created_at)
        _print(emitter.accept([emission]), args.json)
    return 0


def _batch(args: argparse.Namespace, emitter: Emitter) -> int:
    if args.type is not None or args.data is not None or args.id is not None or args.created_at is not None:
        raise InputError("--batch goes without TYPE, --data, --id and --created-at: its lines have them")
    with _opened(args.batch) as file:
        number = printed = 0
        for group in _groups(file):
            numbers: list[int] = []
            emissions = []
            refused: InputError | None = None
            for line in group:
                number += 1
                if not line.strip():
                    continue
                try:
                    _check_length(line, "the line")
                    emissions.append(Emission(*parse_batch_line(line)))
                    numbers.append(number)
                except InputError as error:
                    refused = error
                    break
            try:
                _print(accepted := emitter.accept(emissions), args.json)
            except EmissionError as error:
                _print(accepted := error.accepted, args.json)
                number, refused = numbers[len(accepted)], error
            printed += len(accepted)
            if refused is not None:
                kept = " (the ids printed stay accepted)" if printed else ""
                raise InputError(f"line {number}: {refused}{kept}")
    return 0


def _groups(file: BinaryIO) -> Iterator[list[bytes]]:
    """Lines in groups, as they come: what a pipe has delivered is accepted without waiting for more."""
    rest = b""
    while chunk := _read(file, _READ_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LINE_BYTES_AT_MOST:
            lines, rest = [*lines, rest], b""
        if lines:
            yield [line.removesuffix(b"\r") for line in lines]
    if rest:
        yield [rest]


def _print(accepted: list[Accepted], as_json: bool) -> None:
    try:
        for event, duplicate in accepted:
            if as_json:
                json_line({"event": event, "duplicate": duplicate})
            else:
                say(f"{event} duplicate" if duplicate else event)
        flush()
    except (BrokenPipeError, UnprintedError) as error:
        raise RefusedError(
            f"accepted, but the ids can't be printed: {error.strerror}; the first is {accepted[0].event}"
        ) from None


def _data(text: str | None) -> bytes:
    if text is None:
        return b"{}"
    if text != "-" and not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    with _opened(text.removeprefix("@")) as file:
        pieces = []
        left = LINE_BYTES_AT_MOST + 1
        while left and (piece := _read(file, left)):
            pieces.append(piece)
            left -= len(piece)
    data = b"".join(pieces)
    _check_length(data, "data")  # never the first part of what is longer
    return data


def _check_length(raw: bytes, what: str) -> None:
    if len(raw) > LINE_BYTES_AT_MOST:
        raise InputError(f"{what} is longer than {LINE_BYTES_AT_MOST:,} bytes; an event must be smaller")


def _opened(name: str) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    try:
        return open(name, "rb", buffering=0)
    except OSError as error:
        raise _unreadable(name, error) from None


def _read(file: BinaryIO, bytes_at_most: int) -> bytes:
    """What is there now, b"" at the end."""
    try:
        return os.read(file.fileno(), bytes_at_most)
    except OSError as error:
        raise _unreadable(str(file.name), error) from None


def _unreadable(name: str, error: OSError) -> InputError:
    from hookconsole.text import safe

    return InputError(f"{safe(name) or 'an empty name'}: {error.strerror}; name a file that can be read")
