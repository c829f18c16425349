"""What is said of one endpoint, as text."""

from typing import Any

import pytest

from hookconsole.console.cells import width_of
from hookconsole.console.endpointpage import Told, about
from hookconsole.journal import records as r
from hookconsole.observing.standing import Settings
from hookconsole.observing.values import EndpointRow

NOW = 1_776_263_520.0
HOSTILE = "\x1b[2J\u202e[@click=app.quit]x[/]"
VIEW: dict[str, Any] = {
    "name": "acme",
    "url": "https://acme.example/hooks?***",
    "events": ["invoice.*", "payroll.run_finalised"],
    "active": True,
    "description": "",
    "timeout_seconds": 10,
    "retry_schedule": [1, 2.5],
    "endpoint_concurrency": 8,
    "headers": {"X-Tenant": "***"},
    "ca_file": None,
}


def row(health: Any = "failing", **fields: Any) -> EndpointRow:
    known: dict[str, Any] = {"cause": "status 503", "last_status": 503, "waiting": 12, "delivered": 9}
    known |= {"volume": (4,) * 28, "failures": (0,) * 27 + (4,), "p95_ms": 180.0, "p50_ms": 41.0}
    return EndpointRow("acme", health, **(known | fields))


def failure(body: str | None = "out of paper", **fields: Any) -> r.Attempt:
    known: dict[str, Any] = {"event": "evt_1", "endpoint": "acme", "attempt": 3, "trigger": "retry"}
    known |= {"outcome": "retrying", "status": 503, "error": None, "error_detail": None, "duration_ms": 44.0}
    known |= {"timings_ms": {}, "remote": None, "next_attempt_at": None, "response": None}
    if body is not None:
        known["response"] = r.Response(headers={}, body=body, truncated=False)
    return r.Attempt("2026-04-15T14:31:00.000000Z", **(known | fields))


def page(found: EndpointRow | None, told: Told = Told(), width: int = 78) -> str:  # noqa: B008  a value
    lines = about("acme", found, told, NOW, width)
    assert max(map(width_of, lines)) <= width
    return "\n".join("".join(cell.text for cell in line).rstrip() for line in lines)


def told(**fields: Any) -> Told:
    return Told(Settings(VIEW, ""), (), failure(), True)._replace(**fields)


@pytest.mark.parametrize("width", [40, 58, 62, 78, 118, 198])
def test_why_it_fails_is_said_first_with_what_the_receiver_said(width: int) -> None:
    lines = page(row(detail="see the manual"), told(), width).splitlines()
    assert lines[0].startswith("acme  ✗ failing")
    assert lines[1] == "✗ status 503  see the manual"
    assert lines[2] == "  attempt 3 of evt_1, 44 ms, 1m ago"
    assert lines[3] == "  │ out of paper"


def test_until_the_answer_is_read_that_is_said() -> None:
    assert "reading what it answered" in page(row(), Told())
    assert "reading" not in page(row(), told())


def test_an_answer_without_a_body_is_one() -> None:
    assert "it answered without a body" in page(row(), told(failure=failure("  \n")))


def test_no_answer_is_none() -> None:
    text = page(
        row(cause="timeout", last_status=None), told(failure=failure(None, status=None, error="timeout"))
    )
    assert "✗ timeout" in text
    assert "│" not in text


def test_a_long_answer_is_cut_to_a_few_lines() -> None:
    text = page(row(), told(failure=failure('{"a":\n\n' + "word " * 900)))
    assert text.count("│") == 3
    assert '│ {"a": word word' in text
    assert "…" in text


def test_a_healthy_endpoint_has_no_old_failure() -> None:
    assert "paper" not in page(row("ok", cause=""), told())


def test_settings_are_said_in_words_and_masked() -> None:
    text = page(row(), told(), 118)
    for part in (
        *("https://acme.example/hooks?***", "invoice.*, payroll.run_finalised", "10 s, 8 at once"),
        *("1, 2.5 s later", "X-Tenant: ***"),
    ):
        assert part in text
    assert "active" not in text
    off = page(row("inactive"), told(settings=Settings(VIEW | {"active": False, "retry_schedule": []}, "")))
    assert "nothing is sent to it" in off
    assert "retries  none" in off


def test_where_a_secret_is_from_and_until_when_the_old_one_signs() -> None:
    more = {"secret_env": "ACME", "previous_secret_until": "2026-04-16T14:00:00Z"}
    text = page(row(), told(settings=Settings(VIEW | more, "")), 118)
    assert "from ACME" in text
    assert "the old secret signs until 2026-04-16T14:00:00Z" in text


def test_a_refused_file_is_said_in_place_of_settings() -> None:
    assert "line 3: what?" in page(row(), told(settings=Settings({}, "line 3: what?")))


def test_the_week_is_drawn_as_volume_and_share() -> None:
    text = page(row(), told(), 58)
    assert "attempts " + "▇" * 27 + "✗ 112" in text
    assert "success  " + "▇" * 27 + "✗ 96.4%" in text


def test_the_day_is_drawn_as_latency() -> None:
    hours = (None,) * 22 + (100.0, 200.0)
    assert "p95" + " " * 32 + "▄▇ 180 ms" in page(row(), told(latency=hours), 58)


def test_an_endpoint_that_is_gone_has_a_page_too() -> None:
    text = page(None, Told(Settings({}, "it isn't in the registry")))
    assert "no such endpoint" in text
    assert "it isn't in the registry" in text


def test_text_from_outside_is_shown_as_text() -> None:
    hostile = VIEW | {
        "url": HOSTILE,
        "events": [HOSTILE],
        "description": HOSTILE,
        "headers": {HOSTILE: "***"},
    }
    found = row(cause=HOSTILE, detail=HOSTILE)
    for width in (58, 118):
        text = page(
            found, told(settings=Settings(hostile, ""), failure=failure(HOSTILE, event=HOSTILE)), width
        )
        assert not any(character in text for character in "\x1b\u202e")
        assert "[@click=app.quit]x[/]" in text
