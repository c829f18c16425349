"""Lines of a story: how a delivery stands in words, bodies, and lines broken to a width."""

from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from watching_hub import NOW

from hookconsole.console.cells import Cell, Line, width_of
from hookconsole.console.difference import differences
from hookconsole.console.jsontext import CHARACTERS_AT_MOST, LINES_AT_MOST, body_lines
from hookconsole.console.story import ANSWER_LINES_AT_MOST, attempt_lines, head, plain, story
from hookconsole.console.wrapping import wrapped
from hookconsole.observing.detail import AttemptDetail, DeliveryDetail, Happening
from hookconsole.observing.request import Header, Request
from hookconsole.observing.values import Key

ATTEMPT = AttemptDetail(
    number=2,
    trigger="retry",
    at=NOW - 60,
    outcome="failed",
    status=503,
    error=None,
    error_detail="",
    duration_ms=44.0,
    timings={"dns": 2.0, "connect": 10.0, "tls": 20.0, "first_byte": 8.0},
    remote="203.0.113.7:443",
    resent=False,
    next_at=None,
    headers={},
    body="",
    truncated=False,
)

DETAIL = DeliveryDetail(
    key=Key("evt_1", "acme"),
    type="invoice.paid",
    source="cli",
    created_at="2026-04-15T14:00:00Z",
    accepted=NOW - 90,
    state="failed",
    why="status 503",
    next_at=None,
    began=None,
    steps=(ATTEMPT,),
    body=b"{}",
    request=Request(
        "https://acme.example/", "https://acme.example/", False, (Header("Host", "acme"),), b"{}"
    ),
    signed_at=NOW - 60,
    changed=False,
    not_sent={},
)


DELIVERED = replace(ATTEMPT, outcome="delivered", status=200)
PAUSED = replace(ATTEMPT, status=None, error="config", error_detail="no secret")
NEXT, BECAUSE = "↻ retrying  next attempt", "  because: status 503"


@pytest.mark.parametrize(
    ("state", "fields", "says"),
    [
        ("failed", {}, "✗ failed  status 503; no attempt is left, retry sends it again"),
        ("delivered", {"steps": (DELIVERED,)}, "● delivered  at attempt 2, in 44 ms"),
        ("skipped", {"why": "off"}, "‖ skipped  off; when it is on, retry sends it"),
        ("canceled", {"why": "by ann"}, "- canceled  by ann; retry sends it again"),
        ("held", {"why": "its endpoint is gone"}, "? held  its endpoint is gone"),
        ("pending", {"why": ""}, "· pending  waits for its turn"),
        ("sending", {"began": NOW - 3, "steps": ()}, "→ sending  since 3s"),
        ("retrying", {"next_at": NOW + 3600}, f"{NEXT} in 60m, at 15:32:00{BECAUSE}"),
        ("retrying", {"next_at": NOW + 0.4}, f"{NEXT} in 1s, at 14:32:00{BECAUSE}"),
        ("retrying", {"next_at": NOW - 0.5}, f"{NEXT} due now{BECAUSE}"),
        ("retrying", {"steps": (PAUSED,)}, f"{NEXT} when that is mended  because: config: no secret"),
    ],
)
def test_how_it_stands_and_what_can_be_done(state: str, fields: dict[str, Any], says: str) -> None:
    assert plain(head(replace(DETAIL, state=state, **fields), NOW)).splitlines() == [
        "evt_1  invoice.paid → acme",
        says,
    ]


def test_an_attempt_says_where_its_time_went() -> None:
    lines = plain(attempt_lines(replace(ATTEMPT, next_at=NOW, resent=True), NOW)).splitlines()
    assert lines == [
        "  2  14:31:00  retry   ✗ failed  503  44 ms  next after 60 s",
        "     ░ dns 2.0 ms  ▒ connect 10 ms  ▓ tls 20 ms  █ first byte 8.0 ms  ░▒▒▒▒▒▒▓▓▓▓▓▓▓▓▓▓▓▓█████",
        "     to 203.0.113.7:443, sent twice: the kept connection had died",
        "     (no body)",
    ]


def test_an_answer_that_was_cut_says_so() -> None:
    assert "wasn't kept" in plain(attempt_lines(replace(ATTEMPT, body="x", truncated=True), NOW))


def test_it_is_said_when_the_request_may_have_been_another() -> None:
    assert "may have changed since 14:31:00" in plain(story(replace(DETAIL, changed=True), NOW))
    assert "may have changed" not in plain(story(DETAIL, NOW))
    assert "it can't be made now: no secret" in plain(story(replace(DETAIL, request="no secret"), NOW))


def test_the_page_is_bounded_and_the_pager_has_all() -> None:
    steps = tuple(replace(ATTEMPT, number=number) for number in range(1, 501))
    not_sent = {f"endpoint-{number}": "not subscribed" for number in range(5000)}
    detail = replace(DETAIL, steps=(Happening(NOW - 99, "taken in"), *steps), not_sent=not_sent)
    shown = plain(story(detail, NOW))
    assert len(shown.splitlines()) < 300
    assert "… and 461 older ones: see the pager" in shown
    assert "… and 4,950 more: see the pager" in shown
    whole = plain(story(detail, NOW, whole=True))
    assert "endpoint-4999" in whole
    assert "taken in" in whole
    assert whole.count("✗ failed") == 500


def test_an_answer_takes_a_few_screens_of_the_page_at_most() -> None:
    steps = tuple(replace(ATTEMPT, number=number, body="\n" * 4096) for number in range(1, 41))
    lines = list(story(replace(DETAIL, steps=steps), NOW))
    assert len(lines) < 40 * (ANSWER_LINES_AT_MOST + 10)
    assert "… and 3,897 lines more" in plain(lines)
    assert plain(story(replace(DETAIL, steps=steps), NOW, whole=True)).count("│") == 40 * 4097 + 1


