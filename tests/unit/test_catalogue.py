"""The built-in event types, the nearest name, and their samples."""

import json
import subprocess
import sys

import pytest

from hookconsole.events.accept import accept, body
from hookconsole.events.catalogue import BUILT_IN, TEST_TYPE, nearest
from hookconsole.events.samples import sample_json


def test_the_eleven_types_are_built_in() -> None:
    assert list(BUILT_IN) == [
        *("transaction.created", "transaction.classified", "invoice.created", "invoice.sent"),
        *("invoice.paid", "invoice.overdue", "payroll.run_finalised", "vat.return_filed"),
        *("bank_feed.error", "bank_feed.synced", "company.year_end_closed"),
    ]
    assert TEST_TYPE not in BUILT_IN


@pytest.mark.parametrize("description", BUILT_IN.values())
def test_a_description_is_one_short_line(description: str) -> None:
    assert description.isprintable()
    assert 10 < len(description) < 80


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("invoice.payed", "invoice.paid"),
        ("Invoice.Paid", "invoice.paid"),
        ("payroll.run_finalized", "payroll.run_finalised"),
        ("bankfeed.error", "bank_feed.error"),
        ("invoice.sent" + "x" * 1_000_000, "invoice.sent"),
    ],
)
def test_the_nearest_name(name: str, near: str) -> None:
    assert nearest(name, BUILT_IN) == near


def test_a_name_like_none_has_a_nearest_one_too() -> None:
    assert nearest("zzz", BUILT_IN) in BUILT_IN
    assert nearest("", BUILT_IN) in BUILT_IN


def test_a_company_s_own_type_keeps_its_spelling() -> None:
    assert nearest("stock.lwo", [*BUILT_IN, "Stock.Low"]) == "Stock.Low"


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert nearest("invoice.paid", []) is None


@pytest.mark.parametrize("event_type", [*BUILT_IN, TEST_TYPE])
def test_every_type_has_a_sample_that_would_be_accepted(event_type: str) -> None:
    sample = sample_json(event_type)
    accepted = accept("any.type", sample, id=None, created_at=None, known=["any.type"], now=1776263520)
    assert accepted.data == sample
    assert isinstance(json.loads(body(accepted.id, event_type, accepted.created_at, sample)), dict)


def test_amounts_in_samples_keep_their_decimals() -> None:
    assert b'"total":2500.00,' in sample_json("invoice.paid")


def test_a_sample_of_another_type_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        sample_json("stock.low")


def test_the_catalogue_imports_no_difflib() -> None:
    code = (
        "import sys, hookconsole.events.accept;"
        "print(*sorted({'difflib', 'hmac', 'httpx', 'asyncio', 'json', 'textual'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "\n"
