"""The demo's verdict, over deliveries and counts made by hand."""

import msgspec
import pytest
from msgspec import UNSET

from hookconsole.config.model import Config, Endpoint, SecretSource
from hookconsole.demo.receiver import Counts
from hookconsole.demo.report import Report, report
from hookconsole.journal.deliveries import Delivery, State
from hookconsole.journal.history import Entry
from hookconsole.journal.records import Attempt, Event, Outcome

AT = "2026-04-15T14:32:00.000000Z"
SECRET = SecretSource("inline", "s")
CONFIG = Config(
    endpoints={
        "all": Endpoint(name="all", url="http://h/", events=("*",), secret=SECRET),
        "vat": Endpoint(name="vat", url="http://h/", events=("vat.*",), secret=SECRET),
    }
)
ACCEPTED = {"evt_1": "invoice.paid", "evt_2": "vat.return_filed"}


def attempt(
    outcome: Outcome, *, error: str | None = None, ms: float = 1.0, number: int = 1, resent: bool = False
) -> Attempt:
    return Attempt(
        AT,
        event="evt_1",
        endpoint="all",
        attempt=number,
        trigger="event" if number == 1 else "retry",
        outcome=outcome,
        status=None if error else 200,
        error=error,
        error_detail=None,
        duration_ms=ms,
        timings_ms={},
        remote=None,
        next_attempt_at=None,
        response=None,
        resent=resent or UNSET,
    )


def entry(event: str, endpoint: str, state: State, *attempts: Attempt) -> Entry:
    record = Event(
        AT, event=event, type=ACCEPTED[event], created_at=AT, data=msgspec.Raw(b"{}"), source="api"
    )
    delivery = Delivery(event, endpoint, 1, 0)
    delivery.state = state
    made = Entry(record, delivery)
    made.attempts = list(attempts)
    return made


def well() -> list[Entry]:
    return [
        entry("evt_1", "all", "delivered", attempt("delivered", ms=10)),
        entry("evt_2", "all", "delivered", attempt("delivered", ms=30)),
        entry(
            "evt_2",
            "vat",
            "delivered",
            attempt("retrying", error="reset", ms=20, resent=True),
            attempt("delivered", number=2, ms=40),
        ),
    ]


WELL = {"all": Counts(2, 2, 0, 2), "vat": Counts(3, 3, 0, 1)}


def test_what_went_well_is_counted() -> None:
    found = report(ACCEPTED, CONFIG, well(), WELL)
    assert found.succeeded
    assert found.differences == []
    assert (found.accepted, found.requests, found.answered) == (2, 5, 3)
    assert [line.name for line in found.lines] == ["all", "vat"]
    assert found.lines[0][1:] == (2, 2, 2, 0, 2, 0, 30)
    assert found.lines[1][1:] == (1, 2, 1, 0, 3, 0, 40)
    assert found.total[1:] == (2, 4, 3, 0, 5, 0, 40)


def test_a_final_failure_is_an_end_too() -> None:
    entries = well()
    entries[2] = entry("evt_2", "vat", "failed", attempt("failed", error="timeout"))
    found = report(ACCEPTED, CONFIG, entries, WELL | {"vat": Counts(1, 1, 0, 0)})
    assert found.succeeded
    assert found.differences == []
    assert (found.total.delivered, found.total.failed) == (2, 1)


@pytest.mark.parametrize("state", ["pending", "sending", "retrying"])
def test_a_delivery_without_its_end_is_a_failure(state: State) -> None:
    entries = [*well()[:2], entry("evt_2", "vat", state)]
    found = report(ACCEPTED, CONFIG, entries, WELL)
    assert found.incomplete == 1
    assert not found.succeeded


def test_another_shell_may_emit_too_and_its_deliveries_must_end() -> None:
    accepted = {"evt_2": ACCEPTED["evt_2"]}
    entries = well()
    assert report(accepted, CONFIG, entries, WELL).succeeded
    entries[0].delivery.state = "retrying"
    assert report(accepted, CONFIG, entries, WELL).incomplete == 1


def test_a_delivery_that_was_never_made_is_a_failure() -> None:
    found = report(ACCEPTED, CONFIG, well()[:2], WELL)
    assert found.incomplete == 1
    assert not found.succeeded


def test_a_wrong_signature_is_a_failure() -> None:
    found = report(ACCEPTED, CONFIG, well(), WELL | {"all": Counts(2, 1, 1, 2)})
    assert found.total.wrong == 1
    assert not found.succeeded


@pytest.mark.parametrize("counts", [Counts(4, 4, 0, 1), Counts(2, 2, 0, 1), Counts(3, 3, 0, 0)])
def test_the_two_views_are_compared(counts: Counts) -> None:
    found = report(ACCEPTED, CONFIG, well(), WELL | {"vat": counts})
    assert found.differences == [
        "vat: the journal has 3 requests and 1 events delivered,"
        f" the receiver {counts.received} and {counts.answered}"
    ]


@pytest.mark.parametrize("error", ["dns", "connect", "tls", "blocked", "config"])
def test_what_never_left_is_not_expected_at_the_receiver(error: str) -> None:
    entries = well()
    entries[0].attempts.insert(0, attempt("retrying", error=error))
    assert report(ACCEPTED, CONFIG, entries, WELL).differences == []


def test_nothing_at_all_has_no_durations() -> None:
    found: Report = report({}, CONFIG, [], {})
    assert found.succeeded
    assert found.total.p95_ms is None
