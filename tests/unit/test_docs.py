"""The documents, the config's schema and the program's constants say the same."""

import ast
import configparser
import re
import tomllib
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from hookconsole.cli import listener
from hookconsole.config import endpoint, event_types, file, headers, lock, schema, secrets
from hookconsole.config.model import Config, Console, DeliveryPolicy, Endpoint
from hookconsole.delivery import attempt, dispatch, lanes, retry, runtime
from hookconsole.events import accept
from hookconsole.events.catalogue import BUILT_IN
from hookconsole.journal import line, records, segments, trimming
from hookconsole.network import connection, dial, errors, pool, resolver, response, url
from hookconsole.operating import check_machine, health

ROOT = Path(__file__).parents[2]
DOCUMENTS = {path.name: path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
UNIT = ROOT / "docs" / "hookconsole.service"
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def read(name: str) -> str:
    return DOCUMENTS[name].read_text("utf-8")


# Links and words


def prose(text: str) -> str:
    """A document without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_resolve(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", prose(read(name))):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (DOCUMENTS[name].parent / path).resolve() if path else DOCUMENTS[name]
        assert linked.is_file(), target
        if anchor:
            assert anchor in anchors(linked.read_text("utf-8")), target


def test_readme_links_to_every_document() -> None:
    linked = set(re.findall(r"\]\(docs/([\w.]+)", read("README.md")))
    assert linked == {name for name in DOCUMENTS if name != "README.md"}


@pytest.mark.parametrize(
    "path", [*DOCUMENTS.values(), UNIT, ROOT / "sample_config.toml"], ids=lambda p: p.name
)
def test_nothing_is_said_that_is_no_readers_business(path: Path) -> None:
    words = re.findall(
        r"\bsessions?\b|issue #|/work\b|\bhelpers?\b|product\.md", path.read_text("utf-8"), re.I
    )
    assert not words


# docs/config.md


class Row(NamedTuple):
    """A line of one of its tables."""

    kind: str
    default: str
    bounds: str


def rows(section: str) -> dict[str, Row]:
    (text,) = re.findall(rf"^## `\[{re.escape(section)}\]`\n(.*?)(?=^##|\Z)", read("config.md"), re.M | re.S)
    found = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \| ([^|]*?) ?\|", text, re.M)
    return {key: Row(*rest) for key, *rest in found}


def default_of(cls: type[Any], name: str) -> object:
    (field,) = [each for each in fields(cls) if each.name == name]
    return field.default_factory() if field.default_factory is not MISSING else field.default


DEFAULTS: dict[tuple[str, str], tuple[type[Any], str]] = {
    ("delivery", "concurrency"): (Config, "concurrency"),
    **{("delivery", field.name): (DeliveryPolicy, field.name) for field in fields(DeliveryPolicy)},
    ("signing", "header"): (Config, "signing_header"),
    ("signing", "standard_webhooks"): (Config, "standard_webhooks"),
    ("journal", "retention_days"): (Config, "retention_days"),
    ("security", "https_only"): (Config, "https_only"),
    ("security", "allow_networks"): (Config, "allow_networks"),
    **{("console", field.name): (Console, field.name) for field in fields(Console)},
    **{("endpoints.NAME", key): (Endpoint, key) for key in ("active", "description")},
}


def test_every_key_is_in_the_document_and_no_other() -> None:
    for section, keys in schema.KEYS.items():
        name = "endpoints.NAME" if section == "endpoints" else section
        assert sorted(rows(name)) == sorted(keys), section
    assert set(DEFAULTS) >= {
        (section, key) for section in schema.SECTIONS for key in schema.SECTIONS[section]
    }


@pytest.mark.parametrize(("section", "key"), DEFAULTS)
def test_defaults_are_the_codes(section: str, key: str) -> None:
    default = default_of(*DEFAULTS[section, key])
    said = tomllib.loads(f"value = {rows(section)[key].default.strip('`')}")["value"]
    assert said == (list(default) if isinstance(default, tuple) else default)


def test_what_an_endpoint_takes_from_elsewhere() -> None:
    table = rows("endpoints.NAME")
    assert {key for key, row in table.items() if row.default == "`[delivery]`'s"} == {
        "timeout_seconds",
        "retry_schedule",
        "endpoint_concurrency",
    }
    assert {key for key, row in table.items() if row.default == "required"} == {"url", "events"}
    assert {key for key, row in table.items() if row.default == "one of three"} == {
        "secret",
        "secret_file",
        "secret_env",
    }
    for key in ("headers", "ca_file", "previous_secret", "previous_secret_until"):
        assert default_of(Endpoint, key) in (None, ())


@pytest.mark.parametrize(
    ("section", "key"),
    [
        (section, key)
        for section in schema.SECTIONS
        for key, row in rows(section).items()
        if " to " in row.bounds
    ],
)
def test_bounds_are_the_codes(section: str, key: str) -> None:
    judge = schema.SECTIONS[section][key]
    found = re.fullmatch(r"(1/)?([\d.]+)[^,]*? to ([\d.]+).*", rows(section)[key].bounds)
    assert found
    low, high = 1 / float(found[2]) if found[1] else float(found[2]), float(found[3])
    whole = rows(section)[key].kind == "integer"
    step: float = 1 if whole else 1e-6

    def given(value: float) -> object:
        number = int(value) if whole else value
        return [number] if rows(section)[key].kind.startswith("array") else number

    judge(given(low))
    judge(given(high))
    for beyond in (low - step, high + step * max(high, 1)):
        with pytest.raises(ValueError, match=r"."):
            judge(given(beyond))


def test_refused_headers_are_all_named() -> None:
    text = read("config.md")
    for name in (*headers._OURS, *headers._OUR_PREFIXES):
        assert f"`{name}`" in text or re.search(rf"`[\w -]*{re.escape(name)}[\w -]*`", text), name


def test_the_built_in_types_are_in_the_document() -> None:
    assert [name for name in BUILT_IN if f"`{name}`" not in read("commands.md")] == []


def test_a_secret_of_the_journals_config_is_never_shown_as_real() -> None:
    for name in DOCUMENTS:
        found = re.findall(r"whsec_[A-Za-z0-9+/=]{20,}", read(name))
        assert not found, name


# Numbers


def mib(count: int) -> str:
    return f"{count >> 20} MiB"


def kib(count: int) -> str:
    return f"{count >> 10} KiB"


LIMITS: list[tuple[str, str]] = [
    ("security.md", f"| an event's body | {kib(accept.BODY_BYTES_AT_MOST)} |"),
    ("security.md", f"| levels of its JSON | {accept.LEVELS_AT_MOST} |"),
    ("security.md", f"| the config file | {mib(file.CONFIG_BYTES_AT_MOST)} |"),
    ("security.md", f"| endpoints | {schema.ENDPOINTS_AT_MOST:,} |"),
    ("security.md", f"| event types of the config's own | {event_types.TYPES_AT_MOST:,} |"),
    ("security.md", f"| patterns in an endpoint's `events` | {endpoint.PATTERNS_AT_MOST:,} |"),
    ("security.md", f"| a URL | {url.LENGTH_AT_MOST:,} characters |"),
    ("security.md", f"| a secret | {secrets.SECRET_BYTES_AT_MOST:,} bytes |"),
    (
        "security.md",
        f"| headers of an endpoint's own | {headers.HEADERS_AT_MOST}, each value {headers.VALUE_BYTES_AT_MOST:,}",
    ),
    ("security.md", f"| a response's head, interim responses included | {kib(response.HEAD_AT_MOST)} |"),
    (
        "security.md",
        f"| a response's body | {kib(response.BODY_KEPT)} kept; {kib(response.BODY_AT_MOST)} or"
        f" {connection.BODY_SECONDS:g} s read |",
    ),
    ("security.md", f"| headers of a response | {kib(attempt.HEADER_BYTES_KEPT)} kept |"),
    ("security.md", f"| a `Retry-After` | {retry.RETRY_AFTER_AT_MOST:,.0f} s |"),
    ("security.md", f"| an error's detail | {errors.DETAIL_AT_MOST} characters |"),
    ("security.md", f"| a line of the journal | {mib(line.LINE_BYTES_AT_MOST)} |"),
    ("security.md", f"| what `listen` takes | {mib(listener.BODY_BYTES_AT_MOST)} |"),
    ("security.md", f"at most {pool.LIFETIME_SECONDS:g} seconds old"),
    ("config.md", f"of at most {mib(file.CONFIG_BYTES_AT_MOST)}."),
    ("config.md", f"at most {schema.ENDPOINTS_AT_MOST:,}."),
    ("config.md", f"At most {event_types.TYPES_AT_MOST:,}."),
    ("config.md", f"at most {event_types.NAME_CHARACTERS_AT_MOST} characters; the dot"),
    ("config.md", f"| at most {url.LENGTH_AT_MOST} characters | where events"),
    ("config.md", f"| 1 to {endpoint.PATTERNS_AT_MOST} | which events"),
    ("config.md", f"| 1 to {secrets.SECRET_BYTES_AT_MOST} bytes, printable |"),
    ("config.md", f"| at most {endpoint.DESCRIPTION_CHARACTERS_AT_MOST} characters | free text"),
    ("config.md", f"| at most {headers.HEADERS_AT_MOST} | headers of"),
    ("config.md", f"of HTTP's, at most {headers.NAME_BYTES_AT_MOST} characters"),
    ("config.md", f"at most {headers.VALUE_BYTES_AT_MOST} characters, not empty"),
    ("commands.md", f"may have {kib(accept.BODY_BYTES_AT_MOST)}\nand {accept.LEVELS_AT_MOST} levels"),
    ("operating.md", f"| `concurrency`, {Config().concurrency}; at most 1024 |"),
    ("operating.md", f"| attempts a second at a failing endpoint | {lanes.FAILING_PER_SECOND:g} |"),
    ("operating.md", f"| events taken in at once | {dispatch.INTAKE_AT_MOST} |"),
    ("operating.md", f"| {resolver.LOOKUPS_AT_MOST}, each {resolver.LOOKUP_SECONDS:g} s |"),
    ("operating.md", f"| addresses of a name that are tried | {dial.DIALS_AT_MOST} |"),
    (
        "operating.md",
        f"| {pool.IDLE_AT_MOST}, for {pool.IDLE_SECONDS:g} s, none older than {pool.LIFETIME_SECONDS:g} s |",
    ),
    ("operating.md", f"for the journal's lock | {segments.LOCK_SECONDS:g} s |"),
    ("operating.md", f"for the config's lock | {lock.LOCK_SECONDS:g} s |"),
    (
        "operating.md",
        f"| a segment | {mib(segments.SEGMENT_BYTES)}, or {trimming.ROTATE_SECONDS // 60} minutes |",
    ),
    ("operating.md", f"due for over {health.OVERDUE_ALARM_SECONDS:g} seconds"),
    ("operating.md", f"stands still for {runtime.STUCK_SECONDS:g} seconds"),
    ("operating.md", f"under {check_machine.FREE_BYTES >> 30} GiB of free room"),
    ("journal.md", f"the format's version: {records.VERSION} |"),
    ("journal.md", f"more than {mib(line.LINE_BYTES_AT_MOST)} ({line.LINE_BYTES_AT_MOST:,} bytes"),
    (
        "journal.md",
        f"has {mib(segments.SEGMENT_BYTES)}, or when it is {trimming.ROTATE_SECONDS // 60} minutes",
    ),
    ("journal.md", f"after {mib(trimming.CHECKPOINT_BYTES)} of records"),
    ("journal.md", f"gives up after {segments.LOCK_SECONDS:g} seconds"),
    ("journal.md", f"jumped by over {trimming.JUMP_SECONDS / 60:g} minutes"),
]


@pytest.mark.parametrize(("name", "said"), LIMITS)
def test_limits_are_the_codes(name: str, said: str) -> None:
    assert " ".join(said.split()) in " ".join(read(name).split())


# docs/operating.md


def logged() -> list[tuple[str, str]]:
    """Every (level, text) that the program logs, with `…` for what is filled in."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Name(id="log"), attr=("info" | "warning" | "error") as level
                    ),
                    args=[ast.Constant(value=str(text)), *_],
                ):
                    shown = re.sub(r"(%0?\d*[sdo])+", "…", text)
                    found.append((level.upper(), shown))
    return found


