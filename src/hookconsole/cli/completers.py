"""What the shell offers for an argument: endpoints, event types and states, as the files say now.

Nothing here fails or prints: what can't be read offers nothing. A config that is refused still names its
endpoints, as long as it is TOML. Whatever costs an import is imported when the shell asks.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping

Completer = Callable[..., Iterable[str]]

_NAME = r"[A-Za-z0-9._-]{1,128}"
"""Names that any shell may be given as they are; a config that is refused could hold others."""


def completed(action: argparse.Action, completer: Completer) -> None:
    """Have the shell offer what `completer` says for an argument."""
    action.completer = completer  # type: ignore[attr-defined]


def nothing(**_: object) -> tuple[str, ...]:
    """Where a file's name, which a shell offers by itself, can't be meant."""
    return ()


def endpoint_names(parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
    """The endpoints of the config, with their descriptions."""
    table = _document(parsed_args).get("endpoints")
    return _described(table if isinstance(table, dict) else {}, "description")


def event_types(parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
    """The built-in types and the company's own."""
    from hookconsole.events.catalogue import BUILT_IN

    table = _document(parsed_args).get("event_types")
    own = _described(table if isinstance(table, dict) else {})
    return {**BUILT_IN, **own}


def subscriptions(prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """Types, families and `*`, several by commas."""
    return _listed(prefix, ["*", *_types_and_families(parsed_args)])


def type_filters(prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """Types and families, several by commas."""
    return _listed(prefix, [*_types_and_families(parsed_args), "webhook.test"])


def states(*names: str) -> Completer:
    """States, several by commas."""

    def complete(prefix: str, **_: object) -> list[str]:
        return _listed(prefix, names)

    return complete


def _types_and_families(parsed_args: argparse.Namespace) -> list[str]:
    types = list(event_types(parsed_args))
    families = dict.fromkeys(name.partition(".")[0] + ".*" for name in types if "." in name)
    return [*types, *families]


def _listed(prefix: str, words: Iterable[str]) -> list[str]:
    """`prefix` with its last word replaced by each of `words` that isn't in it yet."""
    before, comma, _ = prefix.rpartition(",")
    given = before.split(",")
    return [before + comma + word for word in words if word not in given]


def _described(table: Mapping[str, object], key: str | None = None) -> dict[str, str]:
    import re

    from hookconsole.text import safe

    described = {}
    for name, value in table.items():
        text = value.get(key) if key is not None and isinstance(value, dict) else value
        if re.fullmatch(_NAME, name):
            described[name] = safe(text, 60) if isinstance(text, str) else ""
    return described


def _document(parsed_args: argparse.Namespace) -> Mapping[str, object]:
    import tomllib

    from hookconsole.config.file import read
    from hookconsole.paths import home

    try:
        # The shell has expanded nothing of the line so far.
        found = read(home(getattr(parsed_args, "config_file", None), None).config.expanduser())
        return tomllib.loads(found.raw.decode()) if found else {}
    except Exception:
        # An error would be written over the line that is being typed.
        return {}
