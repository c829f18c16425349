"""The command line: finds the command, lets it run, turns errors into one line and an exit code.

Only the module of the command that is called is imported; a user's mistake never shows a traceback.
"""

import argparse
import contextlib
import gc
import importlib
import io
import os
import sys
from collections.abc import Collection, Sequence
from typing import NoReturn

from hookconsole.cli.commands import COMMANDS
from hookconsole.cli.output import UnprintedError, complain, flush, settle
from hookconsole.errors import HookconsoleError, InputError
from hookconsole.paths import home
from hookconsole.version import __version__

EPILOG = """\
without a command it is the console, which delivers too;
`hookconsole COMMAND --help` has an example of each

exit: 0 done, 1 it was tried and failed or is refused as things stand,
2 wrong usage or input, 3 another process holds what is needed

start here:
  hookconsole demo
then:
  hookconsole endpoints add acme --url https://acme.example/hooks --events '*'
  hookconsole --daemon &
  hookconsole emit invoice.paid --data '{"invoice":"inv_1"}'
"""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal; argparse would import `shutil` to know, for each argument."""

    def __init__(self, prog: str) -> None:
        try:
            width = os.get_terminal_size().columns
        except OSError:
            width = 80
        super().__init__(prog, width=min(width, 110) - 2)


class Parser(argparse.ArgumentParser):
    """argparse, with errors of one line."""

    def error(self, message: str) -> NoReturn:
        from hookconsole.text import safe

        complain(f"{safe(message, 500)} (see {self.prog} --help)", self.prog)
        raise SystemExit(2)


def build_parser(called: Collection[str]) -> Parser:
    """The parser of all commands, with the arguments of those that may be called."""
    parser = Parser(
        prog="hookconsole",
        description="Send webhooks from one small machine: plain files, one process, no database.",
        epilog=EPILOG,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"hookconsole {__version__}")
    parser.add_argument(
        "--config",
        dest="config_file",
        metavar="FILE",
        help="the config file (or HOOKCONSOLE_CONFIG; default: the platform's)",
    )
    parser.add_argument(
        "--state",
        dest="state_folder",
        metavar="DIR",
        help="the state directory (or HOOKCONSOLE_STATE; default: the platform's)",
    )
    parser.add_argument("--daemon", action="store_true", help="deliver without a screen, log to stderr")
    parser.add_argument(
        "--read-only", action="store_true", help="a console for looking: nothing is changed or sent"
    )
    parser.add_argument(
        "--no-mouse", action="store_true", help="a console that leaves the mouse to the terminal"
    )
    # With `prog` given argparse need not format, and so import, anything here.
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", prog="hookconsole", parser_class=Parser
    )
    for name, summary in COMMANDS.items():
        if len(called) == 1 and name not in called:
            continue
        child = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            formatter_class=Formatter,
            allow_abbrev=False,
        )
        if name in called:
            importlib.import_module(f"hookconsole.cli.{name}").configure(child)
    return parser


def _called(arguments: Sequence[str]) -> tuple[str, ...]:
    """The command that is called."""
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("--config", "--state"):
            skip = True
        elif argument in COMMANDS:
            return (argument,)
    return ()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    if arguments is None:
        arguments = sys.argv[1:]
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for locales that know no `…`
    completing = "_ARGCOMPLETE" in os.environ
    parser = build_parser(COMMANDS if completing else _called(arguments))
    if completing:
        import argcomplete

        argcomplete.autocomplete(parser, always_complete_options=False)
    try:
        try:
            _check_no_secret(arguments)
            return _run(parser, parser.parse_args(arguments))
        except SystemExit:  # argparse's, after a help
            flush()
            raise
    except HookconsoleError as error:
        with contextlib.suppress(BrokenPipeError, UnprintedError):
            flush()
        complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        return 0  # whoever read it has had enough
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        complain(f"{error.strerror or type(error).__name__}{where}")
        return 1
    except Exception as error:
        from hookconsole.mishaps import say_uncaught

        say_uncaught(error)
        return 1
    finally:
        settle()


def _check_no_secret(arguments: Sequence[str]) -> None:
    if any(argument.partition("=")[0] == "--secret" for argument in arguments):
        raise InputError(
            "a secret is never an argument, which others can see: --secret-file FILE, - for stdin"
        )


def _open_missing_streams() -> None:
    """A standard stream that was closed by whoever started us is as good as /dev/null."""
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115  open to the end
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115


def _check_folder(state: str) -> None:
    try:
        os.stat(os.path.join(state, ""))
    except NotADirectoryError:
        from hookconsole.text import safe

        raise InputError(f"{safe(state)} is no folder; name one with --state or HOOKCONSOLE_STATE") from None
    except (OSError, ValueError):
        pass  # whoever needs it makes it, or says why not


def _run(parser: Parser, args: argparse.Namespace) -> int:
    where = home(args.config_file, args.state_folder)
    if args.command != "check":  # whose finding it is
        _check_folder(where.state_name)
    if (args.read_only or args.no_mouse) and (args.daemon or args.command is not None):
        parser.error("--read-only and --no-mouse are for the console: leave out --daemon and the command")
    if args.command is None:
        gc.enable()
        if args.daemon:
            from hookconsole import daemon

            return daemon.run(where)
        from hookconsole.console import run as console

        return console.run(where, read_only=args.read_only, mouse=not args.no_mouse)
    if args.daemon:
        parser.error("--daemon goes without a command")
    module = importlib.import_module(f"hookconsole.cli.{args.command}")
    gc.enable()
    code: int = module.run(args, where)
    with contextlib.suppress(BrokenPipeError):  # the verdict stands, whoever reads on
        flush()
    return code
