"""What a bulk retry takes, in words."""

from hookconsole.observing.bulk import chosen_text


def test_a_choice_is_told_in_words() -> None:
    chosen = {
        "endpoint": "acme",
        "states": ["failed", "skipped"],
        "types": ["invoice.*", "payroll.run"],
        "since": "2026-04-15T14:32:00.123456Z",
        "until": "2026-04-15T15:00:00.000000Z",
    }
    assert chosen_text(chosen) == (
        "acme failed, skipped invoice.*, payroll.run since 2026-04-15T14:32:00Z until 2026-04-15T15:00:00Z"
    )
    assert chosen_text({"endpoint": None, "states": ["failed"], "types": [], "until": None}) == (
        "all endpoints failed"
    )
    assert chosen_text({}) == "all endpoints"
