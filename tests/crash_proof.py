"""The proof over many moments: each crash image of each is recovered by the real code, and judged.

With `again`, the recovery itself is crashed after each of its operations, and what is left recovered again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crash_checks import BrokenPromiseError, check, deliver, go_on, images, worst
from simulated_machine import Machine
from simulated_site import Moment, Site


@dataclass
class Proof:
    """What was recovered so far. Images that were seen with the same promises aren't tried twice.

    `at_most`: images of a power loss at one moment. `goes_on`: whether new events are accepted then.
    `delivers`: whether a sender goes on from what a kill left, and from the worst of a power loss.
    `again`: images of a power loss at each moment of a recovery.
    """

    machine: Machine
    at_most: int
    goes_on: bool = True
    delivers: bool = False
    again: int = 0
    images: int = 0
    delivered: int = 0
    second_images: int = 0
    _seen: set[int] = field(default_factory=set)

    def of(self, moments: Sequence[Moment]) -> "Proof":
        """Crash at each of these moments, in each way. BrokenPromiseError says where and what."""
        for moment in moments:
            for count, (disk, lost) in enumerate(images(moment.disk, self.at_most)):
                promises = moment.promises.copy()
                promises.power_lost = promises.power_lost or lost
                state = hash((disk.tree(), promises.told_apart()))
                if state in self._seen:
                    continue
                self._seen.add(state)
                site = Site(self.machine, promises)
                self.machine.crash(disk)
                self.machine.clock.wall = moment.wall
                try:
                    self._recover(site, with_sender=self.delivers and count < 2)
                except BrokenPromiseError as broken:
                    how = "power loss" if lost else "kill"
                    raise BrokenPromiseError(f"{how} after {moment.after}: {broken}") from None
        return self

    def _recover(self, site: Site, *, with_sender: bool) -> None:
        self.images += 1
        if self.again:
            site.record()
        check(site)
        if not self.goes_on:
            return
        go_on(site, "evt_recovered")
        if with_sender:
            self.delivered += 1
            deliver(site)
            check(site)
        moments, site.moments = site.moments, []
        site.promises.power_lost = True
        self.machine.crash(worst(self.machine.disk))
        check(site)
        if self.again:
            inner = Proof(self.machine, self.again, goes_on=False, _seen=self._seen).of(moments)
            self.second_images += inner.images
