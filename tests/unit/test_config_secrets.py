"""Secrets: generated strong, read late, never shown."""

import base64
import os
from pathlib import Path

import pytest

from hookconsole.config.secrets import SecretSource, SecretUnavailableError, generate


def reason(source: SecretSource) -> str:
    with pytest.raises(SecretUnavailableError) as raised:
        source.read()
    message = str(raised.value)
    assert "\n" not in message
    assert raised.value.__cause__ is None
    return message


def in_file(tmp_path: Path, content: bytes) -> SecretSource:
    path = tmp_path / "secret"
    path.write_bytes(content)
    return SecretSource("file", str(path))


def test_a_generated_secret_is_32_random_bytes() -> None:
    made = {generate() for _ in range(100)}
    assert len(made) == 100
    for secret in made:
        assert secret.startswith("whsec_")
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32


def test_the_source_hides_an_inline_secret() -> None:
    source = SecretSource("inline", "canary")
    assert source.read() == "canary"
    assert "canary" not in repr(source)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_file_holds_the_secret_and_at_most_one_line_end(tmp_path: Path, end: bytes) -> None:
    assert in_file(tmp_path, b" whsec_abc " + end).read() == " whsec_abc "


def test_a_file_is_read_at_every_use(tmp_path: Path) -> None:
    source = in_file(tmp_path, b"one")
    assert source.read() == "one"
    in_file(tmp_path, b"two")
    assert source.read() == "two"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"canary\nother", "one line"),
        (b"canary\n\n", "one line"),
        (b"canary\x1b", "printable"),
        (b"canary\0", "printable"),
        (b"\xef\xbb\xbfcanary", "printable"),
        (b"canary\xff", "UTF-8"),
        (b"canary" * 1000, "longer"),
        (b"c" * 4097, "longer"),
        (b"c" * 4097 + b"\n", "longer"),
    ],
)
def test_what_is_no_secret_is_unavailable(tmp_path: Path, content: bytes, why: str) -> None:
    message = reason(in_file(tmp_path, content))
    assert why in message
    assert str(tmp_path) in message
    assert "canary" not in message


def test_a_secret_may_have_four_kibibytes(tmp_path: Path) -> None:
    assert in_file(tmp_path, b"c" * 4096 + b"\n").read() == "c" * 4096


def test_no_file_a_folder_or_a_fifo_is_unavailable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert "No such file" in reason(SecretSource("file", str(tmp_path / "none")))
    assert "no regular file" in reason(SecretSource("file", str(tmp_path)))
    assert "no regular file" in reason(SecretSource("file", str(tmp_path / "fifo")))


def test_a_file_that_may_not_be_read_is_unavailable(ruled: Path) -> None:
    source = in_file(ruled, b"canary")
    assert source.read() == "canary"
    (ruled / "secret").chmod(0)
    assert "Permission denied" in reason(source)


def test_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SecretSource("env", "HC_TEST_SECRET")
    monkeypatch.delenv("HC_TEST_SECRET", raising=False)
    assert "secret_env HC_TEST_SECRET isn't set" in reason(source)
    monkeypatch.setenv("HC_TEST_SECRET", "")
    assert "is empty" in reason(source)
    monkeypatch.setenv("HC_TEST_SECRET", "bad\udcff")
    assert "printable" in reason(source)
    monkeypatch.setenv("HC_TEST_SECRET", "good")
    assert source.read() == "good"
