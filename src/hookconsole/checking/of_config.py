"""Checks of the config file: is it valid, can what it names be used. What may be meant so is a note."""

import re
from collections.abc import Iterator
from pathlib import Path

from hookconsole.checking.findings import Finding, finding, note
from hookconsole.config.file import loose_mode, read, shown
from hookconsole.config.load import ConfigError, parse
from hookconsole.config.model import Config, Console, Endpoint
from hookconsole.config.rules import dotted
from hookconsole.config.secrets import SecretUnavailableError
from hookconsole.errors import InputError
from hookconsole.network.errors import TlsError
from hookconsole.network.tls import Contexts

_LINE = re.compile(r":\d+")


def check_file(path: Path) -> tuple[Config | None, list[Finding]]:
    """The config, None if it is refused, and what is wrong with the file."""
    try:
        found = read(path)
        if found is None:
            mend = "restore it, or have one written: hookconsole endpoints add NAME --url U --events a,b"
            return Config(), [note(shown(path), "there is no config file", mend)]
        config = parse(found.raw, path)
    except ConfigError as error:
        return None, [_problem(path, problem) for problem in error.problems]
    except InputError as error:
        return None, [_problem(path, str(error))]
    return config, []


def _problem(path: Path, problem: str) -> Finding:
    """A problem, which is `FILE:LINE: what; mend` or `FILE what; mend`, in its parts."""
    where = shown(path)
    rest = problem.removeprefix(where)
    line = _LINE.match(rest)
    if line:
        where, rest = where + line[0], rest[line.end() :]
    what, _, mend = rest.removeprefix(":").strip().rpartition("; ")
    return finding(where, what or mend, mend if what else "correct it")


def check_settings(config: Config) -> Iterator[Finding]:
    """What is set otherwise than most would."""
    if not config.https_only:
        yield note(
            "security.https_only",
            "is false: events may go out unencrypted",
            "set it to true for real receivers",
        )
    if config.allow_networks:
        networks = ", ".join(map(str, config.allow_networks[:5])) + (
            " …" if len(config.allow_networks) > 5 else ""
        )
        yield note("security.allow_networks", f"private addresses may be called: {networks}")
    if not config.standard_webhooks:
        yield note("signing.standard_webhooks", "is false: no webhook-signature header is sent")
    if not config.policy.retry_schedule:
        yield note("delivery.retry_schedule", "is empty: what fails once has failed")
    yield from _check_console(config.console)


def _check_console(console: Console) -> Iterator[Finding]:
    """What the console would pass over with a word; who has set none of it doesn't wait for Textual."""
    default = Console()
    if (console.theme, console.keys) != (default.theme, default.keys):
        from hookconsole.console.judging import problems

        for key, problem in problems(console):
            what, _, mend = problem.rpartition("; ")
            yield finding(f"console.{key}", what, mend)


def check_endpoints(config: Config, *, sender_runs: bool) -> Iterator[Finding]:
    """Each endpoint's secret and authorities, as this process can read them; inactive ones need neither."""
    contexts = Contexts()
    for endpoint in config.endpoints.values():
        where = dotted(("endpoints", endpoint.name))
        unusable = finding if endpoint.active else note
        if not endpoint.active:
            yield note(
                where, "is inactive: its events are skipped", f"hookconsole endpoints enable {endpoint.name}"
            )
        if not endpoint.policy.retry_schedule and config.policy.retry_schedule:
            yield note(where, "retry_schedule is empty: what fails once has failed")
        try:
            endpoint.secret.read()
        except SecretUnavailableError as error:
            what, _, mend = str(error).rpartition("; ")
            if endpoint.secret.kind == "env" and sender_runs:
                yield note(where, f"{what} here; the running sender has variables of its own", mend)
            else:
                yield unusable(where, what, mend)
        yield from _secret_file(endpoint, where)
        if endpoint.ca_file is not None:
            try:
                contexts.get(endpoint.ca_file)
            except TlsError as error:
                what, _, mend = str(error).rpartition(": ")
                yield unusable(where, what, mend)


def _secret_file(endpoint: Endpoint, where: str) -> Iterator[Finding]:
    """Whether others may read its secret, be it active or not."""
    if endpoint.secret.kind == "file":
        path = Path(endpoint.secret.value)
        mode = loose_mode(path)
        if mode is not None:
            yield finding(
                where,
                f"secret_file {shown(path)} has mode {mode:04o}: others may read it",
                f"chmod 600 {shown(path)}",
            )
