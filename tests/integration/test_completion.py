"""Completion in real shells: the printed script is loaded, and completes commands, endpoints and types."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hookconsole

CONFIG = """\
[event_types]
"stock.low" = "A stock level fell"
[endpoints.acme-crm]
url = "https://acme.example/crm"
events = ["*"]
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
description = "ACME: customers"
[endpoints.acme-erp]
url = "not valid, and named all the same"
[endpoints."beta.eu"]
[endpoints."$(reboot)"]
"""

BASH = """\
eval "$(hookconsole completion bash)"
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
_python_argcomplete hookconsole
printf '%s\\n' "${COMPREPLY[@]}"
"""
# What zsh would show, it hands to _describe, by the name of an array.
ZSH = """\
autoload -Uz compinit && compinit -u -D
eval "$(hookconsole completion zsh)"
[[ $_comps[hookconsole] == _python_argcomplete ]] || exit 9
_describe() { print -rl -- ${${(P)2}%%:*} }
BUFFER=$1 CURSOR=${#1} words=(${=1})
_python_argcomplete
"""
FISH = """\
hookconsole completion fish | source
complete -C $argv[1] | string replace -r '\\t.*' ''
"""
SHELLS = {
    "bash": ["bash", "--norc", "-c", BASH, "bash"],
    "zsh": ["zsh", "-f", "-c", ZSH, "zsh"],
    "fish": ["fish", "--no-config", "-c", FISH],
}

Complete = Callable[[str], set[str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    return path


@pytest.fixture(params=SHELLS)
def complete(request: pytest.FixtureRequest, config: Path, tmp_path: Path) -> Complete:
    """What a shell offers for a line, with `hookconsole` on its path; it says nothing else."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    program = tmp_path / "bin" / "hookconsole"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hookconsole "$@"\n')
    program.chmod(0o755)
    environment = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(hookconsole.__file__).parents[1]),
        "HOME": str(tmp_path),
        "HOOKCONSOLE_CONFIG": str(config),
        "HOOKCONSOLE_STATE": str(tmp_path / "state"),
    }

    def run(line: str) -> set[str]:
        done = subprocess.run(
            [*SHELLS[request.param], line],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stderr == ""
        return {word.strip() for word in done.stdout.splitlines()} - {""}

    return run


def test_commands_and_options(complete: Complete) -> None:
    assert complete("hookconsole comp") == {"completion"}
    assert complete("hookconsole --da") == {"--daemon"}
    assert complete("hookconsole endpoints rot") == {"rotate-secret"}


@pytest.mark.parametrize(
    "before",
    ["logs", "endpoints show", "status --endpoint", "retry evt_1 --endpoint", "verify --endpoint"],
)
def test_endpoints_of_the_config_even_of_a_refused_one(complete: Complete, before: str) -> None:
    assert complete(f"hookconsole {before} ac") == {"acme-crm", "acme-erp"}
    assert complete(f"hookconsole {before} be") == {"beta.eu"}
    offered = {word for word in complete(f"hookconsole {before} ") if not word.startswith("-")}
    assert offered == {"acme-crm", "acme-erp", "beta.eu"}


def test_the_config_that_is_named_on_the_line(complete: Complete, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[endpoints.zeta]\n")
    assert complete("hookconsole --config ~/other.toml logs z") == {"zeta"}
    assert complete("hookconsole --config ~/other.toml logs a") == set()


def test_event_types(complete: Complete) -> None:
    assert complete("hookconsole emit vat") == {"vat.return_filed"}
    assert complete("hookconsole emit sto") == {"stock.low"}


def test_lists_go_on_behind_a_comma(complete: Complete) -> None:
    assert complete("hookconsole logs --state failed,can") == {"failed,canceled"}
    offered = complete("hookconsole endpoints add x --events stock.low,sto")
    assert {word.replace("\\", "") for word in offered} == {"stock.low,stock.*"}


@pytest.mark.parametrize("content", ["[[[", 'endpoints = 1\nevent_types = "x"\n', "\0", None])
def test_a_broken_config_offers_nothing_and_says_nothing(
    complete: Complete, config: Path, content: str | None
) -> None:
    config.unlink()
    if content is not None:
        config.write_text(content)
    assert complete("hookconsole logs ac") == set()
    assert complete("hookconsole emit vat") == {"vat.return_filed"}
