"""What the form's texts mean: an endpoint's keys as texts, and texts as keys again, judged as the file is.

Invariants: a text that wasn't touched is never written, so what is masked or escaped in it stays as it was;
what is judged good here is judged by the config's own rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hookconsole.config.edit import shown_keys
from hookconsole.config.endpoint import Surroundings, endpoint_judge
from hookconsole.config.load import folder_of
from hookconsole.config.model import Config
from hookconsole.config.rules import Problem
from hookconsole.config.schema import DELIVERY
from hookconsole.config.views import MASK
from hookconsole.console.dialogs.subscription import patterns
from hookconsole.events.catalogue import BUILT_IN
from hookconsole.network.url import mask_url
from hookconsole.operating.desk import Desk
from hookconsole.text import safe

Texts = Mapping[str, str]
"""What stands in each field; of `active`, `yes` or `no`."""

KEYS = (
    "url",
    "events",
    "description",
    "active",
    "timeout_seconds",
    "retry_schedule",
    "endpoint_concurrency",
    "headers",
    "ca_file",
    "secret_file",
    "secret_env",
)
NONE = "none"
"""What is typed for an empty retry schedule."""

_HIDDEN_QUERY = "?" + MASK


@dataclass(frozen=True)
class Opened:
    """What a form begins with: the endpoint's keys in the file but for its secrets, none of a new one."""

    name: str | None
    config: Config
    folder: str
    table: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def types(self) -> dict[str, str]:
        """Every event type there is, with its description."""
        return {**BUILT_IN, **self.config.event_types}


class Judged(NamedTuple):
    """What would be written (None takes a key out), and what is wrong, by key; `name` is one of these."""

    values: dict[str, Any]
    problems: dict[str, str]

    def __repr__(self) -> str:
        return f"Judged({sorted(self.values)}, {sorted(self.problems)})"  # headers and queries are secret


def opened(desk: Desk, name: str | None) -> Opened:
    """What the form of an endpoint begins with, or of a new one."""
    folder = folder_of(desk.home.config)
    if name is None:
        return Opened(None, desk.config, folder)
    desk.endpoint(name)
    return Opened(name, desk.config, folder, shown_keys(desk.home.config, name))


def texts_of(table: Mapping[str, Any]) -> dict[str, str]:
    """The keys of an endpoint as texts; header values and the URL's query masked, all of it safe."""
    schedule = table.get("retry_schedule")
    texts = {
        "url": mask_url(table["url"]) if "url" in table else "",
        "events": ", ".join(table.get("events", ())),
        "active": "yes" if table.get("active", True) else "no",
        "retry_schedule": "" if schedule is None else ", ".join(map(str, schedule)) or NONE,
        "headers": "\n".join(f"{safe(name)}: {MASK}" for name in table.get("headers", {})),
    }
    return {key: texts[key] if key in texts else safe(str(table.get(key, ""))) for key in KEYS}


class Sheet:
    """Judges what a form says. Not cheap to make, cheap to ask."""

    def __init__(self, start: Opened) -> None:
        self.start = start
        self.before = texts_of(start.table)
        self._problems: list[Problem] = []
        config = start.config
        around = Surroundings(
            folder=start.folder,
            types=start.types,
            https_only=config.https_only,
            allow_networks=config.allow_networks,
            signing_header=config.signing_header,
            policy=config.policy,
            policy_rules=DELIVERY,
        )
        self._judge = endpoint_judge(around, self._problems)

    def judge(self, name: str, texts: Texts) -> Judged:
        """What saving these texts as endpoint `name` would write, and what forbids it."""
        start = self.start
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for key in KEYS:
            if texts[key] != self.before[key] or (start.name is None and key in ("url", "events")):
                try:
                    value = _value(key, texts[key].strip(), start.table)
                except ValueError as error:
                    problems[key] = str(error)
                else:
                    if value != start.table.get(key):
                        values[key] = value
        table = {key: value for key, value in {**start.table, **values}.items() if value is not None}
        if not {"secret_file", "secret_env"} & table.keys():
            table["secret"] = "-"  # noqa: S105  the file's own, or one to be generated
        self._problems.clear()
        self._judge(name, table)
        for problem in self._problems:
            key = problem.path[2] if len(problem.path) > 2 else "name"
            header = f"{safe(problem.path[3], 80)} " if len(problem.path) > 3 else ""
            problems.setdefault(_field_of(key, problem.what), header + problem.what)
        if start.name is None and name in start.config.endpoints:
            problems["name"] = f"there is an endpoint {name} already; choose another name"
        return Judged(values, problems)


def rebased(texts: Texts, old: Sheet, new: Sheet) -> dict[str, str]:
    """What was typed, on top of what the file says now; where both changed a key, the file's."""
    return {
        key: texts[key] if texts[key] != old.before[key] and new.before[key] == old.before[key] else after
        for key, after in new.before.items()
    }


def _field_of(key: str, what: str) -> str:
    # Two secret sources are a problem of the whole table.
    return "secret_file" if key == "name" and "secret" in what else key


def _value(key: str, text: str, table: Mapping[str, Any]) -> Any:
    """The value that a text stands for; None takes the key out. ValueError says what is no value."""
    if key == "url":
        return _url(text, table.get("url", ""))
    if key == "events":
        return patterns(text)
    if key == "active":
        return text == "yes"
    if not text:
        return None
    if key == "retry_schedule":
        return [] if text.lower() == NONE else [_number(part) for part in patterns(text)]
    if key in ("timeout_seconds", "endpoint_concurrency"):
        return _number(text)
    if key == "headers":
        return _headers(text, table.get("headers", {}))
    return text


def _url(text: str, before: str) -> str:
    """`?***` at the end stands for the query as it is."""
    query = before.partition("?")[2]
    if query and text.endswith(_HIDDEN_QUERY):
        return text.removesuffix(_HIDDEN_QUERY) + "?" + query
    return text


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{safe(text, 40)!r} is no number; write it as 5 or 2.5") from None


def _headers(text: str, before: Mapping[str, str]) -> dict[str, str]:
    """`Name: value` a line; `***` stands for the value as it is."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            raise ValueError(f"line {number} is no header; write it as Name: value")
        if name in found:
            raise ValueError(f"line {number}: {safe(name, 80)} stands twice; remove one")
        if value == MASK:
            if name not in before:
                raise ValueError(f"line {number}: {safe(name, 80)} is new; give its value")
            value = before[name]
        found[name] = value
    return found
