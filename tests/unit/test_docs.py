"""The documents' links resolve, their limits are the program's constants, and they stand by themselves."""

import re
from pathlib import Path

import pytest
from documents import DOCUMENTS, ROOT, UNIT, read

from hookconsole.checking import of_machine
from hookconsole.config import endpoint, event_types, file, headers, lock, schema, secrets
from hookconsole.config.model import Config
from hookconsole.delivery import dispatch, lanes, runtime
from hookconsole.events import accept
from hookconsole.events.catalogue import BUILT_IN
from hookconsole.journal import line, records, segments, trimming
from hookconsole.network import dial, pool, resolver, url
from hookconsole.operating import agreeing, health
from support import RIGHT_WITHIN_PERCENT


def prose(text: str) -> str:
    """A document without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_resolve(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", prose(read(name))):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (DOCUMENTS[name].parent / path).resolve() if path else DOCUMENTS[name]
        assert linked.is_file(), target
        if anchor:
            assert anchor in anchors(linked.read_text("utf-8")), target


def test_readme_links_to_every_document() -> None:
    linked = set(re.findall(r"\]\(docs/([\w.]+)", read("README.md")))
    assert linked == {name for name in DOCUMENTS if name != "README.md"}


@pytest.mark.parametrize(
    "path", [*DOCUMENTS.values(), UNIT, ROOT / "sample_config.toml"], ids=lambda p: p.name
)
def test_nothing_is_said_that_is_no_readers_business(path: Path) -> None:
    words = re.findall(
        r"\bsessions?\b|issue #|/work\b|\bhelpers?\b|product\.md", path.read_text("utf-8"), re.I
    )
    assert not words


def test_the_built_in_types_are_in_the_document() -> None:
    said = dict(re.findall(r"^\| `(\w+\.\w+)` \| (.+) \|$", read("commands.md"), re.M))
    assert said == BUILT_IN


def test_no_document_shows_what_looks_like_a_real_secret() -> None:
    for name in DOCUMENTS:
        found = re.findall(r"whsec_[A-Za-z0-9+/=]{20,}", read(name))
        assert not found, name


# Numbers


def mib(count: int) -> str:
    return f"{count >> 20} MiB"


def kib(count: int) -> str:
    return f"{count >> 10} KiB"


LIMITS: list[tuple[str, str]] = [
    ("security.md", f"at most {pool.LIFETIME_SECONDS:g} seconds old"),
    ("config.md", f"of at most {mib(file.CONFIG_BYTES_AT_MOST)}."),
    ("config.md", f"at most {schema.ENDPOINTS_AT_MOST:,}."),
    ("config.md", f"At most {event_types.TYPES_AT_MOST:,}."),
    ("config.md", f"at most {event_types.NAME_CHARACTERS_AT_MOST} characters; the dot"),
    ("config.md", f"| at most {url.LENGTH_AT_MOST} characters | where events"),
    ("config.md", f"| 1 to {endpoint.PATTERNS_AT_MOST} | which events"),
    ("config.md", f"| 1 to {secrets.SECRET_BYTES_AT_MOST} bytes, printable |"),
    ("config.md", f"| at most {event_types.DESCRIPTION_CHARACTERS_AT_MOST} characters | free text"),
    ("config.md", f"| at most {headers.HEADERS_AT_MOST} | headers of"),
    ("config.md", f"of HTTP's, at most {headers.NAME_BYTES_AT_MOST} characters"),
    ("config.md", f"at most {headers.VALUE_BYTES_AT_MOST} characters, not empty"),
    ("commands.md", f"may have {kib(accept.BODY_BYTES_AT_MOST)}\nand {accept.LEVELS_AT_MOST} levels"),
    ("commands.md", f"right within {RIGHT_WITHIN_PERCENT} %"),
    ("console.md", f"more than {agreeing.TYPED_OVER} at once are agreed to by typing their number"),
    ("console.md", f"right within {RIGHT_WITHIN_PERCENT} %"),
    ("operating.md", f"| `concurrency`, {Config().concurrency}; at most 1024 |"),
    ("operating.md", f"| attempts a second at a failing endpoint | {lanes.FAILING_PER_SECOND:g} |"),
    ("operating.md", f"| events taken in at once | {dispatch.INTAKE_AT_MOST} |"),
    ("operating.md", f"| {resolver.LOOKUPS_AT_MOST}, each {resolver.LOOKUP_SECONDS:g} s |"),
    ("operating.md", f"| addresses of a name that are tried | {dial.DIALS_AT_MOST} |"),
    (
        "operating.md",
        f"| {pool.IDLE_AT_MOST}, for {pool.IDLE_SECONDS:g} s, none older than {pool.LIFETIME_SECONDS:g} s |",
    ),
    ("operating.md", f"for the journal's lock | {segments.LOCK_SECONDS:g} s |"),
    ("operating.md", f"for the config's lock | {lock.LOCK_SECONDS:g} s |"),
    (
        "operating.md",
        f"| a segment | {mib(segments.SEGMENT_BYTES)}, or {trimming.ROTATE_SECONDS // 60} minutes |",
    ),
    ("operating.md", f"due for over {health.OVERDUE_ALARM_SECONDS:g} seconds"),
    ("operating.md", f"stands still for {runtime.STUCK_SECONDS:g} seconds"),
    ("operating.md", f"under {of_machine.FREE_BYTES >> 30} GiB of free room"),
    ("journal.md", f"the format's version: {records.VERSION} |"),
    ("journal.md", f"more than {mib(line.LINE_BYTES_AT_MOST)} ({line.LINE_BYTES_AT_MOST:,} bytes"),
    (
        "journal.md",
        f"has {mib(segments.SEGMENT_BYTES)}, or when it is {trimming.ROTATE_SECONDS // 60} minutes",
    ),
    ("journal.md", f"after {mib(trimming.CHECKPOINT_BYTES)} of records"),
    ("journal.md", f"gives up after {segments.LOCK_SECONDS:g} seconds"),
    ("journal.md", f"jumped by over {trimming.JUMP_SECONDS / 60:g} minutes"),
]


@pytest.mark.parametrize(("name", "said"), LIMITS)
def test_limits_are_the_codes(name: str, said: str) -> None:
    assert " ".join(said.split()) in " ".join(read(name).split())