NASTY = "\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202egnp\r\t\0"


@pytest.mark.parametrize("whole", [False, True])
def test_every_text_from_outside_is_made_safe(whole: bool) -> None:
    request = Request(NASTY, NASTY, False, (Header(NASTY, NASTY),), NASTY.encode())
    attempt = replace(
        ATTEMPT,
        trigger="event",
        error=NASTY,
        error_detail=NASTY,
        remote=NASTY,
        headers={NASTY: NASTY},
        body=NASTY,
    )
    detail = replace(
        DETAIL,
        key=Key(NASTY, NASTY),
        type=NASTY,
        source=NASTY,
        created_at=NASTY,
        why=NASTY,
        steps=(Happening(NOW, NASTY), attempt, replace(attempt, error=None)),
        body=NASTY.encode(),
        not_sent={NASTY: NASTY},
    )
    for state in ("failed", "held", "retrying", "canceled", "skipped", "sending"):
        for made in (NASTY, request):
            standing = replace(detail, state=state, request=made)
            lines = [*head(standing, NOW), *story(standing, NOW, whole=whole)]
            assert all(cell.text.isprintable() for line in lines for cell in line)
    lines = list(differences(attempt, replace(attempt, body="x", remote=""), NOW, 80))
    assert all(cell.text.isprintable() for line in lines for cell in line)


# Bodies


def body_text(body: bytes | str, *, whole: bool = False) -> list[str]:
    return plain(body_lines(body, whole=whole)).splitlines()


def test_numbers_and_order_stay_as_they_came() -> None:
    body = b'{"b":2500.00,"a":[1e400,-0.0,123456789012345678901234567890],"c":"\\u0041"}'
    assert "".join(line.strip() for line in body_text(body)).replace(": ", ":").encode() == body


def test_json_is_coloured_and_nothing_of_it_is_lost() -> None:
    (_, line, _) = body_lines(b'{"a \\" b":[]}')
    assert [cell.tone for cell in line if cell.text.strip()] == ["accent", "plain"]
    (_, line, _) = body_lines(b'{"a":-1.50}')
    assert ("-1.50", "warn") in [tuple(cell) for cell in line]


@pytest.mark.parametrize("text", ['\\"' * 900, "x" + "\\n" * 900, "a" * 2000])
def test_a_string_that_is_cut_off_is_one_to_its_end(text: str) -> None:
    # Looked at again from each quote in it, a page of such lines took seconds.
    (_, line, _) = body_lines(f'["{text}"]')
    spaces, string = line
    assert (spaces.text.strip(), string.tone) == ("", "good")
    assert len(string.text) > CHARACTERS_AT_MOST - 10


@pytest.mark.parametrize("body", ["plain text", "<html>", "", "{broken", '{"a":1} trailing', "\ufeff{}"])
def test_what_isnt_json_is_shown_as_it_is(body: str) -> None:
    assert body_text(body) == ["\\ufeff{}" if body.startswith("\ufeff") else body]


@pytest.mark.parametrize("body", [b"\n" * 1_000_000, b"[" + b"1," * 100_000 + b"1]", b"x" * 1_000_000])
def test_any_body_is_cut_to_what_can_be_shown(body: bytes) -> None:
    lines = list(body_lines(body))
    assert len(lines) <= LINES_AT_MOST + 1
    assert all(len(cell.text) <= CHARACTERS_AT_MOST for line in lines for cell in line)


def test_bytes_that_are_no_text_are_shown_as_escapes() -> None:
    assert body_text(b"\xff\x9b\x00a\r\nb") == ["\\xff\\x9b\\x00a", "b"]


# Differences


def test_what_differs_is_marked_and_bodies_are_compared_by_lines() -> None:
    new = replace(ATTEMPT, number=3, status=500, headers={"server": "nginx"}, body='{"a":1,"b":2}')
    old = replace(ATTEMPT, headers={"server": "nginx"}, body='{"a":1,"b":3}')
    lines = plain(differences(old, new, NOW, 78)).splitlines()
    assert "≠ status" in " ".join(next(line for line in lines if "500" in line).split())
    assert not next(line for line in lines if "nginx" in line).startswith("≠")
    assert [line.strip() for line in lines if line.startswith(("  +", "  -"))] == ['-  "b": 3', '+  "b": 2']
    assert all(cell_len(line) <= 78 for line in lines)


# Width


@pytest.mark.parametrize("width", [1, 2, 7, 20, 60])
@pytest.mark.parametrize(
    "line",
    [
        [Cell("word " * 30)],
        [Cell("     "), Cell("name: ", "dim"), Cell("x" * 200)],
        [Cell("漢字" * 40, "bad")],
        [Cell("a"), Cell("漢" * 9), Cell(" "), Cell("b" * 50)],
        [Cell("e\u0301" * 90)],
        [Cell(" " * 90)],
    ],
)
def test_pieces_of_a_line_fit_and_lose_nothing(line: Line, width: int) -> None:
    pieces = list(wrapped(line, width))
    if width > 2:
        assert all(width_of(piece) <= width for piece in pieces)
    assert "".join(plain(pieces).split()) == "".join(plain([line]).split())


def test_what_goes_on_is_set_in_and_broken_at_spaces() -> None:
    pieces = wrapped([Cell("     to "), Cell("somewhere very far away indeed", "warn")], 24)
    assert plain(pieces).splitlines() == ["     to somewhere very", "       far away indeed"]
