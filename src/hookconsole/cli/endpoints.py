"""`endpoints`: the registry. Every change is an edit of the config file and a record in the journal."""

import argparse

from hookconsole.cli.completers import completed, endpoint_names, nothing, subscriptions
from hookconsole.paths import Home


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, summary: str, example: str) -> argparse.ArgumentParser:
        child = actions.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example:\n  hookconsole endpoints {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if name not in ("edit", "remove", "enable", "disable"):  # what these say is their exit code
            child.add_argument("--json", action="store_true", help="one JSON object a line")
        return child

    action("list", "all endpoints, without secrets", "list --json")
    show = action("show", "one endpoint: its settings and how it does", "show acme")
    _add_name(show)

    add = action(
        "add",
        "add an endpoint, print its secret once, send the test event",
        "add acme --url https://acme.example/hooks --events 'invoice.*,payroll.run_finalised'",
    )
    name = add.add_argument("name", metavar="NAME", help="a-z 0-9 . _ -, at most 64")
    completed(name, nothing)
    _add_keys(add, required=True)
    add.add_argument("--secret-file", metavar="F", help="take the secret from a file (- = stdin)")
    add.add_argument("--inactive", action="store_true", help="save it switched off; tested when switched on")
    add.add_argument("--no-test", action="store_true", help="don't send the test event")

    edit = action(
        "edit", "change an endpoint; a new URL is tested", "edit acme --url https://new.acme.example/hooks"
    )
    _add_name(edit)
    _add_keys(edit, required=False)
    edit.add_argument("--no-test", action="store_true", help="don't test a new URL")

    remove = action("remove", "remove an endpoint; its unfinished deliveries are held", "remove acme --yes")
    _add_name(remove)
    remove.add_argument("--yes", action="store_true", help="don't ask when deliveries are unfinished")
    enable = action("enable", "switch an endpoint on; says what it missed", "enable acme --replay")
    _add_name(enable)
    enable.add_argument("--replay", action="store_true", help="replay what it missed while it was off")
    disable = action("disable", "switch an endpoint off; what waits is canceled", "disable acme --yes")
    _add_name(disable)
    disable.add_argument("--yes", action="store_true", help="don't ask when deliveries wait")

    test = action("test", "send a test event and wait for its result", "test --all")
    _add_name(test, nargs="?")
    test.add_argument("--all", action="store_true", help="every active endpoint")
    rotate = action("rotate-secret", "make a new secret, print it once", "rotate-secret acme --overlap 48")
    _add_name(rotate)
    rotate.add_argument(
        "--overlap", type=float, default=24.0, metavar="HOURS", help="the old one signs too (0 to 168; 24)"
    )
    action("accept-removals", "let in a config file that loses many endpoints", "accept-removals")
    parser.epilog = "example:\n  hookconsole endpoints add acme --url https://acme.example/hooks --events '*'"


def _add_name(parser: argparse.ArgumentParser, nargs: str | None = None) -> None:
    completed(parser.add_argument("name", metavar="NAME", nargs=nargs, help="which"), endpoint_names)


def _add_keys(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--url", metavar="U", required=required, help="where events are POSTed")
    events = parser.add_argument(
        "--events", metavar="A,B", required=required, help="event types: exact, a family x.*, or *"
    )
    completed(events, subscriptions)
    parser.add_argument("--description", metavar="TEXT", help="a word for the operator")


def run(args: argparse.Namespace, home: Home) -> int:
    """Do what the subcommand says."""
    from hookconsole.cli import registry

    return registry.ACTIONS[args.action](args, home)
