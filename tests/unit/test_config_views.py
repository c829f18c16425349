"""What a listing shows of an endpoint, and what the sample says of everything."""

import re
from pathlib import Path

from hookconsole.config.load import load, parse
from hookconsole.config.schema import KEYS
from hookconsole.config.views import endpoint_view

SAMPLE = Path(__file__).parents[2] / "sample_config.toml"


def test_a_view_hides_what_is_secret() -> None:
    text = """
[endpoints.acme]
url = "https://erp.acme.example/hooks?token=canary"
events = ["invoice.*"]
secret = "canary"
description = "ACME"
retry_schedule = [1]
headers = { "X-Tenant" = "canary" }
previous_secret = "canary"
previous_secret_until = 2026-04-15T14:32:00Z
"""
    view = endpoint_view(parse(text.encode(), Path("/c.toml")).endpoints["acme"])
    assert view == {
        "name": "acme",
        "url": "https://erp.acme.example/hooks?***",
        "events": ["invoice.*"],
        "active": True,
        "description": "ACME",
        "timeout_seconds": 10,
        "retry_schedule": [1],
        "endpoint_concurrency": 8,
        "headers": {"X-Tenant": "***"},
        "ca_file": None,
        "previous_secret_until": "2026-04-15T14:32:00Z",
    }


def test_a_view_says_where_a_secret_is() -> None:
    endpoints = load(SAMPLE).endpoints
    view = endpoint_view(endpoints["warehouse"])
    assert view["secret_file"] == str(SAMPLE.parent / "secrets/warehouse")
    assert endpoint_view(endpoints["audit"])["secret_env"] == "AUDIT_WEBHOOK_SECRET"


def test_the_sample_loads_and_has_every_key() -> None:
    assert len(load(SAMPLE).endpoints) == 3
    text = SAMPLE.read_text()
    for section, keys in KEYS.items():
        assert f"[{section}" in text
        for key in keys:
            assert re.search(rf"^#?(?:{key} = |\[{section}\.{key}\])", text, re.MULTILINE), key


def test_the_sample_s_settings_are_the_defaults() -> None:
    settings = load(SAMPLE)
    default = parse(b"", SAMPLE)
    assert settings.policy == default.policy
    assert settings.console == default.console
    for key in ("concurrency", "signing_header", "retention_days", "https_only", "allow_networks"):
        assert getattr(settings, key) == getattr(default, key)


def test_the_sample_is_sound_with_every_comment_that_is_a_setting_let_in() -> None:
    text = re.sub(r'^#(?=[a-z"\[])', "", SAMPLE.read_text(), flags=re.MULTILINE)
    config = parse(text.encode(), SAMPLE)
    assert config.console.keys
    assert config.endpoints["audit"].previous_secret_until
    assert config.endpoints["warehouse"].ca_file
