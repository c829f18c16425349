"""Reading a file's lines in both directions gives the same lines at the same places."""

import os
import tempfile
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hookconsole.journal import reading
from hookconsole.journal.reading import lines_backward, lines_forward


def _file(content: bytes) -> int:
    fd, name = tempfile.mkstemp()
    os.unlink(name)
    os.write(fd, content)
    return fd


def _expected(content: bytes, limit: int) -> list[tuple[int, bytes]]:
    found, offset = [], 0
    for line in content.split(b"\n")[:-1]:
        if len(line) < limit:
            found.append((offset, line))
        offset += len(line) + 1
    return found


@example(lines=[b"a", b"long", b"b"], torn=b"", chunk=40, limit=4)
@given(
    lines=st.lists(st.binary(max_size=60).map(lambda b: b.replace(b"\n", b"")), max_size=20),
    torn=st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")),
    chunk=st.integers(1, 40),
    limit=st.integers(5, 50),
)
def test_both_directions_agree_whatever_the_chunks(
    lines: list[bytes], torn: bytes, chunk: int, limit: int
) -> None:
    content = b"".join(line + b"\n" for line in lines) + torn
    fd = _file(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "CHUNK", chunk)
        patch.setattr(reading, "LINE_BYTES_AT_MOST", limit)
        expected = _expected(content, limit)
        assert list(lines_forward(fd, 0)) == expected
        assert list(lines_backward(fd, len(content), chunk_bytes=chunk)) == expected[::-1]
        for needle in (b"a", b"\x00\x00"):
            assert list(lines_backward(fd, len(content), 0, needle, chunk)) == [
                pair for pair in expected[::-1] if needle in pair[1]
            ]
    os.close(fd)


def test_reading_stops_at_the_given_bounds() -> None:
    content = b"aa\nbb\ncc\ndd"
    fd = _file(content)
    assert list(lines_forward(fd, 3, 6)) == [(3, b"bb")]
    assert list(lines_backward(fd, 6, 3)) == [(3, b"bb")]
    os.close(fd)


def test_a_huge_line_is_passed_over_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LINE_BYTES_AT_MOST", 1 << 20)
    content = b"first\n" + b"x" * (20 << 20) + b"\nlast\n"
    fd = _file(content)
    end = len(content)
    tracemalloc.start()
    try:
        assert list(lines_forward(fd, 0)) == [(0, b"first"), (end - 5, b"last")]
        assert list(lines_backward(fd, end)) == [(end - 5, b"last"), (0, b"first")]
        assert tracemalloc.get_traced_memory()[1] < 5 << 20
    finally:
        tracemalloc.stop()
    os.close(fd)
