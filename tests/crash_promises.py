"""What emitters, operators and receivers were promised by a site that may crash."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Key = tuple[str, str]
"""A delivery: event and endpoint."""


@dataclass
class Promises:
    """What others may rely on.

    `accepted` has the endpoints that each event must reach; `ended` deliveries have a durable outcome;
    `replays` were begun; `dropped` deliveries may stay undelivered, `canceled` ones must; records of `past`
    events and `told` outcomes may be off the disk, `gone` segments are.
    """

    emitted: dict[str, bytes] = field(default_factory=dict)
    accepted: dict[str, frozenset[str]] = field(default_factory=dict)
    ended: set[Key] = field(default_factory=set)
    replays: set[str] = field(default_factory=set)
    dropped: set[Key] = field(default_factory=set)
    canceled: set[Key] = field(default_factory=set)
    past: set[str] = field(default_factory=set)
    told: set[Key] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    requests: list[Key] = field(default_factory=list)
    answered: set[Key] = field(default_factory=set)
    configs: list[bytes | None] = field(default_factory=lambda: [None])
    power_lost: bool = False

    def copy(self) -> "Promises":
        """As they are now. An edit under way adds the content that it leads to."""
        return Promises(
            dict(self.emitted),
            dict(self.accepted),
            set(self.ended),
            set(self.replays),
            set(self.dropped),
            set(self.canceled),
            set(self.past),
            set(self.told),
            set(self.gone),
            list(self.requests),
            set(self.answered),
            self.configs,
            self.power_lost,
        )

    def without(self, events: Iterable[str]) -> "Promises":
        """What is left of them when nothing need be known of these events any more."""
        left = self.copy()
        for event in events:
            left.accepted.pop(event, None)
            for keys in (left.ended, left.dropped, left.canceled, left.told):
                keys.difference_update([key for key in keys if key[0] == event])
            left.requests = [key for key in left.requests if key[0] != event]
        return left

    def told_apart(self) -> object:
        """What tells them from others of the same site."""
        sets = (self.accepted, self.ended, self.replays, self.dropped, self.canceled, self.past, self.gone)
        return *map(frozenset, sets), tuple(self.requests), tuple(self.configs), self.power_lost