def test_every_log_line_is_in_the_document() -> None:
    said = re.findall(r"^\| (INFO|WARNING|ERROR) \| `(.+?)` \|", read("operating.md"), re.M)
    assert len(logged()) > 15
    assert sorted(said) == sorted(logged())


def test_every_cause_is_in_the_document() -> None:
    said = set(re.findall(r"^\| `([a-z]+)` \|", read("operating.md"), re.M))
    assert said == {*get_args(errors.ErrorName), "config"}


def test_alarms_are_the_programs() -> None:
    (table,) = re.findall(r"^\| alarm \|.*?(?=^$)", read("operating.md"), re.M | re.S)
    source = Path(health.__file__).read_text("utf-8")
    alarms = re.findall(r"^\| `(.+?)` \|", table, re.M)
    assert len(alarms) == 4
    for alarm in alarms:
        assert alarm.partition("…")[0] in source


def test_modules_named_in_reliability_exist() -> None:
    cells = re.findall(r"\| ((?:`[\w/]+`(?:, )?)+) \|$", read("reliability.md"), re.M)
    named = [name for cell in cells for name in re.findall(r"`([\w/]+)`", cell)]
    assert len(named) > 20
    package = ROOT / "src" / "hookconsole"
    assert [
        name for name in named if not ((package / f"{name}.py").is_file() or (package / name).is_dir())
    ] == []


def test_the_unit_fits_the_daemon() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]  # as configparser's own documents say
    unit.read_string(UNIT.read_text("utf-8"))
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].endswith("/hookconsole --daemon")
    assert service["ExecReload"] == "kill -HUP $MAINPID"
    assert service["Restart"] == "on-failure"
    # The watchdog is fed every half of its time, by a loop that may have rested for STUCK_SECONDS.
    assert float(service["WatchdogSec"]) >= 2 * runtime.STUCK_SECONDS
    longest = 60.0
    at_most: Callable[[object], object] = schema.DELIVERY["timeout_seconds"]
    assert at_most(longest) == longest
    assert float(service["TimeoutStopSec"]) > longest
