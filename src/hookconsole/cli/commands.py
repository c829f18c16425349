"""The table of commands: name, module, one line of help. The parser, the help and the docs come from it."""

from typing import NamedTuple


class Command(NamedTuple):
    """One command; its module has `configure(parser)` and `run(args, home)`."""

    name: str
    module: str
    summary: str


COMMANDS = (
    Command("emit", "emit", "accept one event, or a batch; prints each id once it is durable"),
    Command("endpoints", "endpoints", "the registry: list, show, add, edit, remove, switch, test, rotate"),
    Command("logs", "logs", "deliveries, newest first, each with its attempts"),
    Command("trace", "trace", "everything about one event, what was not sent too"),
    Command("retry", "retry", "send one delivery again"),
    Command("replay", "replay", "send many deliveries again, at a rate"),
    Command("cancel", "cancel", "end a waiting or held delivery"),
    Command("status", "status", "is the sender alive, what waits, how each endpoint does"),
    Command("check", "check", "validate config, permissions, journal, disk and clock"),
    Command("verify", "verify", "is a signature right, and if not, why"),
    Command("listen", "listen", "a local receiver that verifies and prints what comes"),
    Command("demo", "demo", "a throwaway store, an embedded receiver, live traffic"),
    Command("completion", "completion", "print the completion script for bash, zsh or fish"),
)
