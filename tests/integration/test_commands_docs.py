"""docs/commands.md and the program agree: commands, options, help, examples, the shapes of JSON."""

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from story import story

from hookconsole.cli.commands import COMMANDS
from hookconsole.cli.main import build_parser, main
from support import RIGHT_WITHIN_PERCENT

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "commands.md").read_text("utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

NAMES_FOR_KEYS = {"data", "headers", "not_sent", "timings_ms"}
"""Objects whose keys are no part of a shape."""


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command and action, with its parser."""

    def walk(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
        yield name, parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for child, inner in action.choices.items():
                    yield from walk(f"{name} {child}".strip(), inner)

    return walk("", build_parser(COMMANDS))


PARSERS = dict(parsers())
COMMAND_NAMES = [name for name in PARSERS if name]


def section(name: str) -> str:
    """What stands under a command's heading, without its actions."""
    found = re.search(rf"^###? `{re.escape(name)}`\n(.*?)(?=^##|\Z)", TEXT, re.M | re.S)
    assert found, f"no section of {name!r}"
    return found[1]


def options(name: str) -> set[str]:
    """The arguments of a command's tables: `--data JSON|@FILE|-`, `TYPE`."""
    text = section(name) if name else TEXT.partition("\n## ")[0]
    cells = re.findall(r"^\| `((?:--|[A-Z]).*?)` \|", text, re.M)
    return {cell.replace("\\|", "|") for cell in cells}


def example(name: str) -> Any:
    """The JSON that the document shows for a command."""
    (text,) = re.findall(r"^```json\n(.*?)^```$", section(name), re.M | re.S)
    return json.loads(text)


def arguments(parser: argparse.ArgumentParser) -> set[str]:
    found = set()
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        metavar = str(action.metavar or action.dest.upper()) if action.nargs != 0 else ""
        found.add(" ".join([*action.option_strings, *([metavar] if metavar else [])]))
    return found


@pytest.mark.parametrize("name", PARSERS)
def test_every_option_is_in_the_document_and_no_other(name: str) -> None:
    documented = {re.sub(r"^(--since) \S+", r"\1", each) for each in options(name)}
    assert documented == {re.sub(r"^(--since) \S+", r"\1", each) for each in arguments(PARSERS[name])}


def test_every_command_has_a_section_and_no_other() -> None:
    assert re.findall(r"^###? `(.*)`$", TEXT, re.M) == COMMAND_NAMES


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_help_works_and_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    called = f"hookconsole {name}"
    assert shown.count(called) > 1, f"no example of {called}"
    assert "Example" in shown or "example" in shown or "to install it" in shown


@pytest.mark.parametrize("name", PARSERS)
def test_what_help_says_beneath_fits_80_columns(name: str) -> None:
    lines = (PARSERS[name].epilog or "").split("\n")
    to_copy = re.compile(r"  (\w+ +)?(echo .*)?hookconsole ")
    assert [line for line in lines if len(line) > 80 and not to_copy.match(line)] == []


def test_status_says_how_right_its_percentiles_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["status", "--help"])
    assert f"right within {RIGHT_WITHIN_PERCENT} %" in capsys.readouterr().out


# Every command line that any document shows


def command_lines(text: str) -> list[str]:
    """What a reader would paste: inline code and code blocks; usage lines and templates apart."""
    fenced = re.findall(r"^```(?:sh|console)\n(.*?)^```$", text, re.M | re.S)
    lines = [line for block in fenced for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))
    lines += re.findall(r"^    (\S.*)$", text, re.M)
    found = []
    for line in lines:
        match = re.search(r"(?:^|^\$ |\| |&& |\$\(|^\S+ \* \* \* \* |sh -c ')(hookconsole [^)]*)", line)
        if match and not re.search(r"\[-|\[E|…$|COMMAND|ACTION|\S\|\S", match[1]):
            found.append(re.split(r" (?:2?>{1,2}|<|\|{1,2}|&{1,2})(?: |$)|  +#", match[1])[0])
    return found


SHOWN = [(path.name, line) for path in DOCUMENTS for line in command_lines(path.read_text("utf-8"))]


@pytest.mark.parametrize(("document", "line"), SHOWN)
def test_commands_in_the_documents_parse(document: str, line: str) -> None:
    name, *words = shlex.split(line)
    assert name == "hookconsole"
    if " ".join(words) not in PARSERS:  # a command's name alone is no command line
        build_parser(COMMANDS).parse_args(words)


def test_there_are_many_of_them() -> None:
    assert len(SHOWN) > 60


# JSON


def shape(value: Any, key: str = "") -> Any:
    """Keys in their order, however deep; of lists the first entry."""
    if isinstance(value, dict):
        if key in NAMES_FOR_KEYS:
            return "names"
        return {name: shape(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], dict) else "list"
    return "value"


ENDPOINT = "url = 'http://127.0.0.1:9/'\nevents = ['*']\nsecret = 'whsec_x'\nheaders = { X-Tenant = '1' }\n"


@pytest.fixture
def store(tmp_path: Path) -> list[str]:
    """The global options of a store in which a lot has happened."""
    config = tmp_path / "config.toml"
    names = ("acme", "bolt", "off")
    loopback = "[security]\nhttps_only = false\nallow_networks = ['127.0.0.0/8']\n"
    config.write_text(loopback + "".join(f"[endpoints.{name}]\n{ENDPOINT}" for name in names))
    config.chmod(0o600)
    story(tmp_path / "journal").appender.close()
    return ["--config", str(config), "--state", str(tmp_path)]


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("emit", "invoice.paid", 0),
        ("endpoints list", "", 0),
        ("endpoints add", "next --url http://127.0.0.1:9/ --events *", 0),
        ("endpoints test", "acme", 1),
        ("endpoints rotate-secret", "acme", 0),
        ("logs", "acme --event old", 0),
        ("trace", "sent", 0),
        ("retry", "again --endpoint bolt", 0),
        ("replay", "list", 0),
        ("cancel", "pending --endpoint acme", 0),
        ("status", "", 1),
        ("check", "", None),
    ],
)
def test_json_has_the_documented_shape(
    name: str, given: str, code: int | None, store: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    documented = example(name)
    assert code in (main([*store, *name.split(), *given.split(), "--json"]), None)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert shape(documented) in [shape(each) for each in printed]


def test_json_of_accepted_removals(store: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path(store[1]).write_text("")
    assert main([*store, "endpoints", "accept-removals", "--json"]) == 0
    assert shape(json.loads(capsys.readouterr().out)) == shape(example("endpoints accept-removals"))
