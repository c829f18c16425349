"""The table of commands, each with its line of help: the parser, the help and the docs come from it.

Its module, of the same name, has `configure(parser)` and `run(args, home)`.
"""

COMMANDS = {
    "emit": "accept one event, or a batch; prints each id once it is durable",
    "endpoints": "the registry: list, show, add, edit, remove, switch, test, rotate",
    "logs": "deliveries, newest first, each with its attempts",
    "trace": "everything about one event, what was not sent too",
    "retry": "send one delivery again",
    "replay": "send many deliveries again, at a rate",
    "cancel": "end a waiting or held delivery",
    "status": "is the sender alive, what waits, how each endpoint does",
    "check": "validate config, permissions, journal, disk and clock",
    "verify": "is a signature right, and if not, why",
    "listen": "a local receiver that verifies and prints what comes",
    "demo": "a throwaway store, an embedded receiver, live traffic",
    "completion": "print the completion script for bash, zsh or fish",
}
