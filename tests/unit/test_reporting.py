"""What the log says of attempts: where an endpoint begins and ceases to fail; a test is out of that."""

import pytest

from hookconsole.delivery.reporting import Reporter
from support import attempt


def test_a_test_that_fails_has_its_own_line_and_says_nothing_of_the_endpoint(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("WARNING")
    reporter = Reporter()
    reporter.ended(attempt("t", "acme", "failed", test=True))
    reporter.ended(attempt("a", "acme", "retrying"))
    reporter.ended(attempt("t2", "acme", test=True))
    reporter.ended(attempt("a", "acme", "failed", 2))
    reporter.ended(attempt("b", "acme"))
    assert [record.getMessage() for record in caplog.records] == [
        "acme: its test failed: status 503",
        "acme fails: status 503 (event a, attempt 1)",
        "acme: event a failed for good: status 503",
        "acme answers again",
    ]
