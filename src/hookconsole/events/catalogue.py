"""The event types that every hookconsole knows; `[event_types]` of the config adds a company's own.

Nothing is imported at the top: `hookconsole emit` pays for this module on every call.
"""

from collections.abc import Iterable

TEST_TYPE = "webhook.test"
"""The test event's type: never emitted by hand, matched by no pattern, out of health and replay."""

BUILT_IN = {
    "transaction.created": "A transaction was entered or imported into the ledger",
    "transaction.classified": "A transaction was given its account and VAT code",
    "invoice.created": "An invoice was drafted",
    "invoice.sent": "An invoice was sent to the customer",
    "invoice.paid": "An invoice was paid in full",
    "invoice.overdue": "An invoice passed its due date without being paid in full",
    "payroll.run_finalised": "A payroll run was finalised and its payslips were issued",
    "vat.return_filed": "A VAT return was filed with the tax authority",
    "bank_feed.error": "A bank feed could not be read from the bank",
    "bank_feed.synced": "A bank feed was read from the bank and its lines were imported",
    "company.year_end_closed": "A company's financial year was closed",
}
"""Each built-in type with what it says, in one line."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`; None if nothing is known."""
    import difflib

    # Ratios are taken on lower case, and on so much of a hostile megabyte as could be a name.
    lowered = {candidate.lower(): candidate for candidate in known}
    best = difflib.get_close_matches(name[:100].lower(), lowered, n=1, cutoff=0.0)
    return lowered[best[0]] if best else None
