"""docs/console.md and the table of commands agree: every key, every id, what it does, whether it writes."""

import re

from documents import read

from hookconsole.console.commands import COMMANDS
from hookconsole.console.keymap import shown

_ROW = re.compile(r"^\| (.+) \| `([a-z-]+\.[a-z-]+)` \| (.+) \|$", re.M)


def test_every_command_is_in_the_document_as_it_is() -> None:
    said = {id_: (keys.replace("`", ""), text) for keys, id_, text in _ROW.findall(read("console.md"))}
    assert said == {
        one.id: (shown(one.keys), one.help + (" (writes)" if one.writes else "")) for one in COMMANDS
    }
