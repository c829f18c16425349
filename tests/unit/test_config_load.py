"""A file that isn't right is refused with its name, its line, its key and the mend."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookconsole.config import file as config_file
from hookconsole.config.file import loose_mode
from hookconsole.config.load import ConfigError, load, parse
from hookconsole.config.model import Config
from hookconsole.errors import InputError

PATH = Path("/etc/hookconsole/config.toml")

SOUND = """\
[delivery]
timeout_seconds = 5

[endpoints.acme]
url = "https://erp.acme.example/hooks"
events = ["invoice.paid", "bank_feed.*"]
secret = "canary"
"""


def refused(raw: bytes | str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(raw if isinstance(raw, bytes) else raw.encode(), PATH)
    assert isinstance(raised.value, InputError)
    for problem in raised.value.problems:
        assert problem.isprintable()
        assert problem.startswith(str(PATH))
        assert "canary" not in problem
    return [problem.removeprefix(str(PATH)) for problem in raised.value.problems]


def refused_file(path: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        load(path)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert message.isprintable()
    return message


def test_a_missing_file_is_an_empty_config(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Config()
    assert load(tmp_path / "no" / "folder" / "none.toml") == Config()


def test_a_file_is_loaded_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(SOUND)
    (tmp_path / "link.toml").symlink_to("real.toml")
    config = load(tmp_path / "link.toml")
    assert config.policy.timeout_seconds == 5
    assert list(config.endpoints) == ["acme"]


def test_windows_line_ends_are_fine() -> None:
    assert parse(SOUND.replace("\n", "\r\n").encode(), PATH) == parse(SOUND.encode(), PATH)


def test_relative_paths_start_at_the_folder_of_the_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SOUND.replace('secret = "canary"', 'secret_file = "s"')
    assert parse(text.encode(), Path("c.toml")).endpoints["acme"].secret.value == f"{tmp_path}/s"


@pytest.mark.parametrize(
    ("text", "place", "mend"),
    [
        ('[endpoints.a]\nsecret = "canary', ":2: endpoints.a.secret: ", "close the quotes"),
        ('[endpoints.a]\nsecret = "canary\n', ":2: endpoints.a.secret: ", "close the quotes"),
        ("[endpoints.a]\nsecret = 'canary", ":2: endpoints.a.secret: ", "close the quotes"),
        ('[endpoints.a]\nurl = """x\ny = 1\n', ":3: endpoints.a.url: ", "line 2 opens"),
        ("[endpoints.a]\nevents = [\n  1,\n[b]\n", ":4: endpoints.a.events: ", "line 2 opens"),
        ("[a]\nx = 1\n\n[a]\n", ":4: a: ", "remove one of the two"),
        ("x = 1\nx = 2\n", ":2: x: ", "remove one of the two"),
        ("[endpoints.a\n", ":1: ", "correct this line"),
        ("[a]\nrubbish\n", ":2: ", "correct this line"),
        (f"\nx = {'9' * 5000}\n", ":2: x: ", "over 4,300 digits"),
        (f"# {'9' * 5000}\ny = '{'9' * 5000}'\n[a]\nx = -1{'_1' * 5000}\n", ":4: a.x: ", "over 4,300 digits"),
        (f"\nx = {'[' * 5000}\n", ":2: x: ", "too deep"),
        (f"[a]\ny = '{'[' * 5000}'\nx = {'{b=' * 3000}1{'}' * 3000}\n", ":3: a.x: ", "too deep"),
        (f"[a]\nx = {'[{b=[' * 1000}", ":2: a.x: ", "too deep"),
        ("x = 1\n= 2\n", ":2: not valid", "correct this line"),
        ("[a]\n\ufeffx = 1\n", ":2: not valid", "correct this line"),
        ("x = 1\n\ny\n", ":3: not valid", "correct this line"),
        ("<<<<<<< HEAD\n", ":1: not valid", "correct this line"),
        ("delivery:\n  concurrency: 1\n", ":1: not valid", "correct this line"),
        ("[security]\nhttps_only = True\n", ":2: security.https_only: ", "correct this line"),
        ("[a]\rx = 1\r", ":1: a: not valid", "correct this line"),
        ("endpoints = {}\n[endpoints.a]\n", ":2: endpoints.a: ", "remove one of the two"),
        ("a.b = 1\n[a]\n", ":2: a: ", "remove one of the two"),
        ("[a]\n[[a]]\n", ":2: a: ", "remove one of the two"),
        ('x = "\\ud800"\n', ":1: x: ", "correct this line"),
        ("x = 2026-01-01T23:59:60Z\n", ":1: x: ", "correct this line"),
        ("x = 2026-02-30T00:00:00Z\n", ":1: x: ", "correct this line"),
    ],
)
def test_what_is_no_toml_is_refused_by_line(text: str, place: str, mend: str) -> None:
    (problem,) = refused(text)
    assert problem.startswith(place)
    assert mend in problem


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"\xef\xbb\xbfx = 1", ":1: the file begins with a byte order mark"),
        ("x = 1".encode("utf-16"), ":1: the file is UTF-16"),
        ("x = 1".encode("utf-16-le"), ":1: the file is UTF-16"),
        ("x = 1".encode("utf-16-be"), ":1: the file is UTF-16"),
        ("x = 1".encode("utf-32"), ":1: the file is UTF-16"),
        (b"\0" * 4096, ":1: the file is nothing but NUL bytes, as a power loss may leave it; restore it"),
        (b"\0", ":1: the file is nothing but NUL bytes"),
        (b"x = 1\n\0\0\0\0", ":2: not valid TOML"),
        (b'x = "\xed\xa0\x80"', ":1: byte 0xed is not UTF-8"),
        (b"\x1f\x8b\x08\x00", ":1: byte 0x8b is not UTF-8"),
        (b"\n# caf\xe9\n", ":2: byte 0xe9 is not UTF-8"),
        (b"\nx = \xff", ":2: byte 0xff is not UTF-8"),
        (b"x = 1\0", ":1: x: not valid TOML"),
    ],
)
def test_another_encoding_is_named(raw: bytes, what: str) -> None:
    (problem,) = refused(raw)
    assert problem.startswith(what)


