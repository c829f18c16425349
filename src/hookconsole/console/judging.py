"""What the console would pass over with a word in its own settings: for `check`, which opens no screen."""

from collections.abc import Iterator

from textual.theme import BUILTIN_THEMES

from hookconsole.config.model import Console
from hookconsole.console.keymap import usable
from hookconsole.console.themes import choose


def problems(settings: Console) -> Iterator[tuple[str, str]]:
    """Each with its key in [console], as `what; mend`."""
    for problem in usable(settings.keys)[1]:
        yield "keys", problem
    _, problem = choose(settings.theme, BUILTIN_THEMES, {})
    if problem:
        yield "theme", problem
