"""The verifying code of docs/receiving.md, run as it stands there, on true and on false signatures."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from hookconsole.delivery.signing import SigningKeys, signature_headers

DOCUMENT = Path(__file__).parents[2] / "docs" / "receiving.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BODY = '{"id":"evt_1","type":"invoice.paid","data":{"total":2500.00,"name":"Café"}}'.encode()


class Request(NamedTuple):
    """What a receiver's code is given, and whether each form is right for SECRET."""

    accbooks: str
    event_id: str
    timestamp: str
    standard: str
    body: bytes
    accbooks_right: bool
    standard_right: bool


def request(
    keys: SigningKeys, body: bytes = BODY, age: int = 0, right: tuple[bool, bool] = (False, False)
) -> Request:
    now = int(time.time()) - age
    signed = signature_headers(keys, "S", True, "evt_1", now, BODY)
    accbooks, event_id, timestamp, standard = (value.decode() for _, value in signed)
    return Request(accbooks, event_id, timestamp, standard, body, *right)


def requests() -> dict[str, Request]:
    right = request(SigningKeys(SECRET), right=(True, True))
    return {
        "right": right,
        "in a rotation": request(SigningKeys(SECRET, OTHER), right=(True, True)),
        "in a rotation, by the old secret": request(SigningKeys(OTHER, SECRET), right=(False, True)),
        "another secret": request(SigningKeys(OTHER)),
        "another body": request(SigningKeys(SECRET), BODY + b"\n"),
        "stale": request(SigningKeys(SECRET), age=400, right=(True, False)),
        "from the future": request(SigningKeys(SECRET), age=-400, right=(True, False)),
        "not ASCII": right._replace(
            accbooks="sha256=é", standard="v1,é", accbooks_right=False, standard_right=False
        ),
        "empty": right._replace(
            accbooks="", standard="", timestamp="", accbooks_right=False, standard_right=False
        ),
    }


def code(language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.M | re.S)
    return str(block)


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"the system tool {name} is missing")
    return path


def judged(command: list[str], sent: Request) -> list[bool]:
    """What a program says of one request: its arguments are the headers, its stdin is the body."""
    headers = (SECRET, sent.accbooks, sent.event_id, sent.timestamp, sent.standard)
    done = subprocess.run([*command, *headers], input=sent.body, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return list(json.loads(done.stdout))


@pytest.mark.parametrize("case", requests())
def test_python(case: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        code("python")
        + """
import json, sys
secret, accbooks, event_id, timestamp, standard = sys.argv[1:]
body = sys.stdin.buffer.read()
print(json.dumps([
    accbooks_is_right(secret, body, accbooks),
    standard_is_right(secret, body, event_id, timestamp, standard),
]))
""",
        "utf-8",
    )
    sent = requests()[case]
    command = [sys.executable, "-X", "utf8", str(program)]
    assert judged(command, sent) == [sent.accbooks_right, sent.standard_right]


@pytest.mark.parametrize("case", requests())
def test_javascript(case: str, tmp_path: Path) -> None:
    program = tmp_path / "program.js"
    program.write_text(
        code("javascript")
        + """
const [secret, accbooks, id, timestamp, standard] = process.argv.slice(2);
const body = require("node:fs").readFileSync(0);
console.log(JSON.stringify([
  accbooksIsRight(secret, body, accbooks),
  standardIsRight(secret, body, id, timestamp, standard),
]));
""",
        "utf-8",
    )
    sent = requests()[case]
    assert judged([tool("node"), str(program)], sent) == [sent.accbooks_right, sent.standard_right]


def test_shell(tmp_path: Path) -> None:
    tool("openssl")
    program = tmp_path / "program.sh"
    program.write_text(
        code("sh")
        + """
cat > "$0.body"
accbooks_signature "$1" < "$0.body"
standard_signature "$1" "$3" "$4" < "$0.body"
"""
    )
    for sent in (requests()["right"], requests()["another body"]):
        arguments = (SECRET, "", sent.event_id, sent.timestamp)
        command = [tool("sh"), str(program), *arguments]
        shown = subprocess.run(command, input=sent.body, capture_output=True, check=True).stdout
        accbooks, standard = shown.decode().splitlines()
        assert (accbooks == sent.accbooks) is sent.accbooks_right
        assert (standard == sent.standard) is sent.standard_right


def test_the_document_has_code_for_every_language() -> None:
    for language in ("python", "javascript", "go", "ruby", "php", "sh"):
        assert "sha256=" in code(language)
        assert "v1," in code(language)