def test_problems_come_in_the_order_of_their_lines_with_keys() -> None:
    text = """\
[endpoints."odd name"]
url = "https://a.example/"
events = ["*"]
secret = "canary"
[endpoints.acme]
url = "http://a.example/"
events = [
  "invoice.paid",
]
secrect = "canary"
headers = { "X-A" = "1", Host = "x" }
[endpoints.b]
events = ["*"]
secret_env = "A"
[endpoints.b.headers]
X-A = "1"
"webhook-id" = "canary"
[delivery]
timeout_seconds = true
"""
    assert [re.sub(r"(.*?: .*?): .*", r"\1", problem) for problem in refused(text)] == [
        ':1: endpoints."odd name"',
        ":6: endpoints.acme.url",
        ":10: endpoints.acme.secrect",
        ":11: endpoints.acme.headers.Host",
        ":12: endpoints.b",
        ":17: endpoints.b.headers.webhook-id",
        ":19: delivery.timeout_seconds",
    ]


def test_the_error_is_the_first_problem_and_says_how_many_more() -> None:
    with pytest.raises(ConfigError) as raised:
        parse(b"a = 1\nb = 2\nc = 3\n", PATH)
    assert str(raised.value) == raised.value.problems[0] + " (and 2 more: hookconsole check)"
    with pytest.raises(ConfigError) as raised:
        parse(b"a = 1\n", PATH)
    assert [str(raised.value)] == raised.value.problems


def test_keys_that_would_move_the_cursor_are_shown_escaped() -> None:
    (problem,) = refused('"\\u001b[2J\\u202e" = 1')
    assert r"\x1b[2J\u202e" in problem


def test_hexadecimal_integers_of_any_length_are_only_too_big() -> None:
    (problem,) = refused(f"[delivery]\nconcurrency = 0x{'f' * 9000}\n")
    assert problem == ":2: delivery.concurrency: must be from 1 to 1024"


def test_a_folder_a_fifo_a_device_and_a_dangling_link_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    assert "is a folder" in refused_file(tmp_path)
    assert "no regular file" in refused_file(tmp_path / "fifo")
    assert "no regular file" in refused_file(Path("/dev/null"))
    assert "link to nothing" in refused_file(tmp_path / "link")
    assert "symbolic links" in refused_file(tmp_path / "loop")
    (tmp_path / "file").write_text("")
    assert "Not a directory" in refused_file(tmp_path / "file" / "config.toml")


def test_a_file_that_may_not_be_read_is_named(ruled: Path) -> None:
    path = ruled / "config.toml"
    path.write_text(SOUND)
    load(path)
    path.chmod(0)
    assert "Permission denied" in refused_file(path)


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_file, "CONFIG_BYTES_AT_MOST", len(SOUND))
    path = tmp_path / "config.toml"
    path.write_text(SOUND)
    load(path)
    path.write_text(SOUND + "#")
    assert "is it the right file?" in refused_file(path)


@pytest.mark.parametrize(("mode", "loose"), [(0o600, None), (0o400, None), (0o640, 0o640), (0o604, 0o604)])
def test_a_mode_that_others_may_use_is_loose(tmp_path: Path, mode: int, loose: int | None) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(mode)
    assert loose_mode(path) == loose
    assert loose_mode(tmp_path / "none") is None


def problems_of(raw: bytes) -> list[str]:
    try:
        parse(raw, PATH)
    except ConfigError as error:
        return error.problems
    return []


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text("ab=[]{}.,\"'#\n\r\\1\x1bé\u202e", max_size=200).map(str.encode),
    )
)
def test_any_bytes_give_a_config_or_lines(raw: bytes) -> None:
    assert all(problem.isprintable() for problem in problems_of(raw))


@given(cut=st.integers(0, len(SOUND)))
def test_a_file_cut_anywhere_is_sound_or_refused_by_line(cut: int) -> None:
    for problem in problems_of(SOUND[:cut].encode()):
        assert re.match(rf"{PATH}:\d+: ", problem)
        assert "canary" not in problem
