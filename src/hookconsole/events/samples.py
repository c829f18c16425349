"""A realistic payload for each built-in type and the test event, as raw JSON.

Raw, because `data` is passed on as it was emitted: amounts such as 2500.00 keep their decimals.
"""

import msgspec

_SAMPLES: dict[str, str] = {
    "transaction.created": """{
        "id": "txn_48213", "company_id": "co_1207", "account": "1930", "booked_on": "2026-04-15",
        "amount": -349.00, "currency": "SEK", "text": "KORTKÖP CLAS OHLSON 4411",
        "counterparty": "Clas Ohlson AB", "source": "bank_feed", "status": "unclassified"
    }""",
    "transaction.classified": """{
        "id": "txn_48213", "company_id": "co_1207", "amount": -349.00, "currency": "SEK",
        "account": {"number": "5410", "name": "Consumables"},
        "vat": {"code": "MP1", "rate": 0.25, "amount": -69.80},
        "classified_by": "rule", "rule_id": "rul_88", "confidence": 0.97
    }""",
    "invoice.created": """{
        "id": "inv_20931", "company_id": "co_1207", "number": null, "status": "draft",
        "customer": {"id": "cus_311", "name": "Nordvik Bygg AS", "country": "NO"},
        "currency": "EUR", "net": 2000.00, "vat": 500.00, "total": 2500.00,
        "issued_on": null, "due_on": null,
        "lines": [
            {"text": "Site survey", "quantity": 8, "unit": "h", "unit_price": 125.00, "net": 1000.00},
            {"text": "Drawings, rev. B", "quantity": 1, "unit": "pcs", "unit_price": 1000.00, "net": 1000.00}
        ]
    }""",
    "invoice.sent": """{
        "id": "inv_20931", "company_id": "co_1207", "number": "2026-0042", "status": "sent",
        "customer": {"id": "cus_311", "name": "Nordvik Bygg AS", "country": "NO"},
        "currency": "EUR", "total": 2500.00, "balance": 2500.00,
        "issued_on": "2026-04-01", "due_on": "2026-05-01",
        "delivery": {"channel": "peppol", "to": "0192:987654325"}
    }""",
    "invoice.paid": """{
        "id": "inv_20931", "company_id": "co_1207", "number": "2026-0042", "status": "paid",
        "customer": {"id": "cus_311", "name": "Nordvik Bygg AS", "country": "NO"},
        "currency": "EUR", "total": 2500.00, "balance": 0.00,
        "issued_on": "2026-04-01", "due_on": "2026-05-01", "paid_on": "2026-04-15",
        "payments": [
            {"id": "pay_7719", "amount": 2500.00, "method": "bank_transfer", "reference": "RF18539007547034"}
        ]
    }""",
    "invoice.overdue": """{
        "id": "inv_20877", "company_id": "co_1207", "number": "2026-0017", "status": "overdue",
        "customer": {"id": "cus_298", "name": "Café Lumière SARL", "country": "FR"},
        "currency": "EUR", "total": 1180.50, "balance": 680.50,
        "issued_on": "2026-03-02", "due_on": "2026-04-01", "days_overdue": 14, "reminders_sent": 1
    }""",
    "payroll.run_finalised": """{
        "id": "prn_0326", "company_id": "co_1207", "period": "2026-03", "pay_date": "2026-03-25",
        "currency": "SEK", "employees": 14, "gross": 512340.00, "tax_withheld": 148580.00,
        "employer_contributions": 160977.23, "net": 363760.00, "finalised_by": "usr_17"
    }""",
    "vat.return_filed": """{
        "id": "vat_2026q1", "company_id": "co_1207", "authority": "Skatteverket",
        "period": {"from": "2026-01-01", "to": "2026-03-31"}, "currency": "SEK",
        "output_vat": 284310.00, "input_vat": 97422.00, "payable": 186888.00,
        "filed_at": "2026-04-12T09:41:07Z", "receipt": "SKV-4711-20260412", "payment_due_on": "2026-05-12"
    }""",
    "bank_feed.error": """{
        "feed_id": "feed_52", "company_id": "co_1207", "bank": "Nordea", "account": "1930",
        "error": {"code": "consent_expired", "message": "The bank's consent expired after 180 days"},
        "failed_at": "2026-04-15T04:00:12Z", "last_synced_at": "2026-04-14T04:00:09Z",
        "action": "renew_consent"
    }""",
    "bank_feed.synced": """{
        "feed_id": "feed_52", "company_id": "co_1207", "bank": "Nordea", "account": "1930",
        "currency": "SEK", "imported": 37, "duplicates": 2, "from": "2026-04-14", "to": "2026-04-15",
        "closing_balance": 1284530.55, "synced_at": "2026-04-15T04:00:09Z"
    }""",
    "company.year_end_closed": """{
        "company_id": "co_1207", "name": "Björk & Söner AB", "currency": "SEK",
        "fiscal_year": {"from": "2025-01-01", "to": "2025-12-31"},
        "revenue": 18420110.00, "result_before_tax": 1204388.40, "result": 956284.40,
        "balance_sheet_total": 9377105.12, "closed_at": "2026-04-15T14:32:00+02:00", "closed_by": "usr_3"
    }""",
    "webhook.test": """{
        "message": "This is a test from hookconsole. Answer with any 2xx; there is nothing else to do."
    }""",
}


def sample_json(event_type: str) -> bytes:
    """The compact JSON of a built-in type's or the test event's sample; KeyError for other types."""
    return msgspec.json.format(_SAMPLES[event_type].encode(), indent=-1)
