"""What a check says: a finding is to be mended, a note is good to know and may be meant so."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """One line of a check; all of it safe to print. `mend` may be empty in a note."""

    level: Literal["finding", "note"]
    where: str
    what: str
    mend: str


def finding(where: str, what: str, mend: str) -> Finding:
    """Something is wrong."""
    return Finding("finding", where, what, mend)


def note(where: str, what: str, mend: str = "") -> Finding:
    """Something is unusual."""
    return Finding("note", where, what, mend)
