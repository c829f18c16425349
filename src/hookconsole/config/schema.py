"""Every key that the file may have, with its bounds, and the judgement of a whole document.

Invariant: a document is valid as a whole or not at all, and all that is wrong with it is said at
once. Pure: no file, no clock, no name is looked up.
"""

from collections.abc import Mapping
from typing import Any

from hookconsole.config.endpoint import ENDPOINT_KEYS, Surroundings, endpoint_judge
from hookconsole.config.event_types import check_event_types
from hookconsole.config.headers import why_no_name
from hookconsole.config.model import Config, Console, DeliveryPolicy, Endpoint
from hookconsole.config.rules import (
    NEAR_KEYS_AT_MOST,
    Problem,
    Rule,
    array,
    boolean,
    check_table,
    integer,
    number,
    text,
    type_name,
    unknown_key,
)
from hookconsole.events.catalogue import BUILT_IN
from hookconsole.network.addresses import OPENABLE, Network, parse_network

ENDPOINTS_AT_MOST = 50_000
SECOND_DAYS = 1 / 86_400
CONSOLE_KEYS_AT_MOST = 200


class InvalidConfigError(ValueError):
    """All that is wrong with a document; never empty."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def _header(value: object) -> str:
    name: str = text(128)(value)
    reason = why_no_name(name)
    if reason:
        raise ValueError(reason)
    return name


def _network(value: object) -> Network:
    if not isinstance(value, str):
        raise ValueError(f"must be a string, is {type_name(value)}; put it in quotes")
    return parse_network(value)


def _keys(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f'must be a table, is {type_name(value)}; write under it command-id = "key"')
    if len(value) > CONSOLE_KEYS_AT_MOST:
        raise ValueError(f"holds over {CONSOLE_KEYS_AT_MOST} keys; remove some")
    rule = text(64)
    values: dict[str, str] = {}
    wrong: list[Problem] = []
    for command, key in value.items():
        try:
            values[command] = rule(key)
        except ValueError as error:
            wrong.append(Problem((command,), str(error)))
    if wrong:
        raise ValueError(*wrong)
    return values


DELIVERY: dict[str, Rule] = {
    # Above a minute a hanging receiver would hold its slots longer than any known one needs.
    "timeout_seconds": number(0.1, 60),
    # Seconds after the end of the attempt before; a day is the longest wait.
    "retry_schedule": array(number(0, 86_400), 20),
    # Each is a socket; 1,024 is what a process may usually have open.
    "concurrency": integer(1, 1024),
    "endpoint_concurrency": integer(1, 1024),
}

SECTIONS: dict[str, dict[str, Rule]] = {
    "delivery": DELIVERY,
    "signing": {"header": _header, "standard_webhooks": boolean},
    # Views hide what is older at once; whole segments leave the disk within an hour more.
    "journal": {"retention_days": number(SECOND_DAYS, 365)},
    "security": {"https_only": boolean, "allow_networks": array(_network, 1000)},
    "console": {"theme": text(64), "frames_per_second": integer(1, 60), "keys": _keys},
}
"""The settings with fixed keys; `[event_types]` and `[endpoints.NAME]` have names for keys."""

KEYS: dict[str, tuple[str, ...]] = {
    **{section: tuple(rules) for section, rules in SECTIONS.items()},
    "endpoints": ENDPOINT_KEYS,
}
"""Every key that has a name of its own, by table."""


def validate(document: Mapping[str, Any], folder: str) -> Config:
    """The config that a parsed document says; InvalidConfigError with every problem if it isn't valid.

    Relative paths in it are taken from `folder`, an absolute path.
    """
    problems: list[Problem] = []
    for key in document:
        if key not in SECTIONS and key not in ("event_types", "endpoints"):
            problems.append(Problem((key,), _unknown_at_top(key, near=len(problems) < NEAR_KEYS_AT_MOST)))
    settings = {
        section: check_table(document.get(section, {}), rules, (section,), problems)
        for section, rules in SECTIONS.items()
    }
    delivery, signing, security = (settings[key] for key in ("delivery", "signing", "security"))
    default = Config()
    concurrency = delivery.pop("concurrency", default.concurrency)
    policy = DeliveryPolicy(**delivery)
    signing_header = signing.get("header", default.signing_header)
    https_only = security.get("https_only", default.https_only)
    allow_networks = security.get("allow_networks", default.allow_networks)
    if any(problem.path[0] == "security" for problem in problems):
        https_only, allow_networks = False, OPENABLE  # the URLs that hang on it aren't problems besides
    named_types = document.get("event_types", {})
    event_types = check_event_types(named_types, problems)
    around = Surroundings(
        folder=folder,
        # A type whose description is wrong is known all the same: one mistake, one problem.
        types=[*BUILT_IN, *(named_types if isinstance(named_types, dict) else ())],
        https_only=https_only,
        allow_networks=allow_networks,
        signing_header=signing_header,
        policy=policy,
        policy_rules=DELIVERY,
    )
    endpoints = _endpoints(document.get("endpoints", {}), around, problems)
    if problems:
        raise InvalidConfigError(problems)
    return Config(
        policy=policy,
        concurrency=concurrency,
        signing_header=signing_header,
        standard_webhooks=signing.get("standard_webhooks", default.standard_webhooks),
        retention_days=settings["journal"].get("retention_days", default.retention_days),
        https_only=https_only,
        allow_networks=allow_networks,
        console=Console(**settings["console"]),
        event_types=event_types,
        endpoints=endpoints,
    )


def _unknown_at_top(key: str, *, near: bool) -> str:
    for section, keys in KEYS.items():
        if key in keys:
            return (
                f"is no key here; write it under [{'endpoints.NAME' if section == 'endpoints' else section}]"
            )
    return unknown_key(key, dict.fromkeys([*SECTIONS, "event_types", "endpoints"]), near=near)


def _endpoints(table: object, around: Surroundings, problems: list[Problem]) -> dict[str, Endpoint]:
    path = ("endpoints",)
    if not isinstance(table, dict):
        problems.append(
            Problem(path, f"must be tables, is {type_name(table)}; write each as [endpoints.NAME]")
        )
        return {}
    if len(table) > ENDPOINTS_AT_MOST:
        problems.append(Problem(path, f"are over {ENDPOINTS_AT_MOST:,}; remove some"))
        return {}
    judge = endpoint_judge(around, problems)
    judged = {name: judge(name, value) for name, value in table.items()}
    return {name: endpoint for name, endpoint in judged.items() if endpoint is not None}
