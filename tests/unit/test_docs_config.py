"""docs/config.md and the config's schema say the same: keys, types, defaults, bounds."""

import re
import tomllib
from dataclasses import MISSING, fields
from typing import Any, NamedTuple

import pytest
from documents import read

from hookconsole.config import headers, schema
from hookconsole.config.model import Config, Console, DeliveryPolicy, Endpoint


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
