"""The list of endpoints: order, filter, columns."""

from typing import Any

import pytest

from hookconsole.console import endpointrows
from hookconsole.console.cells import width_of
from hookconsole.console.endpointcolumns import (
    AGO,
    FAILS,
    GONE,
    HEALTH,
    LATE,
    NAME,
    P95,
    SUCCESS,
    WAITING,
    fitting,
    outcome,
)
from hookconsole.console.endpointrows import EndpointRows, matches
from hookconsole.observing.values import EndpointRow

NOW = 1_776_263_520.0


def row(name: str, health: Any = "ok", **fields: Any) -> EndpointRow:
    return EndpointRow(name, health, **fields)


def order(rows: EndpointRows) -> list[object]:
    return [rows.key(index) for index in range(len(rows))]


def mapping(*rows: EndpointRow) -> dict[str, EndpointRow]:
    return {one.name: one for one in rows}


ENDPOINTS = mapping(
    row("idle", "idle"),
    row("ok-b", delivered=99, attempts_failed=1, p95_ms=10.0),
    row("ok-a", delivered=50, attempts_failed=50, p95_ms=900.0, last_at=NOW - 5),
    row("late", waiting=2, overdue_since=NOW - 61),
    row("resting", "inactive"),
    row("sick", "failing", cause="status 503"),
    row("sick-with-backlog", "failing", waiting=300, overdue_since=NOW - 1),
    row("gone", "gone", waiting=7),
    row("waits", waiting=2, overdue_since=NOW - 59),
)


