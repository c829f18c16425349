"""`check`: what is wrong, all of it, before somebody is woken by it."""

import argparse

from hookconsole.cli.output import json_line, say, warn
from hookconsole.paths import Home


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--deep", action="store_true", help="read the whole journal, not its newest 64 MiB")
    parser.add_argument(
        "--json", action="store_true", help='{"level":"finding"|"note","where","what","mend"} a line'
    )
    parser.epilog = (
        "It looks at the config file, the secrets and files that it names, permissions\n"
        "and owners, locks, the journal's segments and lines, room on the disk (a finding\n"
        "under 1 GiB, or 5 % where that is less), the kind of file system, and the clock.\n"
        "It changes nothing. Exit 1 with every finding; notes are about what may be meant\n"
        "so. A secret_env is looked for in this command's environment.\n\n"
        "example:\n  hookconsole check --json | jq -r 'select(.level == \"finding\") | .what'"
    )


def run(args: argparse.Namespace, home: Home) -> int:
    """Print findings and notes; 1 when there is a finding."""
    from hookconsole.checking.every import check

    findings = 0
    for found in check(home, deep=args.deep):
        findings += found.level == "finding"
        if args.json:
            json_line(found._asdict())
        else:
            mend = f"; {found.mend}" if found.mend else ""
            say(f"{found.level}: {found.where}: {found.what}{mend}")
    if not findings:
        warn("no findings")
    return 1 if findings else 0
