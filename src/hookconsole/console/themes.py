"""Which theme is worn: one of Textual's by its name, or `terminal`, the palette of the terminal itself."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from hookconsole.text import safe

TERMINAL = "terminal"
DEFAULT = "textual-dark"


def choose(wanted: str, known: Iterable[str], environment: Mapping[str, str]) -> tuple[str, str]:
    """The theme to wear, and what is wrong with the wanted one. With NO_COLOR it is the terminal's own."""
    if "NO_COLOR" in environment or wanted == TERMINAL:
        return ("ansi-light" if _is_light(environment) else "ansi-dark"), ""
    names = sorted(known)
    if wanted in names:
        return wanted, ""
    near = get_close_matches(wanted[:100], [*names, TERMINAL], 1)
    mend = f"did you mean {near[0]}?" if near else f"there are {', '.join([*names, TERMINAL])}"
    return DEFAULT, f"there is no theme '{safe(wanted, 64)}'; {mend}"


def _is_light(environment: Mapping[str, str]) -> bool:
    """What rxvt, konsole and others tell of their background's colour: `15;default;0`."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
