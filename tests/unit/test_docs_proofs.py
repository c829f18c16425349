"""Each promise in the documents names tests that prove it, and each test that is named is there."""

import re

import pytest
from documents import DOCUMENTS, ROOT, read

FILES = {path.stem: path for path in (ROOT / "tests").rglob("test_*.py")}
PROMISING = ("reliability.md", "security.md")
NAMED = re.compile(r"`(test_\w+)(?:::(\w+))?`")


def promises(name: str) -> list[tuple[str, str]]:
    """The first and the last cell of each row of the tables that say what proves it."""
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", read(name), re.M):
        head, _, *rows = table.splitlines()
        if head.endswith("| proven by |"):
            cells = [re.split(r" \| ", row.strip("| ")) for row in rows]
            found += [(row[0], row[-1]) for row in cells]
    return found


@pytest.mark.parametrize("name", PROMISING)
def test_every_promise_names_a_test(name: str) -> None:
    table = promises(name)
    assert len(table) > 10
    assert [promise for promise, proof in table if not NAMED.search(proof)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_test_that_is_named_is_there(name: str) -> None:
    for file, function in NAMED.findall(read(name)):
        assert file in FILES, file
        code = FILES[file].read_text("utf-8")
        assert re.search(rf"^ *(async )?def test_{function}\(", code, re.M) or not function, function


def test_a_name_of_a_file_says_which() -> None:
    assert len(FILES) == len(list((ROOT / "tests").rglob("test_*.py")))
