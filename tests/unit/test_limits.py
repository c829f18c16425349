"""The table of limits in docs/security.md is whole, and each row has the code's figure.

Each is tried at its edge and past it, here or by the test that is named.
"""

import re
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx
import pytest
from documents import ROOT, read
from judging import endpoint

from hookconsole import text
from hookconsole.cli import emit, listener, verify
from hookconsole.clock import parse_since
from hookconsole.config import edit, event_types, file, headers, schema, secrets
from hookconsole.config import endpoint as endpoints
from hookconsole.config.schema import InvalidConfigError, validate
from hookconsole.console.dialogs import field
from hookconsole.console.widgets import rowlist
from hookconsole.delivery import attempt, retry
from hookconsole.delivery.masking import Private
from hookconsole.errors import HookconsoleError
from hookconsole.events import accept
from hookconsole.ids import is_event_id
from hookconsole.journal import line, reading
from hookconsole.network import connection, errors, response, tls, url
from hookconsole.observing import feed, filter  # noqa: A004
from hookconsole.operating import replaying


class Edge(NamedTuple):
    """`takes` says of a size whether it is taken as it is: `at` is, `past` isn't."""

    takes: Callable[[Any], bool]
    at: float
    past: float


class Limit(NamedTuple):
    """A row of the table: its figure, and its edges or the test that tries them, as `file::name`."""

    figure: str
    tried: list[Edge] | str


def up_to(at: int, takes: Callable[[Any], bool]) -> Edge:
    return Edge(takes, at, at + 1)


def is_valid(document: dict[str, Any]) -> bool:
    try:
        validate(document, "/")
    except InvalidConfigError:
        return False
    return True


def of_endpoint(key: str, value: Callable[[Any], object], **others: object) -> Callable[[Any], bool]:
    return lambda size: is_valid({"endpoints": {"a": endpoint(**{**others, key: value(size)})}})


def of_section(section: str, key: str, value: Callable[[Any], object]) -> Callable[[Any], bool]:
    return lambda size: is_valid({section: {key: value(size)}})


def itself(size: float) -> float:
    return size


def words(count: int) -> str:
    return "x" * count


def keys(count: int, value: str = "1") -> dict[str, str]:
    return {f"x{number}": value for number in range(count)}


def is_accepted(data: bytes) -> bool:
    try:
        accept.accept("a", data, id=None, created_at=None, known=["a"], now=0.0)
    except HookconsoleError:
        return False
    return True


def is_filter(size: int) -> bool:
    try:
        return bool(filter.Filter.parse(words(size)))
    except HookconsoleError:
        return False


def are_authorities(size: int) -> bool:
    with tempfile.NamedTemporaryFile() as made:
        made.truncate(size)
        try:
            return bool(tls._signature(made.name))
        except ValueError:
            return False


def is_line(size: int) -> bool:
    with tempfile.TemporaryFile() as made:
        made.write(b"x" * (size - 1) + b"\n")
        made.flush()
        forward = list(reading.lines_forward(made.fileno(), 0))
        assert forward == list(reading.lines_backward(made.fileno(), size))
        return bool(forward)


def are_headers_kept(size: int) -> bool:
    return "x" in attempt._kept(httpx.Response(200, headers={"x": "v" * (size - 1)}), Private()).headers


def counts_as_given(year: int) -> bool:
    given = parse_since(f"{year:04}-01-01T00:00:00Z", 0.0)
    return given == (year - 1970) * 365.2425 * 86_400 if year <= 1970 else given > 0


def kib(count: int) -> str:
    return f"{count >> 10} KiB"


def mib(count: int) -> str:
    return f"{count >> 20} MiB"


SECOND = 1 / 86_400
URL = "https://a.example/"
NAME = event_types.NAME_CHARACTERS_AT_MOST
TYPES = event_types.TYPES_AT_MOST
ABOUT = event_types.DESCRIPTION_CHARACTERS_AT_MOST
PATTERNS = endpoints.PATTERNS_AT_MOST
SECRET = secrets.SECRET_BYTES_AT_MOST
CONSOLE_KEYS = schema.CONSOLE_KEYS_AT_MOST
HEADERS = headers.HEADERS_AT_MOST
HEADER_NAME, HEADER_VALUE = headers.NAME_BYTES_AT_MOST, headers.VALUE_BYTES_AT_MOST
LOWEST, HIGHEST = replaying.LOWEST_RATE, replaying.HIGHEST_RATE

