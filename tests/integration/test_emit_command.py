"""`emit` as it reads: an input is accepted once with the bytes that were given, or refused with its place."""

import io
import os
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest
from emitting import Emitting

from hookconsole.cli import emit, output
from hookconsole.cli.main import main

LINE = b'{"type":"invoice.paid","data":{"n": 2500.00},"id":"%b"}'


class Done(NamedTuple):
    """What a command left: its exit code, stdout's lines, stderr, and the events of the journal."""

    code: int
    ids: list[str]
    says: str
    kept: list[tuple[str, bytes]]


class Emit:
    """The command in this process, its stdin a real file."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._site, self._capsys = Emitting(folder), capsys

    def file(self, content: bytes, name: str = "input") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def __call__(self, *arguments: str | Path, stdin: bytes | None = None, mode: str = "r") -> Done:
        path = self.file(stdin or b"", "stdin")
        with path.open(mode) as file, pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", file)
            where = ["--config", self._site.config, "--state", self._site.state]
            code = main([*map(str, where), "emit", *map(str, arguments)])
        out, says = self._capsys.readouterr()
        kept = [(record.event, bytes(record.data)) for record in self._site.records()]
        return Done(code, out.split(), says, kept)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Emit:
    return Emit(tmp_path, capsys)


def refused(done: Done, *words: str) -> None:
    """It was refused with one line that has these words."""
    assert done.code == 2
    assert done.says.startswith("hookconsole: ")
    assert done.says.count("\n") == 1
    assert done.says[:-1].isprintable()
    for word in words:
        assert word in done.says


DATA = b' {"amount": 2500.00,\n "n": 123456789012345678901234567890, "s": "\\u20ac \xe2\x80\xa8"}\r\n'
KEPT = b'{"amount":2500.00,"n":123456789012345678901234567890,"s":"\\u20ac \xe2\x80\xa8"}'


@pytest.mark.parametrize("way", ["file", "stdin", "@-", "fifo", "argument"])
def test_data_is_kept_as_given_whatever_way_it_comes(run: Emit, way: str) -> None:
    fifo = run.folder / "fifo"
    os.mkfifo(fifo)
    given = {
        "file": f"@{run.file(DATA)}",
        "stdin": "-",
        "@-": "@-",
        "fifo": f"@{fifo}",
        "argument": os.fsdecode(DATA),
    }
    writer = threading.Thread(target=fifo.write_bytes, args=(DATA,), daemon=True)
    if way == "fifo":  # as of a shell's <(…)
        writer.start()
    done = run("invoice.paid", "--id", "a", "--data", given[way], stdin=DATA)
    assert (done.code, done.ids, done.kept) == (0, ["a"], [("a", KEPT)])
    if way == "fifo":
        writer.join()


def test_input_of_which_only_the_beginning_is_an_event_is_refused(run: Emit) -> None:
    """What is read is bounded; a part of a file is never taken for the whole."""
    long = b'{"n":1}' + b" " * emit.LINE_BYTES_AT_MOST + b"and more"
    for given in ("-", f"@{run.file(long)}"):
        refused(run("invoice.paid", "--data", given, stdin=long), "data is longer than 1,048,576 bytes")
    done = run("--batch", "-", stdin=LINE % b"a" + b"\n" + long + b"\n" + LINE % b"b")
    refused(done, "line 2: the line is longer than 1,048,576 bytes")
    assert [name for name, _ in done.kept] == ["a"]


def test_an_endless_input_is_refused_after_its_bound(run: Emit) -> None:
    refused(run("invoice.paid", "--data", "@/dev/zero"), "data is longer")
    refused(run("--batch", "/dev/zero"), "line 1: the line is longer")


def test_what_cant_be_read_is_named(run: Emit) -> None:
    for arguments in (["invoice.paid", "--data", "-"], ["--batch", "-"]):
        done = run(*arguments, mode="w")  # a shell's 0>
        refused(done, "stdin: Bad file descriptor; name a file that can be read")
    missing = str(run.folder / "none")
    for arguments in (["invoice.paid", "--data", f"@{missing}"], ["--batch", missing]):
        refused(run(*arguments), f"{missing}: No such file or directory")
    for arguments in (["invoice.paid", "--data", "@"], ["--batch", ""]):
        refused(run(*arguments), "an empty name: No such file")


def test_a_read_that_fails_half_way_accepts_nothing_of_it(run: Emit, monkeypatch: pytest.MonkeyPatch) -> None:
    path, read, calls = run.file(b'{"n":1}'), os.read, []

    def failing(fd: int, size: int) -> bytes:
        calls.append(fd)
        if len(calls) % 2:
            return read(fd, size)
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(os, "read", failing)
    done = run("invoice.paid", "--data", f"@{path}")
    monkeypatch.undo()
    refused(done, f"{path}: Input/output error")
    assert done.kept == []


def test_an_empty_stdin_is_no_data_and_a_batch_of_none(run: Emit) -> None:
    refused(run("invoice.paid", "--data", "-"), "data is empty")
    assert run("--batch", "-").kept == []


ENDS = [
    (b"\n", b"\n"),
    (b"\r\n", b"\r\n"),
    (b"\n", b""),
    (b"\r\n", b"\r"),
    (b"\n\n \t\r\n", b"\n\n"),
    (b"  \n  ", b" "),
]


@pytest.mark.parametrize(("between", "end"), ENDS)
def test_a_batch_is_its_lines_however_they_end(run: Emit, between: bytes, end: bytes) -> None:
    lines = [LINE % b"a", LINE % b"b", LINE % b"c"]
    done = run("--batch", "-", stdin=between + between.join(lines) + end)
    assert (done.code, done.ids) == (0, ["a", "b", "c"])
    assert done.kept == [(name, b'{"n":2500.00}') for name in ("a", "b", "c")]


BAD_LINES = [
    (b"\xef\xbb\xbf" + LINE % b"x", "byte order mark"),
    (LINE % b"x" + b"\0", "not JSON"),
    (b"\0", "not JSON"),
    (LINE % b"x" + LINE % b"y", "not JSON"),
    (b"[" + LINE % b"x" + b"]", "object"),
    (b"null", "object"),
    ((LINE % b"x").decode().encode("utf-16-le"), "not JSON"),
    (b'{"type":"invoice.payed","data":{}}', "did you mean invoice.paid?"),
    (b'{"type":"webhook.test","data":{}}', "endpoints test"),
    (b'{"type":"invoice.paid","data":{},"id":"a.b"}', "id 'a.b'"),
    (b'{"type":"invoice.paid","data":{},"id":""}', "id ''"),
    (b'{"type":"invoice.paid","data":{},"id":"a\\u0000"}', r"id 'a\x00'"),
    (b'{"type":"invoice.paid","data":{},"created_at":"now"}', "RFC 3339"),
    (b'{"type":"invoice.paid","data":NaN}', "not JSON"),
    (b'{"type":"invoice.paid","data":"\\ud800"}', "pair"),
    (b'{"type":"invoice.paid","data":{},"data":{}}', "twice"),
    (b'{"type":"invoice.paid","date":{}}', "`date`"),
    (b'{"type":"invoice.paid"}', "`data`"),
    (b'{"type":"invoice.paid","data":' + b"[" * 129 + b"]" * 129 + b"}", "nested too deep"),
    (b'{"type":"invoice.paid","data":"' + b"x" * 262_144 + b'"}', "too big"),
    (LINE % b"a", ""),  # once: a duplicate, and the line behind it is read
    (b'{"type":"invoice.paid","data":{"n":2500.0},"id":"a"}', "id 'a' is known with other content"),
]


@pytest.mark.parametrize(("line", "says"), BAD_LINES)
def test_a_bad_line_is_named_and_ends_a_batch_after_what_is_before_it(
    run: Emit, line: bytes, says: str
) -> None:
    done = run("--batch", "-", stdin=b"\n".join([LINE % b"a", b"", line, LINE % b"z"]))
    if not says:
        assert (done.code, done.ids) == (0, ["a", "a", "duplicate", "z"])
        return
    refused(done, "line 3: ", says, "(the ids printed stay accepted)")
    assert done.ids == ["a"]
    assert [name for name, _ in done.kept] == ["a"]


@pytest.mark.parametrize(
    ("again", "is_same"),
    [
        (b' {"n" :2500.00,\n"s":"\xc3\xa9"}', True),
        (b'{"n":2500.0,"s":"\xc3\xa9"}', False),
        (b'{"n":2.5e3,"s":"\xc3\xa9"}', False),
        (b'{"n":2500.00,"s":"\\u00e9"}', False),
        (b'{"s":"\xc3\xa9","n":2500.00}', False),
        (b'{"n":2500.00,"s":"e\xcc\x81"}', False),
        (b'{"n":2500.00,"n":2500.00,"s":"\xc3\xa9"}', False),
    ],
)
def test_the_same_content_is_the_same_bytes_but_for_space(run: Emit, again: bytes, is_same: bool) -> None:
    """Receivers get what was emitted to the byte: another spelling of a number is other content."""
    first = b'{"n":2500.00,"s":"\xc3\xa9"}'
    run("invoice.paid", "--id", "a", "--data", "-", stdin=first)
    done = run("invoice.paid", "--id", "a", "--data", f"@{run.file(again)}")
    if is_same:
        assert (done.code, done.ids) == (0, ["a", "duplicate"])
    else:
        refused(done, "id 'a' is known with other content")
    assert done.kept == [("a", first)]


def test_output_that_cant_be_printed_says_that_it_was_accepted(
    run: Emit, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, os.strerror(28))

    monkeypatch.setattr(output, "discard", lambda _: monkeypatch.undo())
    monkeypatch.setattr(sys, "stdout", Full())
    done = run("invoice.paid", "--id", "a")
    assert (done.code, [name for name, _ in done.kept]) == (1, ["a"])
    assert "accepted, but the ids can't be printed: No space left on device; the first is a" in done.says


def test_input_may_be_as_long_as_its_bound_and_no_longer(run: Emit) -> None:
    for more, code in ((0, 0), (1, 2)):
        line = b'{"type":"invoice.paid","data":{}}'.ljust(emit.LINE_BYTES_AT_MOST + more)
        assert run("--batch", "-", stdin=line).code == code
        assert run("--batch", "-", stdin=line + b"\n").code == code
        assert run("invoice.paid", "--data", "-", stdin=line).code == code
        assert run("invoice.paid", "--data", f"@{run.file(line)}").code == code
