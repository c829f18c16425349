"""docs/journal.md tells the truth: its example is sound and adds up to what it says, its reader agrees with
the program on any journal, and every kind and field of a record is in it."""

import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from story import story

from hookconsole.journal import checkpoint
from hookconsole.journal import records as r
from hookconsole.journal.fold import Fold
from hookconsole.journal.history import Window, entries
from hookconsole.journal.line import LINE_BYTES_AT_MOST, is_sound, seal
from hookconsole.journal.segments import Position, segment_path
from hookconsole.journal.store import Store

TEXT = (Path(__file__).parents[2] / "docs" / "journal.md").read_text("utf-8")
States = dict[tuple[str, str], str]


def block(language: str, containing: str = "") -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.M | re.S)
    (found,) = [each for each in blocks if containing in each]
    return str(found)


def section(heading: str) -> str:
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#|\Z)", TEXT, re.M | re.S)
    assert found, f"no section {heading!r}"
    return found[2]


def read_by_the_program(folder: Path) -> States:
    """The states as hookconsole sees them, by the history; its unfinished ones must be the fold's."""
    store = Store(folder)
    fold = store.fold()
    states: States = {}
    for entry in entries(store, Window()):
        delivery = entry.delivery
        gone = delivery.unfinished and delivery.endpoint not in fold.known
        states[delivery.event, delivery.endpoint] = "held" if gone else entry.state
        assert (fold.delivery(delivery.event, delivery.endpoint) is not None) == delivery.unfinished
    from_the_start = Fold()
    store.catch_up(from_the_start)
    unfinished = {(d.event, d.endpoint) for d in fold.unfinished()}
    assert unfinished == {(d.event, d.endpoint) for d in from_the_start.unfinished()}
    store.close()
    return states


