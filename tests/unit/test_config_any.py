"""Any text is a config, or is refused by line and key: without a secret, never by an error of ours.

Files are made of TOML's grammar, and of the sample file with parts cut, doubled and replaced.
"""

import re
from pathlib import Path

from documents import ROOT
from hypothesis import example, given
from hypothesis import strategies as st

from hookconsole.config.load import ConfigError, parse
from hookconsole.config.schema import KEYS

PATH = Path("/etc/hookconsole/config.toml")
SAMPLE = (ROOT / "sample_config.toml").read_text("utf-8")
CANARY = "canary-7f3a"


def problems_of(text: str) -> list[str]:
    """What is wrong, each with a line that the file has; none for a file that is sound."""
    problems: list[str] = []
    try:
        parse(text.encode("utf-8", "surrogatepass"), PATH)
    except ConfigError as error:
        problems = error.problems
    for problem in problems:
        found = re.match(rf"{PATH}:(\d+): ", problem)
        assert found, problem
        assert 1 <= int(found[1]) <= text.count("\n") + 1
        assert problem.isprintable()
        assert len(problem) < 1000
        assert CANARY not in problem
    return problems


NAMES = [key for keys in KEYS.values() for key in keys] + [*KEYS, "event_types", "acme", "stock.low"]
PART = st.sampled_from([*NAMES, "acme.eu", "secrect", "", "é", "a b", '"', "\\u0061"]).map(
    lambda name: name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'.replace('"""', "''")
)
KEY = st.lists(PART, min_size=1, max_size=3).map(".".join)
SCALARS = [
    *("1", "0", "-1", "+1", "0x1F", "1_000", "1.5", "1e400", "nan", "-inf", "true", "false", "9" * 30),
    *('""', "''", '"""a\nb"""', "'''a\n'''", '"\\u0000"', '"https://a.example/"', '"invoice.*"'),
    *(f'"{CANARY}\n"', f"'{CANARY}\x1b'", '"10.0.0.0/8"'),
    *("2026-04-15T14:32:00Z", "2026-04-15T14:32:00", "2026-04-15", "14:32:00"),
]
VALUE = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: "[" + ", # c\n".join(values) + "\n]"),
        st.lists(st.tuples(KEY, inner), max_size=3).map(
            lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " }"
        ),
    ),
    max_leaves=5,
)
STATEMENT = st.one_of(
    st.builds("{} = {}".format, KEY, VALUE),
    st.builds("[{}]".format, KEY),
    st.builds("[endpoints.{}]".format, PART),
    st.builds("[[{}]]".format, KEY),
    st.sampled_from(["", "# note", '"', "[", "]", "=", "x", "\\", "\0", "\ufeff", "\ud800"]),
)


@given(st.lists(STATEMENT, max_size=12), st.sampled_from(["\n", "\r\n"]))
@example(["[[endpoints]]"], "\n")
@example(["endpoints.acme = {}", "[endpoints.acme]"], "\n")
def test_whatever_tomls_grammar_gives_is_a_config_or_lines(statements: list[str], newline: str) -> None:
    problems_of(newline.join(statements) + newline)


CUTS = st.tuples(st.integers(0, len(SAMPLE)), st.integers(0, 40), VALUE | STATEMENT | st.text(max_size=3))


@given(st.lists(CUTS, min_size=1, max_size=4))
def test_the_sample_with_parts_cut_or_replaced_is_a_config_or_lines(cuts: list[tuple[int, int, str]]) -> None:
    text = SAMPLE
    for at, gone, new in cuts:
        text = text[:at] + new + text[at + gone :]
    problems_of(text)


@given(st.integers(0, len(SAMPLE)), st.integers(0, len(SAMPLE)))
def test_the_sample_without_a_piece_is_a_config_or_lines(start: int, end: int) -> None:
    problems_of(SAMPLE[: min(start, end)] + SAMPLE[max(start, end) :])


OTHERS = ["nan", "inf", "-1", '"5"', "[]", "{}", "2026-04-15", "1e400", "9" * 20]


@given(st.sampled_from(["timeout_seconds", "concurrency", "https_only"]), st.sampled_from(OTHERS))
def test_a_value_of_another_kind_is_told_at_its_own_line(key: str, other: str) -> None:
    before, found, after = SAMPLE.partition(f"\n{key} = ")
    assert found
    (problem,) = problems_of(before + found + other + after[after.index("\n") :])
    assert problem.startswith(f"{PATH}:{before.count(chr(10)) + 2}: ")
    assert key in problem


def test_the_sample_is_sound() -> None:
    assert problems_of(SAMPLE) == []
