"""One endpoint's table judged: its keys and the rules between them.

Invariant: an `Endpoint` that comes out of here has one secret's source, and a subscription that can
match. Whether a file or a variable that it names can be read is judged at the time of use.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hookconsole.config.event_types import DESCRIPTION_CHARACTERS_AT_MOST, pattern
from hookconsole.config.headers import judge_headers
from hookconsole.config.model import DeliveryPolicy, Endpoint, SecretSource
from hookconsole.config.rules import (
    NEAR_KEYS_AT_MOST,
    Problem,
    Rule,
    array,
    boolean,
    check_table,
    moment,
    near_key,
    path_from,
    text,
    type_name,
    variable,
)
from hookconsole.config.secrets import why_no_secret
from hookconsole.network.addresses import Network
from hookconsole.network.url import judge_url
from hookconsole.text import safe

ENDPOINT_KEYS = (
    "url",
    "events",
    "secret",
    "secret_file",
    "secret_env",
    "active",
    "description",
    "timeout_seconds",
    "retry_schedule",
    "endpoint_concurrency",
    "headers",
    "ca_file",
    "previous_secret",
    "previous_secret_until",
)
"""Every key of an endpoint, in the order in which a new one is written."""

PATTERNS_AT_MOST = 1000

_NAME = re.compile(r"[a-z0-9._-]{1,64}", re.ASCII)
_KINDS: dict[str, Literal["inline", "file", "env"]] = {
    "secret": "inline",
    "secret_file": "file",
    "secret_env": "env",
}
_POLICY_KEYS = ("timeout_seconds", "retry_schedule", "endpoint_concurrency")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rest of the file says that an endpoint's table is judged by."""

    folder: str
    types: Iterable[str]
    https_only: bool
    allow_networks: Sequence[Network]
    signing_header: str
    policy: DeliveryPolicy
    policy_rules: Mapping[str, Rule]


def endpoint_judge(around: Surroundings, problems: list[Problem]) -> Callable[[str, object], Endpoint | None]:
    """A function that makes an `Endpoint` of a name and a table, or adds to `problems`."""
    rules = _rules(around)

    def judge(name: str, table: object) -> Endpoint | None:
        path = ("endpoints", name)
        before = len(problems)
        if not _NAME.fullmatch(name):
            problems.append(Problem(path, "is no endpoint name; use 1 to 64 of a-z 0-9 . _ -"))
        values = check_table(table, rules, path, problems)
        if not isinstance(table, dict):
            return None
        inner = _name_goes_on(table)
        if inner:
            whole = safe(f"{name}.{inner}", 80)
            del problems[before:]
            problems.append(Problem(path, f'a name with a dot needs quotes: [endpoints."{whole}"]'))
            return None
        # A misspelled key is one problem, not a missing one besides.
        near = len(problems) < NEAR_KEYS_AT_MOST
        given = {near_key(key, rules) if near and key not in rules else key for key in table}
        problems.extend(Problem(path, reason) for reason in _missing(given))
        headers: tuple[tuple[str, str], ...] = ()
        if "headers" in values:
            headers, wrong = judge_headers(values.pop("headers"), around.signing_header)
            for header, reason in wrong:
                problems.append(Problem((*path, "headers", *([header] if header else [])), reason))
        if len(problems) > before:
            return None
        source = next(key for key in _KINDS if key in values)
        return Endpoint(
            name=name,
            secret=SecretSource(_KINDS[source], values.pop(source)),
            policy=_policy(around.policy, values),
            headers=headers,
            **values,
        )

    return judge


def _name_goes_on(table: Mapping[str, object]) -> str | None:
    """The `eu` of [endpoints.acme.eu], which without quotes is a table inside an endpoint `acme`."""
    for key, value in table.items():
        if isinstance(value, dict) and key not in ENDPOINT_KEYS and "url" in value:
            return key
    return None


def _rules(around: Surroundings) -> dict[str, Rule]:
    def url(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"must be a string, is {type_name(value)}; put it in quotes")
        judge_url(value, https_only=around.https_only, allow=around.allow_networks)
        return value

    a_path = path_from(around.folder)
    rules: dict[str, Rule] = {
        "url": url,
        "events": array(pattern(around.types), PATTERNS_AT_MOST, empty=False),
        "secret": _secret,
        "secret_file": a_path,
        "secret_env": variable,
        "active": boolean,
        "description": text(DESCRIPTION_CHARACTERS_AT_MOST, line=False, empty=True),
        "headers": _table,
        "ca_file": a_path,
        "previous_secret": _secret,
        "previous_secret_until": moment,
    }
    rules.update({key: around.policy_rules[key] for key in _POLICY_KEYS})
    return {key: rules[key] for key in ENDPOINT_KEYS}


def _secret(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a string, is {type_name(value)}; put it in quotes")
    reason = why_no_secret(value)
    if reason:
        raise ValueError(reason)
    return value


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f'must be a table, is {type_name(value)}; write it as {{ "X-Name" = "value" }}')
    return value


def _missing(given: Container[str | None]) -> Iterator[str]:
    for key in ("url", "events"):
        if key not in given:
            yield f"has no {key}; add it"
    sources = [key for key in _KINDS if key in given]
    if not sources:
        yield "has no secret; add secret, secret_file or secret_env"
    elif len(sources) > 1:
        yield f"has {' and '.join(sources)}; keep one of them"
    if ("previous_secret" in given) != ("previous_secret_until" in given):
        yield "has one of previous_secret and previous_secret_until; set both or neither"


def _policy(default: DeliveryPolicy, values: dict[str, Any]) -> DeliveryPolicy:
    own = {key: values.pop(key) for key in _POLICY_KEYS if key in values}
    if not own:
        return default
    return DeliveryPolicy(
        own.get("timeout_seconds", default.timeout_seconds),
        own.get("retry_schedule", default.retry_schedule),
        own.get("endpoint_concurrency", default.endpoint_concurrency),
    )