def read_by_the_document(folder: Path, tmp_path: Path) -> States:
    program = tmp_path / "reader.py"
    program.write_text(block("python"), "utf-8")
    command = [sys.executable, "-I", str(program), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {(event, endpoint): state for event, endpoint, state in map(str.split, done.stdout.splitlines())}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    folder.mkdir()
    Path(segment_path(str(folder), 1)).write_text(block("jsonl"), "utf-8")
    return folder


# The example


def test_every_line_of_the_example_is_sound() -> None:
    lines = block("jsonl").encode().splitlines()
    assert len(lines) > 20
    for line in lines:
        assert is_sound(line), line
        assert r.to_line(r.from_line(line)) == line + b"\n"


def test_positions_in_the_example_are_those_of_the_events(example: Path) -> None:
    store = Store(example)
    named: list[r.Taken | r.Retry] = []
    for _, record, _ in store.forward(Position(0, 0)):
        if isinstance(record, r.Intake):
            named += record.events
        elif isinstance(record, r.Retry):
            named.append(record)
    assert {type(each) for each in named} == {r.Taken, r.Retry}
    for each in named:
        assert store.event_at(each.event, each.segment, each.offset)
    store.close()


def test_the_checkpoint_in_the_example_is_the_fold_before_it(example: Path) -> None:
    store = Store(example)
    before, loaded = Fold(), Fold()
    parts: list[r.Checkpoint] = []
    for position, record, behind in store.forward(Position(0, 0)):
        if isinstance(record, r.Checkpoint):
            parts.append(record)
        elif not parts:
            before.apply(record, *position)
            before.position = behind
    assert parts
    checkpoint.load(loaded, parts)

    def content(fold: Fold) -> list[bytes]:
        return [re.sub(rb'"checkpoint":"[^"]*"|"crc".*', b"", line) for line in checkpoint.dump(fold, "T")]

    assert content(loaded) == content(before)
    store.close()


def test_the_example_adds_up_to_what_the_document_says(example: Path) -> None:
    rows = re.findall(r"^\| `(.+?)` \| `(.+?)` \| `(.+?)` \| (\d+) \|$", section("An example"), re.M)
    said = {(event, endpoint): state for event, endpoint, state, _ in rows}
    assert said == read_by_the_program(example)
    store = Store(example)
    attempts = {
        (e.delivery.event, e.delivery.endpoint): e.delivery.attempts for e in entries(store, Window())
    }
    assert attempts == {(event, endpoint): int(count) for event, endpoint, _, count in rows}
    store.close()


def test_the_worked_checksum() -> None:
    (line,) = re.findall(r'^    (\{"kind".*\})$', section("Lines"), re.M)
    assert line == block("jsonl").splitlines()[0]
    script = block("sh", "zlib")
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == script.rpartition("# ")[2].strip()
    checked = line.partition(',"crc"')[0].encode()
    assert f"{zlib.crc32(checked):08x}" == shown.strip()


# The reader


def test_the_reader_is_short_and_agrees_on_the_example(example: Path, tmp_path: Path) -> None:
    assert len(block("python").splitlines()) < 60
    assert read_by_the_document(example, tmp_path) == read_by_the_program(example)


def test_the_reader_agrees_on_a_journal_with_everything(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    pen = story(folder)
    expected = {
        ("tested", "acme"): "failed",
        ("test-waits", "new"): "pending",
        ("pending", "acme"): "pending",
        ("pending", "off"): "skipped",
        ("sent", "acme"): "delivered",
        ("sent", "bolt"): "canceled",
        ("cut", "acme"): "pending",
        ("cut", "bolt"): "retrying",
        ("unread", "acme"): "retrying",
        ("flying", "acme"): "sending",
        ("flying", "bolt"): "sending",
        ("off", "bolt"): "canceled",
        ("off", "gone"): "held",
        ("again", "acme"): "pending",
        ("again", "bolt"): "failed",
        ("replayed", "acme"): "sending",
        ("replayed", "bolt"): "failed",
        ("replayed", "gone"): "failed",
        ("old", "acme"): "retrying",
        ("dropped", "acme"): "canceled",
        ("raced", "acme"): "canceled",
        ("raced", "bolt"): "delivered",
    }
    assert read_by_the_program(folder) == expected
    assert read_by_the_document(folder, tmp_path) == expected
    kinds = {type(record) for _, record, _ in Store(folder).forward(Position(0, 0))}
    assert kinds == set(get_args(r.AnyRecord)) - {r.Checkpoint}
    pen.appender.close()


def test_the_reader_agrees_when_the_oldest_segment_is_trimmed(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    pen = story(folder)
    store = Store(folder)
    pen.appender.rotate()
    fold = store.fold()
    for delivery in list(fold.unfinished()):
        standing = r.Standing(delivery.attempts, delivery.slot, delivery.trigger)
        carried = {delivery.endpoint: standing}
        pen.event(delivery.event, accepted_at="2026-04-15T14:00:00.000000Z", carried=carried)
    store.catch_up(fold)
    for line in checkpoint.dump(fold, pen.at()):
        pen.appender.append(line)
    pen.start("cut", "bolt", 2, 3)
    pen.end("cut", "bolt", 2, "delivered", 3)
    Path(segment_path(str(folder), 1)).unlink()
    states = read_by_the_document(folder, tmp_path)
    assert states == read_by_the_program(folder)
    assert states["cut", "bolt"] == "delivered"
    assert states["off", "gone"] == "held"
    assert ("sent", "acme") not in states
    pen.appender.close()


def test_the_reader_passes_over_what_is_no_line(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    pen = story(folder)
    before = read_by_the_program(folder)
    pen.end("pending", "acme", 1, "delivered")
    path = Path(segment_path(str(folder), 1))
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = lines.pop().replace(b"pending", b"pendinG")
    big = seal(b'{"kind":"canceled","endpoint":"acme","events":["pending"],"pad":"%b"}' % (b"x" * (16 << 20)))
    assert len(big) > LINE_BYTES_AT_MOST
    unknown = seal(b'{"kind":"novelty","at":"2026-04-15T14:00:00.000000Z","event":"pending"}')
    torn = seal(b'{"kind":"cancel","at":"","event":"pending","endpoint":"acme","user":"x"}')[:-1]
    path.write_bytes(b"".join([*lines, damaged, b"\n", big, b"\xff\x00\n", unknown, torn]))
    assert read_by_the_program(folder) == before
    assert read_by_the_document(folder, tmp_path) == before
    pen.appender.close()


# The records

KINDS: dict[str, type[msgspec.Struct]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(r.AnyRecord)
}


def structs_in(annotation: Any) -> list[type[msgspec.Struct]]:
    """The structs that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        inner = [s for hint in get_type_hints(annotation).values() for s in structs_in(hint)]
        return [annotation, *inner]
    return [s for part in get_args(annotation) for s in structs_in(part)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_field_is_in_the_document(kind: str) -> None:
    text = section(f"`{kind}`")
    fields = [name for name in KINDS[kind].__struct_fields__ if name != "at"]
    table = [name for row in re.findall(r"^\| (`.+?) \|", text, re.M) for name in re.findall(r"`(\w+)`", row)]
    assert table == fields
    for name, hint in get_type_hints(KINDS[kind]).items():
        for struct in structs_in(hint):
            parts = struct.__struct_fields__
            row = next((line for line in text.splitlines() if f"| `{name}`" in line), "")
            if struct.__struct_config__.array_like and struct not in (r.Hours, r.LastAttempt, r.ReplayItem):
                assert f"[{', '.join(parts)}]" in row
            elif not struct.__struct_config__.array_like and struct is not r.Known:
                assert all(f"`{part}`" in text for part in parts), (name, parts)


def test_the_shared_parts_are_in_the_document() -> None:
    assert all(f"`{part}`" in section("`registry`") for part in r.Known.__struct_fields__)
    assert f"[{', '.join(r.ReplayItem.__struct_fields__)}]" in section("`replay_items`")
    assert f"[{', '.join(r.LastAttempt.__struct_fields__)}]" in section("`checkpoint`")
    assert f"[{', '.join(r.Hours.__struct_fields__)}]" in section("`checkpoint`")


def test_every_kind_stands_in_the_folds_rules() -> None:
    rules = section("What the records add up to")
    assert {kind for kind in KINDS if f"`{kind}`" not in rules} == {"checkpoint"}
    assert set(re.findall(r"^### `(\w+)`$", TEXT, re.M)) == set(KINDS)
    for struct, field in ((r.Attempt, "outcome"), (r.Attempt, "trigger"), (r.Event, "source")):
        values = get_args(get_type_hints(struct)[field])
        assert values
        assert all(f"`{value}`" in section("`attempt`") + section("`event`") for value in values)


def test_optional_is_said_of_what_may_be_absent() -> None:
    for kind, struct in KINDS.items():
        text = section(f"`{kind}`")
        for field in msgspec.structs.fields(struct):
            if f"| `{field.name}` |" in text:
                row = next(line for line in text.splitlines() if f"| `{field.name}` |" in line)
                assert ("*optional*" in row) == (field.default is msgspec.UNSET), (kind, field.name)
