"""Checks of the config file: is it valid, can what it names be used. What may be meant so is a note."""

import re
from collections.abc import Iterator
from pathlib import Path

from hookconsole.checking.findings import Finding, finding, note
from hookconsole.config.file import loose_mode, read, shown
from hookconsole.config.load import ConfigError, parse
from hookconsole.config.model import Config, Endpoint
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
            mend = "hookconsole endpoints add NAME --url U --events a,b writes one"
            return Config(), [note(shown(path), "there is no config file, so nobody gets anything", mend)]
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


def check_endpoints(config: Config, *, sender_runs: bool) -> Iterator[Finding]:
    """Each endpoint's secret and authorities, as this process can read them."""
    contexts = Contexts()
    for endpoint in config.endpoints.values():
        where = dotted(("endpoints", endpoint.name))
        if not endpoint.active:
            yield note(
                where, "is inactive: its events are skipped", f"hookconsole endpoints enable {endpoint.name}"
            )
        if not endpoint.policy.retry_schedule and config.policy.retry_schedule:
            yield note(where, "retry_schedule is empty: what fails once has failed")
        yield from _secret(endpoint, where, sender_runs)
        if endpoint.ca_file is not None:
            try:
                contexts.get(endpoint.ca_file)
            except TlsError as error:
                what, _, mend = str(error).rpartition(": ")
                yield finding(where, what, mend)


def _secret(endpoint: Endpoint, where: str, sender_runs: bool) -> Iterator[Finding]:
    source = endpoint.secret
    try:
        source.read()
    except SecretUnavailableError as error:
        what, _, mend = str(error).rpartition("; ")
        if source.kind == "env" and sender_runs:
            yield note(where, f"{what} here; the running sender has variables of its own", mend)
        else:
            yield finding(where, what, mend)
    if source.kind == "file":
        path = Path(source.value)
        mode = loose_mode(path)
        if mode is not None:
            yield finding(
                where,
                f"secret_file {shown(path)} has mode {mode:04o}: others may read it",
                f"chmod 600 {shown(path)}",
            )
