"""Which event types there are to choose from, and what a choice of patterns covers. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

EVERYTHING = "*"


class Offer(NamedTuple):
    """One pattern that can be chosen, and what it stands for."""

    pattern: str
    description: str


def offers(types: Mapping[str, str]) -> list[Offer]:
    """`*`, then each family before its members; `types` are names with descriptions."""
    members: dict[str, int] = {}
    for name in types:
        parts = name.split(".")
        for length in range(1, len(parts)):
            family = ".".join(parts[:length]) + ".*"
            members[family] = members.get(family, 0) + 1
    found = [Offer(name, description) for name, description in types.items()]
    found += [Offer(name, "1 type" if n == 1 else f"all {n} of them") for name, n in members.items()]
    found.sort(key=lambda offer: offer.pattern.replace("*", "").split("."))
    return [Offer(EVERYTHING, f"all {len(types)} types, and those to come"), *found]


def covers(pattern: str, wanted: str) -> bool:
    """Whether what `wanted` stands for is in what `pattern`, another one, stands for."""
    if pattern == wanted:
        return False
    return pattern == EVERYTHING or (pattern.endswith(".*") and wanted.startswith(pattern[:-1]))


def covered(chosen: Iterable[str], wanted: str) -> bool:
    """Whether a pattern needn't be chosen, as another one has it."""
    return any(covers(pattern, wanted) for pattern in chosen)


def subscribed(chosen: Collection[str], types: Iterable[str]) -> int:
    """How many of the types the chosen patterns stand for."""
    return sum(name in chosen or covered(chosen, name) for name in types)


def toggled(chosen: Iterable[str], pattern: str) -> list[str]:
    """The choice with a pattern more or less; a wider one takes the place of those that it covers."""
    before = list(chosen)
    if pattern in before:
        return [one for one in before if one != pattern]
    return [*(one for one in before if not covers(pattern, one)), pattern]


def matching(offered: Iterable[Offer], words: str) -> list[Offer]:
    """The offers that have all of the words, in name or description."""
    wanted = words.lower().split()
    return [
        offer
        for offer in offered
        if all(word in f"{offer.pattern} {offer.description}".lower() for word in wanted)
    ]


def patterns(text: str) -> list[str]:
    """The patterns that a line names, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[,\s]+", text) if part))
