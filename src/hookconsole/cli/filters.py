"""What `logs` and `replay` choose deliveries by: states and event types, several by commas."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookconsole.errors import InputError
from hookconsole.text import safe

if TYPE_CHECKING:
    from hookconsole.operating.desk import Desk


def chosen_states(text: str | None, known: Sequence[str]) -> tuple[str, ...]:
    """The states that are meant, () for all; InputError for one that isn't known."""
    states = () if text is None else tuple(text.split(","))
    for state in states:
        if state not in known:
            raise InputError(f"--state '{safe(state, 60)}' is none of {', '.join(known)}")
    return states


def chosen_types(desk: "Desk", text: str | None) -> tuple[str, ...]:
    """The types and families that are meant, () for all; InputError for one that nobody knows."""
    from hookconsole.operating.logbook import check_type

    types = () if text is None else tuple(text.split(","))
    for wanted in types:
        check_type(desk, wanted)
    return () if "*" in types else types