def rows_of(endpoints: dict[str, EndpointRow] = ENDPOINTS) -> EndpointRows:
    rows = EndpointRows()
    rows.take(endpoints, NOW)
    return rows


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock, in a list of one."""
    now = [1000.0]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(endpointrows, "time", Clock)
    return now


# Order


def test_trouble_is_on_top_the_rest_goes_by_name() -> None:
    assert order(rows_of()) == [
        *("sick-with-backlog", "sick", "gone", "late"),
        *("idle", "ok-a", "ok-b", "resting", "waits"),
    ]


def test_trouble_is_counted() -> None:
    ill = rows_of().ill
    assert (ill[FAILS], ill[GONE], ill[LATE]) == (2, 1, 1)


def test_a_little_more_that_waits_moves_no_row() -> None:
    one, other = row("a", "failing", waiting=40), row("b", "failing", waiting=41)
    assert order(rows_of(mapping(one, other))) == ["a", "b"]


def test_sorted_by_another_column_what_has_no_value_is_last_either_way() -> None:
    rows = rows_of()
    rows.sort(P95, reverse=False)
    assert order(rows)[:2] == ["ok-a", "ok-b"]
    rows.sort(P95, reverse=True)
    assert order(rows)[:2] == ["ok-b", "ok-a"]
    rows.sort(WAITING, reverse=False)
    assert order(rows)[:2] == ["sick-with-backlog", "gone"]
    rows.sort(SUCCESS, reverse=False)
    assert order(rows)[:2] == ["ok-a", "ok-b"]
    rows.sort(AGO, reverse=False)
    assert order(rows)[0] == "ok-a"
    rows.sort(NAME, reverse=True)
    assert order(rows)[0] == "waits"


def test_the_same_endpoints_are_put_in_order_once(seconds: list[float]) -> None:
    rows = EndpointRows()
    assert rows.take(ENDPOINTS, NOW)
    seconds[0] += 5
    assert not rows.take(ENDPOINTS, NOW + 5)
    assert rows.take(dict(ENDPOINTS), NOW + 5)


def test_changed_endpoints_change_places_once_a_second_but_say_what_is_new(seconds: list[float]) -> None:
    rows = EndpointRows()
    rows.take(mapping(row("a"), row("b")), NOW)
    worse = mapping(row("a"), row("b", "failing", waiting=77))
    assert not rows.take(worse, NOW + 0.5)
    assert order(rows) == ["a", "b"]
    assert "77" in text(rows, 1, 80)
    seconds[0] += 1
    assert rows.take(worse, NOW + 1)
    assert order(rows) == ["b", "a"]


def test_an_endpoint_that_left_between_two_orders_is_still_a_row(seconds: list[float]) -> None:
    rows = EndpointRows()
    rows.take(mapping(row("a"), row("b")), NOW)
    rows.take(mapping(row("a")), NOW)
    assert "? gone" in text(rows, 1, 80)


def test_a_row_is_found_by_its_name() -> None:
    rows = rows_of()
    assert all(rows.index(rows.key(index)) == index for index in range(len(rows)))
    assert rows.index("nobody") is None


# Filter


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("sick", ["sick-with-backlog", "sick"]),
        ("failing !backlog", ["sick"]),
        ("503", ["sick"]),
        ("OK !ok-a", ["late", "ok-b", "waits"]),
        ("nothing", []),
        ("!", []),
    ],
)
def test_filtered_by_words_of_which_all_must_hold(words: str, found: list[str]) -> None:
    rows = rows_of()
    rows.filter(words)
    assert order(rows) == found
    assert rows.total == len(ENDPOINTS)


def test_no_word_matches_all() -> None:
    assert matches(row("acme"), [])


# Columns


def text(rows: EndpointRows, index: int, width: int) -> str:
    return "".join(cell.text for cell in rows.line(index, width))


def titles(width: int) -> list[str]:
    return [shown.title for shown in fitting(width, 12)]


@pytest.mark.parametrize("width", [40, 58, 60, 78, 80, 112, 120, 138, 170, 198, 250])
def test_rows_stand_under_their_titles_and_in_the_width(width: int) -> None:
    rows = rows_of()
    assert width_of(rows.heading(width)) <= width
    assert {width_of(rows.line(index, width)) for index in range(len(rows))} == {
        width_of(rows.heading(width))
    }


def test_what_matters_most_is_shown_where_there_is_little_room() -> None:
    assert titles(40) == ["ENDPOINT", "HEALTH", "WAITING", "AGO"]
    assert titles(58) == ["ENDPOINT", "HEALTH", "LAST", "P95", "WAITING", "OVERDUE"]
    assert titles(78) == [
        *("ENDPOINT", "HEALTH", "LAST", "SUCCESS", "P95", "WAITING", "OVERDUE", "7 DAYS"),
    ]
    assert titles(198) == [
        *(
            "ENDPOINT",
            "HEALTH",
            "LAST",
            "SUCCESS",
            "P50",
            "P95",
            "WAITING",
            "OVERDUE",
            "AGO",
            "7 DAYS",
            "URL",
        ),
    ]


def test_a_title_says_what_is_sorted_by_and_which_way() -> None:
    rows = rows_of()
    assert "HEALTH▼" in "".join(cell.text for cell in rows.heading(80))
    for column, reverse, title in ((P95, False, "P95▼"), (P95, True, "P95▲"), (SUCCESS, False, "SUCCESS▲")):
        rows.sort(column, reverse=reverse)
        assert title in "".join(cell.text for cell in rows.heading(80))
    rows.sort(HEALTH, reverse=True)
    assert "HEALTH▲" in "".join(cell.text for cell in rows.heading(80))


def test_a_failing_endpoint_says_why_and_a_name_is_made_safe() -> None:
    rows = rows_of(mapping(row("a\x1b[2J", "failing", cause="status 503", overdue_since=NOW - 3600)))
    line = text(rows, 0, 78)
    assert "a\\x1b[2J" in line
    assert "✗ failing  503 " in line
    assert " 60m " in line


def test_an_endpoint_that_does_well_says_its_last_status() -> None:
    assert outcome(row("a", last_status=204)).text == "204"
    assert outcome(row("a")).text == "-"


def test_ten_thousand_are_looked_at_by_the_visible_row(
    monkeypatch: pytest.MonkeyPatch, seconds: list[float]
) -> None:
    many = {f"e{number}": row(f"e{number}") for number in range(10_000)}
    rows = rows_of(many)
    looked: list[str] = []
    monkeypatch.setattr(endpointrows, "matches", lambda one, _words: looked.append(one.name))
    monkeypatch.setattr(endpointrows, "sort_rows", lambda *_a, **_k: looked.append("sorted"))
    rows.take(dict(many), NOW)
    assert rows.index("e9999") is not None
    assert rows.line(9_999, 80)
    assert not looked
