"""`verify` as a command: what it prints, its exit codes, and the usage that it refuses."""

import argparse
import io
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from building import EVENT, SECRET, builders_home

from hookconsole.cli import verify
from hookconsole.delivery.signing import SigningKeys, signature_headers
from hookconsole.errors import InputError
from hookconsole.paths import Home

BODY = b'{"test": 2432232314}'
RIGHT = "sha256=80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return builders_home(tmp_path)


class Stdin(io.TextIOWrapper):
    def __init__(self, raw: bytes) -> None:
        super().__init__(io.BytesIO(raw))


@pytest.fixture
def run_verify(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str, body: bytes = BODY) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        verify.configure(parser)
        monkeypatch.setattr(sys, "stdin", Stdin(body))
        monkeypatch.chdir(home.config.parent)
        code = verify.run(parser.parse_args(arguments), home)
        return code, capsys.readouterr().out

    return run


def test_verify_says_right(run_verify: Any) -> None:
    assert run_verify("--secret-file", "secret.txt", "--signature", RIGHT) == (0, "signature: right\n")


def test_verify_says_why_it_is_wrong(run_verify: Any) -> None:
    code, shown = run_verify("--secret-file", "secret.txt", "--signature", RIGHT, body=BODY + b"\n")
    assert code == 1
    assert shown == ("signature: wrong: the body has a trailing newline: the signature matches without it\n")


def test_verify_prints_the_expected_signature(run_verify: Any) -> None:
    assert run_verify("--secret-file", "secret.txt") == (0, RIGHT + "\n")
    identity = ("--id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "--timestamp", "1614265330")
    assert run_verify("--secret-file", "secret.txt", *identity) == (
        0,
        f"{RIGHT}\nv1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n",
    )


def test_verify_takes_the_secret_of_an_endpoint(run_verify: Any) -> None:
    assert run_verify("--endpoint", "acme-erp", "--signature", RIGHT)[0] == 0


def test_verify_judges_both_forms(run_verify: Any) -> None:
    now = int(time.time())
    headers = {
        name.decode(): value.decode()
        for name, value in signature_headers(SigningKeys(SECRET), "S", True, "evt_1", now, EVENT)
    }
    standard = ("--id", "evt_1", "--timestamp", str(now), "--standard", headers["webhook-signature"])
    both = ("--secret-file", "secret.txt", "--signature", headers["S"], *standard)
    assert run_verify(*both, body=EVENT) == (0, "signature: right\nstandard: right\n")
    code, shown = run_verify("--secret-file", "secret.txt", *standard, body=EVENT[:-1])
    assert code == 1
    assert shown.startswith("standard: wrong: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--secret-file", "-", "--signature", RIGHT), "reads the body from stdin"),
        (("--secret-file", "none.txt"), "none.txt: No such file"),
        (("--secret-file", "."), "Is a directory"),
        (("--secret-file", "empty.txt"), "is empty"),
        (("--secret-file", "binary.txt"), "isn't UTF-8"),
        (("--secret-file", "plain.txt", "--id", "a", "--timestamp", "1"), "24 to 64 bytes"),
        (("--secret-file", "secret.txt", "--id", "evt_1"), "belong together"),
        (("--secret-file", "secret.txt", "--standard", "v1,x"), "needs --id and --timestamp"),
        (("--secret-file", "secret.txt", "--id", "\udce9", "--timestamp", "1"), "printable ASCII"),
        (("--endpoint", "acme"), "no endpoint 'acme' in the registry; did you mean acme-erp?"),
    ],
)
def test_verify_refuses_wrong_usage(
    run_verify: Any, home: Home, arguments: tuple[str, ...], words: str
) -> None:
    for name, content in {"empty": b"\n", "binary": b"\xff", "plain": b"plain"}.items():
        (home.config.parent / f"{name}.txt").write_bytes(content)
    with pytest.raises(InputError) as caught:
        run_verify(*arguments)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


def test_verify_needs_a_secret(run_verify: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run_verify("--signature", RIGHT)
    assert caught.value.code == 2


def test_a_body_has_its_bound(run_verify: Any) -> None:
    arguments = ("--secret-file", "secret.txt")
    assert run_verify(*arguments, body=b"x" * verify.BODY_BYTES_AT_MOST)[0] == 0
    with pytest.raises(InputError, match="the body on stdin is over 1 MiB; is it"):
        run_verify(*arguments, body=b"x" * (verify.BODY_BYTES_AT_MOST + 1))
