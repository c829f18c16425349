"""One endpoint or one document judged, and what is wrong with it."""

from typing import Any

import pytest

from hookconsole.config.model import Endpoint
from hookconsole.config.rules import Problem
from hookconsole.config.schema import InvalidConfigError, validate


def endpoint(**changes: Any) -> dict[str, Any]:
    table: dict[str, Any] = {
        "url": "https://erp.acme.example/hooks",
        "events": ["invoice.paid"],
        "secret": "s3cret",
    }
    table.update(changes)
    return {key: value for key, value in table.items() if value is not None}


def judged(**changes: Any) -> Endpoint:
    config = validate({"endpoints": {"acme": endpoint(**changes)}}, "/etc/hookconsole")
    return config.endpoints["acme"]


def problems(document: dict[str, Any]) -> list[Problem]:
    with pytest.raises(InvalidConfigError) as raised:
        validate(document, "/etc/hookconsole")
    assert raised.value.problems
    return raised.value.problems


def problem(document: dict[str, Any]) -> Problem:
    (only,) = problems(document)
    return only
