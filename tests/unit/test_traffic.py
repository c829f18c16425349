"""The demo's traffic: every type, believable data, the same for the same seed."""

import re
from collections import Counter
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from hookconsole.demo.store import ROLES
from hookconsole.demo.traffic import CARDS, WAIT_SECONDS, Happening, traffic
from hookconsole.events.catalogue import BUILT_IN
from hookconsole.events.samples import sample_json

ROUND = sum(CARDS.values())

decode = msgspec.json.Decoder(float_hook=Decimal).decode


def happenings(count: int = 10 * ROUND, seed: int = 1) -> list[Happening]:
    return list(islice(traffic(seed), count))


def of_type(event_type: str) -> list[Any]:
    return [decode(happening.data) for happening in happenings() if happening.type == event_type]


def test_the_same_seed_makes_the_same_traffic() -> None:
    assert happenings() == happenings()
    assert happenings() != happenings(seed=2)


def test_every_type_comes_in_every_round() -> None:
    assert set(CARDS) == set(BUILT_IN)
    seen = happenings()
    for start in range(0, len(seen), ROUND):
        assert Counter(happening.type for happening in seen[start : start + ROUND]) == CARDS


def test_types_come_in_no_fixed_order() -> None:
    seen = [happening.type for happening in happenings()]
    assert seen[:ROUND] != seen[ROUND : 2 * ROUND]


def test_five_to_ten_events_come_a_second() -> None:
    waits = [happening.wait for happening in happenings()]
    assert WAIT_SECONDS[0] <= min(waits) < max(waits) <= WAIT_SECONDS[1]
    assert (1 / WAIT_SECONDS[1], 1 / WAIT_SECONDS[0]) == (5, 10)


def test_data_varies_and_keeps_the_shape_of_the_sample() -> None:
    for event_type in BUILT_IN:
        datas = of_type(event_type)
        assert len({str(data) for data in datas}) > len(datas) / 2
        assert {tuple(data) for data in datas} == {tuple(decode(sample_json(event_type)))}


def test_amounts_still_add_up() -> None:
    for invoice in of_type("invoice.created"):
        assert invoice["net"] + invoice["vat"] == invoice["total"]
        assert sum(line["net"] for line in invoice["lines"]) == invoice["net"]
        assert all(line["quantity"] * line["unit_price"] == line["net"] for line in invoice["lines"])
    for filed in of_type("vat.return_filed"):
        assert filed["output_vat"] - filed["input_vat"] == filed["payable"]


def test_shares_are_not_amounts() -> None:
    for transaction in of_type("transaction.classified"):
        assert transaction["vat"]["rate"] == Decimal("0.25")
        assert 0 < transaction["confidence"] < 1


def test_ids_stay_ids_and_dates_stay_dates() -> None:
    for paid in of_type("invoice.paid"):
        assert re.fullmatch(r"inv_\d{5}", paid["id"])
        assert re.fullmatch(r"2026-\d{4}", paid["number"])
        assert paid["paid_on"] == "2026-04-15"
    assert {run["period"] for run in of_type("payroll.run_finalised")} == {"2026-03"}
    assert len({paid["id"] for paid in of_type("invoice.paid")}) > 20


def test_amounts_keep_their_decimals() -> None:
    data = next(happening.data for happening in happenings() if happening.type == "invoice.paid")
    assert re.search(rb'"total":\d+\.\d\d,', data)
    assert b" " not in data.split(b'"name"')[0]


def test_every_type_has_an_endpoint_beside_the_one_that_gets_all() -> None:
    patterns = [pattern for role in ROLES.values() for pattern in role.events if pattern != "*"]
    families = {pattern.removesuffix(".*") for pattern in patterns}
    assert all(event_type.partition(".")[0] in families for event_type in BUILT_IN)
    assert [name for name, role in ROLES.items() if role.events == ("*",)] == ["acme-erp"]