LIMITS: dict[str, Limit] = {
    "an event's body": Limit(
        kib(accept.BODY_BYTES_AT_MOST), "test_accept.py::test_a_body_of_256_kib_is_the_biggest"
    ),
    "levels of its JSON": Limit(
        str(accept.LEVELS_AT_MOST), [up_to(128, lambda size: is_accepted(b"[" * size + b"]" * size))]
    ),
    "an event's id": Limit(
        "64 characters of `A-Za-z0-9_-`", [up_to(64, lambda size: is_event_id(words(size)))]
    ),
    "an event's JSON": Limit(
        "UTF-8 without a byte order mark, no NaN, no half of a surrogate pair",
        "test_accept.py::test_data_that_is_refused",
    ),
    "data, or a batch's line, as `emit` reads it": Limit(
        f"{mib(emit.LINE_BYTES_AT_MOST)}, spaces included",
        "test_emit_command.py::test_input_may_be_as_long_as_its_bound_and_no_longer",
    ),
    "the config file": Limit(
        mib(file.CONFIG_BYTES_AT_MOST), "test_config_load.py::test_a_file_that_is_too_big_is_not_read"
    ),
    "endpoints": Limit(
        f"{schema.ENDPOINTS_AT_MOST:,}", "test_config_schema.py::test_there_can_be_too_many_endpoints"
    ),
    "an endpoint's name": Limit(
        "64 characters", [up_to(64, lambda size: is_valid({"endpoints": {words(size): endpoint()}}))]
    ),
    "event types of the config's own": Limit(
        f"{TYPES:,}, each name {NAME} characters",
        [
            up_to(TYPES, lambda size: is_valid({"event_types": {f"a.b{n}": "x" for n in range(size)}})),
            up_to(NAME, lambda size: is_valid({"event_types": {"a." + words(size - 2): "x"}})),
        ],
    ),
    "a description, of an endpoint or a type": Limit(
        f"{ABOUT:,} characters",
        [
            up_to(ABOUT, of_endpoint("description", words)),
            up_to(ABOUT, of_section("event_types", "a.b", words)),
        ],
    ),
    "patterns in an endpoint's `events`": Limit(
        f"{PATTERNS:,}", [up_to(PATTERNS, of_endpoint("events", lambda size: ["*"] * size))]
    ),
    "networks in `allow_networks`": Limit(
        "1,000", [up_to(1000, of_section("security", "allow_networks", lambda size: ["10.0.0.0/8"] * size))]
    ),
    "a URL": Limit(
        f"{url.LENGTH_AT_MOST:,} characters",
        [up_to(url.LENGTH_AT_MOST, of_endpoint("url", lambda size: URL + words(size - len(URL))))],
    ),
    "a secret": Limit(
        f"{SECRET:,} bytes",
        [
            up_to(SECRET, of_endpoint("secret", words)),
            up_to(SECRET // 2, of_endpoint("secret", lambda size: "é" * size)),
            up_to(SECRET, lambda size: secrets.why_no_secret(words(size)) is None),
        ],
    ),
    "a path in the config": Limit(
        "4,096 characters",
        [
            up_to(4096, of_endpoint("ca_file", words)),
            up_to(4096, of_endpoint("secret_file", words, secret=None)),
        ],
    ),
    "a `ca_file`": Limit(mib(tls.CA_BYTES_AT_MOST), [up_to(tls.CA_BYTES_AT_MOST, are_authorities)]),
    "headers of an endpoint's own": Limit(
        f"{HEADERS}, each name {HEADER_NAME} characters, each value {HEADER_VALUE:,}",
        [
            up_to(HEADERS, of_endpoint("headers", keys)),
            up_to(HEADER_NAME, of_endpoint("headers", lambda size: {words(size): "1"})),
            up_to(HEADER_VALUE, of_endpoint("headers", lambda size: {"x": words(size)})),
        ],
    ),
    "`timeout_seconds`": Limit(
        "0.1 to 60",
        [
            Edge(of_section("delivery", "timeout_seconds", itself), 0.1, 0.099),
            Edge(of_section("delivery", "timeout_seconds", itself), 60, 60.01),
            Edge(of_endpoint("timeout_seconds", itself), 60, 60.01),
        ],
    ),
    "`retry_schedule`": Limit(
        "20 waits, each 0 to 86,400 s",
        [
            up_to(20, of_section("delivery", "retry_schedule", lambda size: [1] * size)),
            Edge(of_section("delivery", "retry_schedule", lambda wait: [wait]), 0, -0.001),
            Edge(of_endpoint("retry_schedule", lambda wait: [wait]), 86_400, 86_400.001),
        ],
    ),
    "`concurrency`, `endpoint_concurrency`": Limit(
        "1 to 1,024",
        [
            edge
            for key in ("concurrency", "endpoint_concurrency")
            for edge in (
                up_to(1024, of_section("delivery", key, itself)),
                Edge(of_section("delivery", key, itself), 1, 0),
            )
        ],
    ),
    "`retention_days`": Limit(
        "a second to 365 days",
        [
            Edge(of_section("journal", "retention_days", itself), SECOND, SECOND * 0.999),
            Edge(of_section("journal", "retention_days", itself), 365, 365.001),
        ],
    ),
    "a rotation's overlap": Limit(
        f"0 to {edit.OVERLAP_HOURS_AT_MOST} hours",
        "test_config_edit.py::test_an_overlap_may_last_a_week",
    ),
    "`theme`, `frames_per_second`": Limit(
        "64 characters; 1 to 60",
        [
            up_to(64, of_section("console", "theme", words)),
            up_to(60, of_section("console", "frames_per_second", itself)),
            Edge(of_section("console", "frames_per_second", itself), 1, 0),
        ],
    ),
    "`[console.keys]`": Limit(
        f"{CONSOLE_KEYS}, each 64 characters",
        [
            up_to(CONSOLE_KEYS, of_section("console", "keys", keys)),
            up_to(64, of_section("console", "keys", lambda size: {"quit": words(size)})),
        ],
    ),
    "a response's head, interim responses included": Limit(
        kib(response.HEAD_AT_MOST), "test_response.py::test_a_head_of_64_kib_is_read_and_one_byte_more_is_not"
    ),
    "a response's body": Limit(
        f"{kib(response.BODY_KEPT)} kept; {kib(response.BODY_AT_MOST)} or {connection.BODY_SECONDS:g} s read",
        "test_response.py::test_a_body_is_read_to_64_kib",
    ),
    "headers of a response": Limit(
        f"{kib(attempt.HEADER_BYTES_KEPT)} kept", [up_to(attempt.HEADER_BYTES_KEPT, are_headers_kept)]
    ),
    "an attempt": Limit(
        "`timeout_seconds`", "test_transport_endless.py::test_a_response_whose_head_does_not_end"
    ),
    "a `Retry-After`": Limit(
        f"{retry.RETRY_AFTER_AT_MOST:,.0f} s",
        [up_to(3600, lambda size: retry.parse_retry_after(str(size), 0.0) == size)],
    ),
    "an error's detail": Limit(
        f"{errors.DETAIL_AT_MOST} characters", "test_network_errors.py::test_details_are_safe_and_bounded"
    ),
    "a line of the journal": Limit(mib(line.LINE_BYTES_AT_MOST), [up_to(line.LINE_BYTES_AT_MOST, is_line)]),
    "deliveries in one replay": Limit(
        f"{replaying.ITEMS_AT_MOST:,}", "test_choosing.py::test_a_replay_that_is_too_big_is_refused"
    ),
    "a replay's rate": Limit(
        f"{LOWEST} to {HIGHEST:,.0f} a second", "test_commands_said.py::test_a_rate_has_its_bounds"
    ),
    "a time given (`--since`, `--until`, `since:`)": Limit(
        "1970 to 9999", [Edge(counts_as_given, 1970, 1969), Edge(counts_as_given, 9999, 1)]
    ),
    "a filter": Limit(
        f"{filter.CHARACTERS_AT_MOST:,} characters", [up_to(filter.CHARACTERS_AT_MOST, is_filter)]
    ),
    "a line typed in the console": Limit(
        f"{field.CHARACTERS_AT_MOST:,} characters",
        "test_deliveries_filter.py::test_a_line_that_is_typed_is_bounded",
    ),
    "deliveries marked in the console": Limit(
        f"{rowlist.MARKS_AT_MOST:,}", "test_rowlist.py::test_marks_are_bounded"
    ),
    "deliveries that a list in the console keeps": Limit(
        f"{feed.ROWS_AT_MOST:,}", "test_feed.py::test_it_keeps_so_many_rows_and_finds_the_others_again"
    ),
    "combining marks on a character that is shown": Limit(
        str(text.MARKS_AT_MOST),
        [
            up_to(
                4,
                lambda size: (
                    text.safe("a" + "\u0301" * size).isprintable()
                    and "\\u" not in text.safe("a" + "\u0301" * size)
                ),
            )
        ],
    ),
    "the body that `verify` reads": Limit(
        mib(verify.BODY_BYTES_AT_MOST), "test_verify.py::test_a_body_has_its_bound"
    ),
    "what `listen` takes": Limit(
        mib(listener.BODY_BYTES_AT_MOST), "test_listen.py::test_listen_bounds_what_it_reads_and_prints"
    ),
}


@pytest.mark.parametrize("what", [what for what, limit in LIMITS.items() if not isinstance(limit.tried, str)])
def test_the_edge_is_taken_and_what_is_past_it_is_not(what: str) -> None:
    tried = LIMITS[what].tried
    assert not isinstance(tried, str)
    for takes, at, past in tried:
        assert takes(at)
        assert not takes(past)


def test_the_table_has_every_limit_with_the_codes_figure_and_no_other() -> None:
    (section,) = re.findall(r"^## Limits\n(.*?)(?=^## )", read("security.md"), re.M | re.S)
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+? \|$", section, re.M)
    assert [row for row in rows if row[0] not in ("what", "---")] == [
        (what, limit.figure) for what, limit in LIMITS.items()
    ]


@pytest.mark.parametrize("what", [what for what, limit in LIMITS.items() if isinstance(limit.tried, str)])
def test_a_test_that_is_named_is_there(what: str) -> None:
    name, _, test = str(LIMITS[what].tried).partition("::")
    (path,) = (ROOT / "tests").rglob(name)
    assert f"def {test}(" in path.read_text("utf-8")
